"""Small files for the tests, written by hand; companies and numbers are invented."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import UTC, datetime

from adapters.edifact.format import Edifact
from adapters.x12.format import X12
from hub.errors import Finding
from hub.model.agreement import Policy
from hub.model.exchange import Closing, Event, Numbers, Reading, Remark
from hub.model.finding import name_of
from hub.ports import Guide

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
X = X12()
E = Edifact()
ISA = "ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVERID     *261122*1200*U*00401*000000001*0*P*>~"
GS = "GS*PO*SENDER*RECEIVER*20261122*1200*1*X*004010~"

ORDER = [
    "BEG*00*SA*PO1**20261122",
    "REF*DP*404",
    "DTM*002*20261201",
    "N1*ST*DC*92*0791",
    "N3*74 MAIN ST",
    "N4*DALLAS*TX*75201*US",
    "PO1*1*841*EA*68.12**UP*641520749044*VN*60816",
    "PID*F****LAMP",
    "PO1*2*3*EA*1.12**UP*641520749044",
    "PID*F****NUT",
    "CTT*2",
]
ACTIVITY = [
    "XQ*H*20261115*20261121",
    "N1*ST*STORE*92*6468",
    "LIN*1*UP*054335349840*VN*75954",
    "ZA*QS*187*EA",
    "ZA*QA*298*EA",
    "LIN*2*UP*054335349841",
    "ZA*QS*35.5*EA",
    "CTT*2",
]
ORDERS = [
    "BGM+220+PO1+9",
    "DTM+137:20261122:102",
    "NAD+BY+5412345000013::9",
    "NAD+SU+4012345000009::9",
    "CUX+2:EUR:9",
    "LIN+1++4012345000016:EN",
    "PIA+1+60816:SA",
    "IMD+F++:::LAMP",
    "QTY+21:841:PCE",
    "PRI+AAA:68.12",
    "UNS+S",
    "CNT+2:1",
]


def put(rows: Sequence[str], at: int, *new: str) -> list[str]:
    """The rows with the one at `at` replaced by `new` (none: removed)."""
    return [*rows[:at], *new, *rows[at + 1 :]]


def st(rows: Sequence[str], number: int = 1, kind: str = "850", se: str | None = None) -> str:
    """One transaction set with its envelope."""
    control = f"{number:04d}"
    return "~".join([f"ST*{kind}*{control}", *rows, se or f"SE*{len(rows) + 2}*{control}"]) + "~"


def x12(*sets: str, gs: str = GS, ge: str | None = None, isa: str = ISA, iea: str = "IEA*1*000000001~") -> str:
    """One interchange with one group."""
    return isa + gs + "".join(sets) + (f"GE*{len(sets)}*1~" if ge is None else ge) + iea


def unh(rows: Sequence[str], number: int = 1, kind: str = "ORDERS:D:96A:UN", unt: str | None = None) -> str:
    """One message with its envelope."""
    return "'".join([f"UNH+{number}+{kind}", *rows, unt or f"UNT+{len(rows) + 2}+{number}"]) + "'"


def edifact(
    *messages: str, unb: str = "UNB+UNOC:3+5412345000013:14+4012345000009:14+261122:1200+REF1'", unz: str | None = None
) -> str:
    """One interchange."""
    return unb + "".join(messages) + (f"UNZ+{len(messages)}+REF1'" if unz is None else unz)


def events(text: str | bytes, policy: Policy = "accept_with_errors") -> list[Event]:
    """Everything that a file yields, whatever it is."""
    content = text if isinstance(text, bytes) else text.encode()
    format = X if X.recognises(content[:4096]) else E
    return list(format.read(io.BytesIO(content), lambda _: Guide(policy=policy)))


def readings(text: str | bytes, policy: Policy = "accept_with_errors") -> list[Reading]:
    return [e for e in events(text, policy) if isinstance(e, Reading)]


def closing(text: str | bytes, policy: Policy = "accept_with_errors") -> Closing:
    return next(e for e in events(text, policy) if isinstance(e, Closing))


def remarks(text: str | bytes) -> list[str]:
    return [name_of(e.finding) for e in events(text) if isinstance(e, Remark)]


def names(findings: Sequence[Finding]) -> list[str]:
    """What was found, apart from notes."""
    return [name_of(f) for f in findings if f.severity.value != "info"]


def places(findings: Sequence[Finding]) -> list[tuple[str, int | None, str | None, int | None]]:
    """Name, segment, tag and element of each error."""
    return [
        (name_of(f), f.where.segment, f.where.tag, f.where.element) for f in findings if f.severity.value == "error"
    ]


def answers(text: str | bytes, policy: Policy = "accept_with_errors", also: int | None = 9) -> dict[str, list[str]]:
    """Kind of acknowledgement -> its segments, without the envelope around it."""
    found = closing(text, policy)
    format = X if found.interchange.format == "x12" else E
    told = format.acknowledge(found, Numbers(interchange=7, group=3, also=also), NOW)
    end = found.interchange.syntax["segment"] if format is X else "'"
    return {a.type: a.content.decode().split(end)[:-1] for a in told}
