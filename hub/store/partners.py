"""Partners, what they agreed, and the tokens they show."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import LiteralString

from psycopg.types.json import Jsonb

from hub.errors import Conflict, NotFound, Reject
from hub.model.account import Account, Caller, Role
from hub.model.agreement import Agreement, Grant, Granted
from hub.model.profile import Profile, Stage
from hub.model.query import Condition, Sort
from hub.ports import Page, StageStep
from hub.store import measures, storable
from hub.store.listing import Listing, day, number, text
from hub.store.transaction import Row, Transaction, page


class StoredPartnerBook:
    """`hub.ports.PartnerBook`."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def profiles(self) -> list[Profile]:
        rows = await self._transaction.rows(
            """SELECT DISTINCT ON (p.name) v.body, s.stage FROM profile_version v JOIN partner p ON p.id = v.partner_id
               LEFT JOIN LATERAL (SELECT stage FROM partner_stage WHERE partner_id = p.id ORDER BY id DESC LIMIT 1)
                 AS s ON true
               ORDER BY p.name, v.version DESC""")
        return [Profile.model_validate(r["body"]["profile"] | ({"stage": r["stage"]} if r["stage"] else {}))
                for r in rows]

    async def agreements(self) -> list[Agreement]:
        rows = await self._transaction.rows(
            """SELECT DISTINCT ON (a.name) v.body FROM agreement_version v JOIN agreement a ON a.id = v.agreement_id
               ORDER BY a.name, v.version DESC""")
        return [Agreement.model_validate(r["body"]) for r in rows]

    async def arranged(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[str]:
        rows = await ARRANGED.rows(
            self._transaction, "SELECT a.name AS public_id", where=where, order=order, limit=limit + 1, after=after)
        return page(rows, limit, lambda row: str(row["public_id"]))

    async def granted(self) -> list[Granted]:
        rows = await self._transaction.rows(GRANTED, me=self._transaction.partner_id)
        return [_granted(key, list(found)) for key, found in groupby(rows, lambda row: row["agreement"])]

    async def overlays(self) -> dict[str, dict[str, str]]:
        rows = await self._transaction.rows(
            """SELECT DISTINCT ON (p.name) p.name, v.overlays FROM profile_version v
               JOIN partner p ON p.id = v.partner_id
               ORDER BY p.name, v.version DESC""")
        return {r["name"]: r["overlays"] for r in rows}

    async def revision(self) -> int:
        revision: int = await self._transaction.scalar("SELECT state FROM master_state")
        return revision

    # -- stages ----------------------------------------------------------------------------------------------------

    async def move(self, partner: str, stage: Stage, actor: str, reason: str) -> Stage | None:
        """Who moves one partner at the same time as another waits for the other."""
        key = await self._transaction.partner_key(partner)
        await self._transaction.scalar("SELECT id FROM partner WHERE id = %(key)s FOR UPDATE", key=key)
        before: Stage | None = await self._transaction.scalar(
            "SELECT stage FROM partner_stage WHERE partner_id = %(key)s ORDER BY id DESC LIMIT 1", key=key)
        if before == stage:
            return None
        await self._transaction.execute(
            """INSERT INTO partner_stage (partner_id, stage, actor, reason)
               VALUES (%(key)s, %(stage)s, %(actor)s, %(reason)s)""",
            key=key, stage=stage, actor=storable.text(actor), reason=storable.text(reason))
        return before or "live"

    async def stages(self, partner: str) -> list[StageStep]:
        rows = await self._transaction.rows(
            """SELECT stage, actor, reason, known_at FROM partner_stage WHERE partner_id = %(key)s ORDER BY id""",
            key=await self._transaction.partner_key(partner))
        return [StageStep(r["stage"], r["actor"], r["reason"], r["known_at"]) for r in rows]

    # -- profiles and agreements -----------------------------------------------------------------------------------

    async def put(self, profile: Profile, agreements: Sequence[Agreement], overlays: Mapping[str, str]) -> bool:
        partner = await self._partner(profile.name, profile.gln)
        body = {
            "profile": profile.model_dump(mode="json"), "agreements": [a.model_dump(mode="json") for a in agreements]}
        canonical = json.dumps([body, dict(overlays)], sort_keys=True, ensure_ascii=False)
        digest = hashlib.sha256(canonical.encode()).hexdigest()
        last = await self._transaction.row(
            "SELECT version, digest FROM profile_version WHERE partner_id = %(partner)s ORDER BY version DESC LIMIT 1",
            partner=partner)
        if last is not None and last["digest"] == digest:
            return False
        await self._transaction.execute(
            """INSERT INTO profile_version (partner_id, version, digest, body, overlays)
               VALUES (%(partner)s, %(version)s, %(digest)s, %(body)s, %(overlays)s)""",
            partner=partner, version=1 if last is None else last["version"] + 1, digest=digest, body=Jsonb(body),
            overlays=Jsonb(dict(overlays)))
        if last is None:
            await self.move(profile.name, profile.stage, "profile", "This is where its profile lets it begin.")
        for agreement in agreements:
            await self._put_agreement(agreement)
        await self._schedule_fetching(profile)
        return True

    async def _schedule_fetching(self, profile: Profile) -> None:
        """Who hosts an SFTP server is visited by the clock; who does so no more is not."""
        terms = profile.sftp
        fetches = terms is not None and terms.get is not None
        minutes = terms.every_minutes if terms is not None else 60
        await self._transaction.execute(
            """INSERT INTO schedule (name, cron, job, arguments, enabled)
               SELECT %(name)s, %(cron)s, 'fetch', %(arguments)s, %(fetches)s
               WHERE %(fetches)s OR EXISTS (SELECT 1 FROM schedule WHERE name = %(name)s)
               ON CONFLICT (name) DO UPDATE SET cron = excluded.cron, enabled = excluded.enabled""",
            name=f"fetch {profile.name}", cron="0 * * * *" if minutes == 60 else f"*/{minutes} * * * *",
            arguments=Jsonb({"partner": profile.name}), fetches=fetches)

    async def _partner(self, name: str, gln: str | None = None) -> int:
        """The row of that name, locked; made if an agreement or a profile names it for the first time."""
        key: int = await self._transaction.scalar(
            """INSERT INTO partner (name, gln) VALUES (%(name)s, %(gln)s)
               ON CONFLICT (name) DO UPDATE SET gln = coalesce(excluded.gln, partner.gln) RETURNING id""",
            name=name, gln=gln)
        return key

    async def _put_agreement(self, agreement: Agreement) -> None:
        key = await self._transaction.scalar(
            """INSERT INTO agreement (name, valid_from, valid_to, items, locations, body)
               VALUES (%(name)s, %(valid_from)s, %(valid_to)s, %(items)s, %(locations)s, %(body)s)
               ON CONFLICT (name) DO UPDATE SET valid_from = excluded.valid_from, valid_to = excluded.valid_to,
                 items = excluded.items, locations = excluded.locations, body = excluded.body RETURNING id""",
            name=agreement.name, valid_from=agreement.valid_from, valid_to=agreement.valid_to,
            items=list(agreement.items),
            locations=list(agreement.locations), body=Jsonb(agreement.model_dump(mode="json")))
        await self._transaction.execute(
            """INSERT INTO agreement_version (agreement_id, version, body)
               SELECT %(key)s, 1 + coalesce(max(version), 0), %(body)s FROM agreement_version WHERE agreement_id =
               %(key)s""",
            key=key, body=Jsonb(agreement.model_dump(mode="json")))
        await self._transaction.execute("DELETE FROM agreement_member WHERE agreement_id = %(key)s", key=key)
        await self._transaction.execute("DELETE FROM agreement_grant WHERE agreement_id = %(key)s", key=key)
        for grant in agreement.visibility:
            await self._put_grant(key, grant)
        for member in agreement.members:
            await self._transaction.execute(
                """INSERT INTO agreement_member (agreement_id, partner_id, role, measures)
                   VALUES (%(key)s, %(partner)s, %(role)s, %(measures)s)""",
                key=key, partner=await self._partner(member.partner), role=member.role,
                measures=measures.numbers(member.sees))

    async def _put_grant(self, agreement: int, grant: Grant) -> None:
        await self._transaction.execute(
            """INSERT INTO agreement_grant (agreement_id, partner_id, tier, measures, items, locations, valid_from,
                 valid_to)
               VALUES (%(agreement)s, %(partner)s, %(tier)s, %(measures)s, %(items)s, %(locations)s, %(valid_from)s,
                 %(valid_to)s)""",
            agreement=agreement, partner=await self._partner(grant.partner), tier=grant.tier,
            measures=measures.numbers(grant.sees), items=list(grant.items), locations=list(grant.locations),
            valid_from=grant.valid_from, valid_to=grant.valid_to)

    # -- who comes in ----------------------------------------------------------------------------------------------

    async def accounts(self, partner: str) -> list[Account]:
        rows = await self._transaction.rows(
            ACCOUNT + "WHERE p.name = %(partner)s ORDER BY a.name", partner=partner)
        return [_account(row) for row in rows]

    async def account(self, partner: str, name: str) -> Account:
        row = await self._transaction.row(
            ACCOUNT + "WHERE (p.name, a.name) = (%(partner)s, %(name)s)",
            partner=partner, name=name)
        if row is None:
            raise NotFound(f"{partner!r} has no account {name!r}")
        return _account(row)

    async def open_account(self, partner: str, name: str, kind: str, role: Role) -> Account:
        if not await self._open(partner, name, kind, role):
            raise Reject("There is an account of this name already.", reason="ALREADY_EXISTS")
        return await self.account(partner, name)

    async def change_account(
        self, partner: str, name: str, *, role: Role | None = None, disabled: bool | None = None,
        revision: int | None = None,
    ) -> Account:
        before = await self.account(partner, name)
        if not await self._transaction.execute(
            """UPDATE account SET role = coalesce(%(role)s, role), revision = revision + 1, disabled_at = CASE
                 WHEN %(disabled)s::boolean IS NULL THEN disabled_at WHEN %(disabled)s THEN coalesce(disabled_at, now())
               END
               WHERE partner_id = %(key)s AND name = %(name)s AND revision = %(revision)s""",
            key=await self._transaction.partner_key(partner), name=name, role=role, disabled=disabled,
            revision=before.revision if revision is None else revision,
        ):
            raise Conflict("somebody else has changed this account")
        return await self.account(partner, name)

    async def _open(self, partner: str, name: str, kind: str, role: Role) -> bool:
        return bool(await self._transaction.execute(
            """INSERT INTO account (partner_id, name, kind, role) VALUES (%(key)s, %(name)s, %(kind)s, %(role)s)
               ON CONFLICT DO NOTHING""",
            key=await self._transaction.partner_key(partner), name=name, kind=kind, role=role))

    async def issue_token(
        self, partner: str, label: str, *, role: Role = "admin", expires: datetime | None = None,
        overlap: timedelta | None = None,
    ) -> str:
        """256 random bits, so that a plain SHA-256 keeps them secret."""
        await self._open(partner, label, "service", role)
        key, token = await self._transaction.partner_key(partner), "hub_" + secrets.token_urlsafe(32)
        if overlap is not None:
            await self._transaction.execute(
                """UPDATE credential SET expires_at = least(expires_at, now() + %(overlap)s)
                   WHERE partner_id = %(key)s AND label = %(label)s AND revoked_at IS NULL""",
                key=key, label=label, overlap=overlap)
        await self._transaction.execute(
            """INSERT INTO credential (partner_id, account_id, label, token_hash, expires_at)
               SELECT %(key)s, id, name, %(hash)s, %(expires)s FROM account
               WHERE partner_id = %(key)s AND name = %(label)s""",
            key=key, label=label, hash=_hash(token), expires=expires)
        return token

    async def revoke_tokens(self, partner: str, label: str) -> int:
        """Revoke all tokens of that label. Raises NotFound when there is none in force."""
        revoked = await self._transaction.execute(
            """UPDATE credential SET revoked_at = now()
               WHERE partner_id = %(partner)s AND label = %(label)s AND revoked_at IS NULL""",
            partner=await self._transaction.partner_key(partner), label=label)
        if not revoked:
            raise NotFound(f"{partner!r} has no token {label!r} in force")
        return revoked

    async def callers_of_tokens(self, tokens: Collection[str]) -> dict[str, Caller]:
        shown = list(tokens)
        rows = await self._transaction.rows(OF_TOKENS, hashes=[_hash(token) for token in shown])
        return {shown[row["place"] - 1]: _caller(row) for row in rows}

    async def callers_of_glns(self, proofs: Collection[tuple[str, str | None]]) -> dict[tuple[str, str | None], Caller]:
        shown = list(proofs)
        rows = await self._transaction.rows(
            OF_GLNS, glns=[gln for gln, _ in shown], accounts=[account for _, account in shown])
        return {shown[row["place"] - 1]: _caller(row) for row in rows}


OF_TOKENS: LiteralString = """
    SELECT shown.place, c.partner, c.account, c.role
    FROM unnest(%(hashes)s::bytea[]) WITH ORDINALITY AS shown (hash, place)
    CROSS JOIN LATERAL hub_caller_of_token(shown.hash) AS c"""
OF_GLNS: LiteralString = """
    SELECT shown.place, c.partner, c.account, c.role
    FROM unnest(%(glns)s::text[], %(accounts)s::text[]) WITH ORDINALITY AS shown (gln, account, place)
    CROSS JOIN LATERAL hub_caller_of_gln(shown.gln, shown.account) AS c"""


def _caller(row: Row) -> Caller:
    return Caller(partner=row["partner"], account=row["account"], role=row["role"])


ARRANGED = Listing(
    """FROM agreement a LEFT JOIN LATERAL (
         SELECT body FROM agreement_version WHERE agreement_id = a.id ORDER BY version DESC LIMIT 1) AS v ON true""",
    {
        "name": text("a.name"), "start_date": day("(v.body ->> 'valid_from')::date"),
        "end_date": day("(v.body ->> 'valid_to')::date"),
        "frozen_weeks": number("(v.body #>> '{fences,frozen}')::float8"),
        "slushy_weeks": number("(v.body #>> '{fences,slushy}')::float8"),
        "settlement_rule": text("(v.body ->> 'settlement')"),
        "settle_days": number("(v.body ->> 'settle_days')::float8"),
        "horizon_weeks": number("(v.body ->> 'horizon_weeks')::float8"),
        "currency_code": text("(v.body ->> 'currency')"),
        "release": text("(v.body #>> '{replenishment,release}')"),
    }, public=text("a.name"), key=text("a.name").collate("C"), newest_first=False)
"""Agreements by what is in force of them; row-level security leaves no version, and so no value, of those of others."""

GRANTED: LiteralString = """
    SELECT a.name AS agreement, p.name AS partner, g.tier, g.measures, g.items, g.locations, g.valid_from, g.valid_to,
      (SELECT b.name FROM agreement_member m JOIN partner b ON b.id = m.partner_id
       WHERE m.agreement_id = a.id AND m.role = 'buyer') AS buyer,
      (SELECT s.name FROM agreement_member m JOIN partner s ON s.id = m.partner_id
       WHERE m.agreement_id = a.id AND m.role = 'seller') AS seller
    FROM agreement_grant g JOIN agreement a ON a.id = g.agreement_id JOIN partner p ON p.id = g.partner_id
    WHERE g.partner_id = %(me)s ORDER BY a.name, g.id"""


def _granted(agreement: str, rows: Sequence[Row]) -> Granted:
    return Granted(agreement=agreement, buyer=rows[0]["buyer"], seller=rows[0]["seller"], grants=tuple(
        Grant(partner=row["partner"], tier=row["tier"], sees=tuple(measures.WORD[one] for one in row["measures"]),
              items=tuple(row["items"]), locations=tuple(row["locations"]), valid_from=row["valid_from"],
              valid_to=row["valid_to"]) for row in rows))


ACCOUNT: LiteralString = """
    SELECT a.name, a.kind, a.role, a.known_at AS created_at, a.disabled_at, a.revision
    FROM account a JOIN partner p ON p.id = a.partner_id """


def _account(row: Row) -> Account:
    return Account.model_validate(row)


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
