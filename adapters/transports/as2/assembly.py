"""AS2 put together: one door, and two transports."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.routing import Route

from adapters.transports.as2.house import As2House
from adapters.transports.as2.push import As2Push, As2Receipts, As2Wire
from adapters.transports.as2.server import As2Door, Crew, Ours
from adapters.transports.limits import Limits
from hub.errors import Stop
from hub.model.profile import Profile
from hub.ports import Clock, Parcel, Receipt, Units


@dataclass(frozen=True, slots=True)
class As2:
    """Everything of AS2 that the hub has. `url`: our own address, where partners can reach it."""

    units: Units
    inbox: Callable[[Parcel], Awaitable[Receipt]]
    directory: Callable[[], Awaitable[Mapping[str, Profile]]]
    clock: Clock
    crew: Crew
    ours: Ours
    url: str | None = None

    def _house(self) -> As2House:
        return As2House(self.units, self.inbox, self.directory, self.crew)

    def route(self, limits: Limits) -> Route:
        return As2Door(self._house(), self.clock, limits, self.crew, self.ours).route()

    def transports(self) -> tuple[As2Push, As2Receipts]:
        wire, house = As2Wire(self.clock), self._house()
        return As2Push(wire, self.clock, self.crew, self.ours, house.keep, house.expect, self.url), As2Receipts(wire)


def key_files(folder: Path) -> tuple[str, ...]:
    """All *.pem of the folder, each a private key with its certificate; read anew each time, so that a new one counts
    at once. Raises Stop when there is none."""
    try:
        keys = tuple(path.read_text() for path in sorted(folder.glob("*.pem")))
    except OSError as error:
        raise Stop(f"The AS2 keys in {folder} cannot be read: {error.strerror}.", reason="NO_AS2_KEY") from error
    if not keys:
        raise Stop(f"There is no AS2 key in {folder}: put a .pem there, a private key with its certificate.",
                   reason="NO_AS2_KEY")
    return keys
