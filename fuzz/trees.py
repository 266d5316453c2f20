"""Despatch advices of any shape: levels that follow, skip, repeat, contain themselves, and are of no known kind."""

from __future__ import annotations

import io
from collections.abc import Iterator

from fuzz.promises import FORMATS, demand, findings_of, written_again
from hub.errors import Severity
from hub.model.exchange import Reading
from hub.model.finding import name_of
from hub.ports import Guide

HEAD = ("ISA*00*          *00*          *ZZ*SENDERID       *ZZ*RECEIVERID     *261122*1200*U*00401*000000001*0*P*>~"
        "GS*SH*S*R*20261122*1200*1*X*004010~ST*856*0001~BSN*00*DN1*20261122*1200*0002~")
LEVELS = ("S", "O", "T", "P", "I", "F", "Q", "XX", "", "SOTPI", "I", "P", "O")
BELOW = ("", "PRF*PO1~", "MAN*GM*00006141411234567913~", "LIN*1*UP*614141001019~SN1**20*CA~", "TD1*CTN25*4~",
         "LIN**SK*77~SN1**1*EA~MAN*GM*00006141411234567920~", "REF*LT*L1~", "PO4*12~")
UNB = "UNB+UNOC:3+S+R+261122:1200+R1'UNH+1+DESADV:D:96A:UN:EAN005'BGM+351+DA-1+9'DTM+137:20261122:102'"
KINDS = ("", "+1", "+2", "+3", "+4", "+5", "+X")
INSIDE = ("", "PAC+1++CT'", "PAC+2++PX'PCI+33E'GIN+BJ+340123450000000018'", "LIN+1++4012345100013:EN'QTY+12:10:CS'",
          "PCI+33E'GIN+BJ+340123450000000025'", "LIN+1++4012345100013:EN'QTY+12:10:CS'RFF+ON:4500012346:10'")
MOST = 40


def trees(data: bytes) -> None:
    """Whatever refers to whatever: it is read to the end, every level is counted, and a clean one can be written."""
    content = _x12(data[1:]) if data[:1] < b"\x80" else _edifact(data[1:])
    name = "x12" if content.startswith("ISA") else "edifact"
    found = list(FORMATS[name].read(io.BytesIO(content.encode()), lambda _: Guide()))
    readings = [event for event in found if isinstance(event, Reading)]
    demand(len(readings) == 1, "one message", content)
    told = {name_of(f) for event in found for f in findings_of(event) if f.severity is Severity.ERROR}
    demand("SEGMENT-COUNT" not in told, "all segments are counted", content)
    written_again(readings[0], content.encode())


def _steps(data: bytes) -> Iterator[tuple[int, int, int]]:
    for at in range(0, min(len(data), 3 * MOST) - 2, 3):
        yield data[at], data[at + 1], data[at + 2]


def _referred(byte: int, number: int) -> str:
    """Mostly an earlier level, often the last one; sometimes none, itself, one to come, or nonsense."""
    kind = byte % 16
    if kind < 6:
        return str(number - 1 or "")
    if kind < 11:
        return str(byte % number or "")
    return ("", str(number), str(number + 1), "A", "0" * 12)[kind - 11]


def _x12(data: bytes) -> str:
    text = HEAD
    for number, (one, two, three) in enumerate(_steps(data), 1):
        own = str(number) if three < 240 else str(three % 7)
        text += f"HL*{own}*{_referred(one, number)}*{LEVELS[two % len(LEVELS)]}~".replace("*~", "~")
        text += BELOW[three % len(BELOW)]
    segments = text[text.index("~ST*") + 1 :].count("~")
    return f"{text}SE*{segments + 1}*0001~GE*1*1~IEA*1*000000001~"


def _edifact(data: bytes) -> str:
    text = UNB
    for number, (one, two, three) in enumerate(_steps(data), 1):
        own = str(number) if three < 240 else str(three % 7)
        text += f"CPS+{own}+{_referred(one, number)}{KINDS[two % len(KINDS)]}'" + INSIDE[three % len(INSIDE)]
    segments = text[text.index("'UNH") + 1 :].count("'")
    return f"{text}UNT+{segments + 1}+1'UNZ+1+R1'"
