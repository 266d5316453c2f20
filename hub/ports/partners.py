"""Partners, their accounts and stages, and what their tests left behind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from hub.model.account import Account, Caller, Role
from hub.model.agreement import Agreement, Granted
from hub.model.profile import Profile, Stage
from hub.model.query import Condition, Sort
from hub.ports.page import Page


@dataclass(frozen=True, slots=True)
class StageStep:
    """One step of a partner's way to being live: who said so, why, when."""

    stage: Stage
    actor: str
    reason: str
    at: datetime


class PartnerBook(Protocol):
    async def profiles(self) -> list[Profile]:
        """As applied, each at the stage that it has now."""

    async def agreements(self) -> list[Agreement]:
        """By name; a partner's door shows those that it is a member of."""

    async def arranged(
        self, *, limit: int = 50, after: str | None = None, where: Condition | None = None, order: Sequence[Sort] = (),
    ) -> Page[str]:
        """The names of `agreements` and of `granted`, page by page; of the latter nothing else has a value here."""

    async def granted(self) -> list[Granted]:
        """What agreements of others let the caller of a door see today, by their name; nobody else is granted
        anything."""

    async def put(self, profile: Profile, agreements: Sequence[Agreement], overlays: Mapping[str, str]) -> bool:
        """Version a partner's profile, agreements and overlay tables; False when nothing changed."""

    async def overlays(self) -> Mapping[str, Mapping[str, str]]:
        """Every partner's own tables: partner -> "x12/004010/850" -> TOML text, of the current profile versions."""

    async def revision(self) -> int:
        """Another number whenever a profile, stage, agreement, item, code, place or conversion has changed: what was
        read is then out of date. No number comes twice, not even that of a change which was taken back."""

    async def move(self, partner: str, stage: Stage, actor: str, reason: str) -> Stage | None:
        """Bring a partner to a stage; the one before, None when it is there already. Raises NotFound."""

    async def stages(self, partner: str) -> list[StageStep]:
        """How the partner came where it is; oldest first. Raises NotFound."""

    async def issue_token(
        self, partner: str, label: str, *, role: Role = "admin", expires: datetime | None = None,
        overlap: timedelta | None = None,
    ) -> str:
        """A new bearer token of the account `label`, shown once and stored as a hash. The account is opened with that
        role when there is none. `overlap`: how long its older tokens still hold (None: as before)."""

    async def revoke_tokens(self, partner: str, label: str) -> int:
        """Revoke all live tokens of that label; how many. Raises NotFound when there is none."""

    async def callers_of_tokens(self, tokens: Collection[str]) -> dict[str, Caller]:
        """Whose live tokens these are, without those that are unknown, out of date or revoked. Works without knowing
        the caller."""

    async def callers_of_glns(self, proofs: Collection[tuple[str, str | None]]) -> dict[tuple[str, str | None], Caller]:
        """Who holds client certificates with these GLNs and account names (None: none is named), without those whom
        nobody knows. Works without knowing the caller."""

    async def accounts(self, partner: str) -> list[Account]:
        """By name, closed ones too."""

    async def account(self, partner: str, name: str) -> Account:
        """Raises NotFound."""

    async def open_account(self, partner: str, name: str, kind: str, role: Role) -> Account:
        """Raises Reject ALREADY_EXISTS for a name that is taken."""

    async def change_account(
        self, partner: str, name: str, *, role: Role | None = None, disabled: bool | None = None,
        revision: int | None = None,
    ) -> Account:
        """Another role, closed or open again, from the next call on. Raises Conflict when `revision` is not the newest,
        NotFound."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a test has left in the sandbox. `what`: order (`name` its number, `detail` its state), forecast (agreement,
    measure, its first week; `count` weeks), report (likewise, its last period; `count` figures), numbers (format, range
    of control numbers that came)."""

    what: str
    name: str
    detail: str
    count: int
    at: datetime | None


class Trials(Protocol):
    """The sandbox of one partner."""

    async def of(self, partner: str, limit: int = 100) -> list[Tried]:
        """Newest first. Raises NotFound."""

    async def clear(self, partner: str) -> Mapping[str, int]:
        """Take out what its tests have left, and nothing that is live; how many rows of what. The log of the files
        stays. Raises NotFound, and Reject (HELD) under legal hold."""
