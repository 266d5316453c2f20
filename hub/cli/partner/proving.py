"""Everything that `hub partner test` tries with one partner, put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette

from adapters.transports.as2.loopback import by_as2, sides
from adapters.transports.certificates import in_use
from adapters.transports.http import HttpDoor
from adapters.transports.limits import Limits
from adapters.transports.loopback import Caught, Leg, by_door, by_folder, by_mailbox, by_push, proven
from adapters.transports.sftp.loopback import by_sftp_in, by_sftp_out
from hub.app import Hub, secret
from hub.errors import NotFound
from hub.flow import expiry, onboard
from hub.flow.context import Context
from hub.flow.rehearse import Sample, documents_in, proven_in, proven_out, rehearse
from hub.model.exchange import Document
from hub.model.profile import Profile, Stage
from hub.model.proof import Proof
from hub.ports import Parcel, Receipt

ACTOR = "hub partner test"
PROBE = b"ISA*loopback~"


@dataclass(frozen=True, slots=True)
class Trying(Hub):
    """The hub as a door sees it, but what comes in is only looked at."""

    caught: Caught = field(default_factory=Caught)

    async def receive(self, parcel: Parcel) -> Receipt:
        return await self.caught.receive(parcel)


@dataclass(frozen=True, slots=True)
class Checklist:
    """What was tried, and the stage that this has brought the partner to."""

    proofs: tuple[Proof, ...]
    before: Stage
    after: Stage

    @property
    def failed(self) -> bool:
        return any(proof.outcome == "failed" for proof in self.proofs)


async def prove(hub: Hub, name: str, samples: Path) -> Checklist:
    """Try everything, then move the partner as far as it was proven. Raises NotFound for a partner nobody knows."""
    async with hub.units.worker() as unit:
        context = await Context.load(unit, hub.settings.gln, hub.clock.now().date())
    profile = context.profiles.get(name)
    if profile is None:
        raise NotFound(f"no partner {name!r}")
    sent, wanted = read(samples), read(samples / "out")
    formats = await hub.dialects.current()
    own, borrowed = (
        [document for sample in files for document in documents_in(formats, name, sample)] for files in (wanted, sent))
    proofs = [*await wire(hub, profile, sent[0].content if sent else PROBE),
              *await incoming(hub, profile, sent, own, samples),
              *proven_out(formats, profile, context, own, borrowed, hub.clock.now()),
              *expiry.proven(in_use(hub.settings, [profile]), hub.clock.now())]
    return Checklist(tuple(proofs), profile.stage, await _advance(hub, profile, proofs))


async def _advance(hub: Hub, profile: Profile, proofs: Sequence[Proof]) -> Stage:
    def passed(area: str) -> bool:
        return any(p.area == area and p.outcome == "passed" for p in proofs)

    def sound(*areas: str) -> bool:
        return not any(p.area in areas and p.outcome == "failed" for p in proofs)

    to: Stage = "drafted"
    if passed("wire") and sound("wire"):
        to = "connected"
        if sound("in", "out", "certificates") and passed("in") and (passed("out") or not profile.receives):
            to = "tested"
    counts = {word: sum(p.outcome == word for p in proofs) for word in ("passed", "open", "failed")}
    reason = ", ".join(f"{count} {word}" for word, count in counts.items())
    async with hub.units.worker() as unit:
        await unit.audit.record(ACTOR, "partner.tested", profile.name, counts)
        return await onboard.advance(unit, profile.name, profile.stage, to, ACTOR, reason)


def read(folder: Path) -> list[Sample]:
    """The files of a folder, by name; hidden ones and folders in it are not looked at."""
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    return [Sample(p.name, p.read_bytes()) for p in paths if p.is_file() and not p.name.startswith(".")]


async def incoming(
    hub: Hub, profile: Profile, samples: Sequence[Sample], given: Sequence[Document], where: Path
) -> list[Proof]:
    if not samples:
        return [Proof(area="in", what="samples", outcome="open", told=f"There is no file in {where}.",
                      remedy="Put one or two files that the partner really sends there, or say where they are: "
                             "--samples DIR.")]
    formats = await hub.dialects.current()
    return [
        proven_in(sample, await rehearse(
            hub.units, formats, profile.name, sample, clock=hub.clock, hub_gln=hub.settings.gln, given=given))
        for sample in samples
    ]


async def wire(hub: Hub, profile: Profile, content: bytes) -> list[Proof]:
    """Both ways over the partner's channel; over HTTPS everybody may come in."""
    async with hub.units.worker() as unit:
        token = await unit.partners.issue_token(profile.name, ACTOR)
    try:
        return [await proven(what, leg, content, remedy) for what, leg, remedy in legs(hub, profile, token)]
    finally:
        async with hub.units.worker() as unit:
            await unit.partners.revoke_tokens(profile.name, ACTOR)


def legs(hub: Hub, profile: Profile, token: str) -> list[tuple[str, Leg, str]]:
    """What is tried, how, and what helps when it fails."""
    posted = partial(by_door, partial(door, hub), token)
    found: list[tuple[str, Leg, str]] = [("https in", posted, "See the log of the hub.")]
    match profile.delivery.channel:
        case "http":
            push = partial(by_push, profile, partial(secret, hub.settings), hub.clock)
            found.append(("https out", push, "Compare [delivery] in the profile, and the secret that it names."))
        case "folder":
            found.append(("folder both ways", partial(by_folder, profile, hub.clock), "Look at the disk of the hub."))
        case "mailbox":
            found.append(("mailbox out", partial(by_mailbox, partial(door, hub), token), "See the log of the hub."))
        case "as2":
            found += as2_legs(hub, profile)
    return found + sftp_legs(hub, profile)


def sftp_legs(hub: Hub, profile: Profile) -> list[tuple[str, Leg, str]]:
    """In, where the partner has a key of its own; out, where it hosts a server."""
    found: list[tuple[str, Leg, str]] = []
    ours = hub.settings.secrets_folder / "sftp" / "client"
    if profile.sftp is not None and profile.sftp.keys:
        found.append(("sftp in", partial(by_sftp_in, profile, ours, hub.clock), "See the log of the hub."))
    if profile.delivery.channel == "sftp":
        out = partial(by_sftp_out, profile, partial(secret, hub.settings), ours, hub.clock)
        found.append(("sftp out", out, "Compare [sftp] in the profile, and the secret that it names."))
    return found


def as2_legs(hub: Hub, profile: Profile) -> list[tuple[str, Leg, str]]:
    async def out(content: bytes) -> str:
        ours, theirs = sides(profile, hub.as2().ours, hub.clock)
        return await by_as2(ours, theirs, hub.crew, hub.clock, content)

    async def back(content: bytes) -> str:
        ours, theirs = sides(profile, hub.as2().ours, hub.clock)
        return await by_as2(theirs, ours, hub.crew, hub.clock, content)

    remedy = "Compare [as2] in the profile, and lay a key of the hub into secrets/as2 (docs/as2.md)."
    return [("as2 out", out, remedy), ("as2 in", back, remedy)]


def door(hub: Hub, caught: Caught) -> Starlette:
    """Our HTTP door, with the real proof of who comes, and nothing behind it."""
    parts: dict[str, Any] = {f.name: getattr(hub, f.name) for f in fields(Hub)}
    behind = Trying(**parts, caught=caught)
    limits = Limits(hub.settings.max_message_bytes, hub.settings.max_request_seconds, hub.settings.max_in_flight)
    return HttpDoor(behind, hub.clock, limits).app()
