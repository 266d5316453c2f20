"""AS2 with a partner, tried out on this machine: our own key, a key made for the moment in the place of the partner's,
and everything else as the profile says: digests, ciphers, order of compression, kind of receipt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from starlette.applications import Starlette

from adapters.transports.as2.fault import Fault
from adapters.transports.as2.keys import signer
from adapters.transports.as2.push import As2Push, As2Wire
from adapters.transports.as2.receipt import Statement
from adapters.transports.as2.server import As2Door, Crew, Ours
from adapters.transports.limits import Limits
from adapters.transports.loopback import Caught, addressed, by_transport, open_door
from hub.errors import Reject
from hub.model.as2 import As2Terms
from hub.model.profile import Profile
from hub.ports import Answer, Clock, Parcel, Receipt

LIMITS = Limits(64 * 1024 * 1024, 60.0, 4)


@dataclass
class Side:
    """One of the two: who it is, and what it knows of the other."""

    ours: Ours
    other: Profile

    @property
    def terms(self) -> As2Terms:
        if self.other.as2 is None:
            raise Reject("The profile has no table [as2].", reason="NO_AS2")
        return self.other.as2


@dataclass
class Stand:
    """What the AS2 door needs of a hub, without one."""

    caught: Caught
    other: Profile

    async def receive(self, parcel: Parcel) -> Receipt:
        return await self.caught.receive(parcel)

    async def partners(self) -> Mapping[str, Profile]:
        return {self.other.name: self.other}

    async def owe(self, partner: str, message: str | None, url: str, receipt: Answer) -> None:
        raise Reject("Nobody waits for a receipt at another address here.", reason="NO_AS2")

    async def receipted(
        self, partner: str, statement: Statement, proven: bool, headers: Mapping[str, str], content: bytes
    ) -> None:
        raise Reject("No receipt is expected by itself here.", reason="NO_AS2")

    async def refused(self, partner: str, fault: Fault, reference: str | None) -> None:
        """The receipt tells; nobody else has to know."""


def sides(profile: Profile, ours: Ours, clock: Clock) -> tuple[Side, Side]:
    """We and the partner, each with what it knows of the other. Receipts that would come later come at once."""
    if profile.as2 is None:
        raise Reject("The profile has no table [as2].", reason="NO_AS2")
    key, certificate = passing(profile.as2.name, clock)
    mine = signer(ours.keys(), clock.now()).certificate.x509.public_bytes(Encoding.PEM).decode()
    us = profile.as2.our_name or ours.name
    receipt = profile.as2.receipt and "sync"
    theirs = profile.as2.model_copy(update={
        "certificates": (certificate,), "encryption_certificates": (), "our_name": us, "receipt": receipt})
    their_view = theirs.model_copy(update={
        "name": us, "our_name": profile.as2.name, "certificates": (mine,), "signed": profile.as2.sign is not None,
        "encrypted": profile.as2.encrypt is not None})
    hub = Profile(name="hub", title="The hub", kind="distributor", gln=profile.gln, addresses=(), as2=their_view)
    return (Side(ours, profile.model_copy(update={"as2": theirs})),
            Side(Ours(profile.as2.name, lambda: (key,), "loopback"), hub))


async def by_as2(sender: Side, receiver: Side, crew: Crew, clock: Clock, content: bytes) -> str:
    """A file from one side to the other, with its receipt."""
    caught = Caught()

    async def keep(*_: object) -> None:
        """Nothing is sent that would need evidence, or be missed."""

    door = As2Door(Stand(caught, receiver.other), clock, LIMITS, crew, receiver.ours)
    async with open_door(Starlette(routes=[door.route()])) as port:
        push = As2Push(As2Wire(clock), clock, crew, sender.ours, keep, keep)
        return await by_transport(push, addressed(sender.other, f"http://127.0.0.1:{port}/as2"), caught, content)


def passing(name: str, clock: Clock) -> tuple[str, str]:
    """A key that lives as long as the test: its PEM with the certificate, and the certificate alone."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    title = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"{name[:40]} (loopback)")])
    day = timedelta(days=1)
    made = (
        x509.CertificateBuilder().subject_name(title).issuer_name(title).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(clock.now() - day)
        .not_valid_after(clock.now() + day)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256()))
    certificate = made.public_bytes(Encoding.PEM).decode()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return private + certificate, certificate
