"""Other releases than those with a table: read by the nearest one, with one finding that says so and no blame."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.errors import Severity
from hub.model.exchange import Reading
from schemas import facts
from tests.messages.test_messages import FORMATS, HOME, read

RELEASES = {
    "003050": "00305",
    "003060": "00306",
    "003070": "00307",
    "004020": "00402",
    "004030": "00403",
    "004050": "00405",
    "004060": "00406",
    "005030": "00503",
    "006010": "00601",
    "006040": "00604",
    "007010": "00701",
    "008010": "00801",
}
"""GS08 and the ISA12 that is sent with it."""
Day = Callable[[str], str]
BODIES: dict[str, tuple[str, Callable[[Day], list[str]]]] = {
    "850": (
        "PO",
        lambda day: [
            f"BEG*00*SA*4711**{day('19981122')}",
            "REF*DP*42",
            f"DTM*002*{day('19981201')}",
            "N1*ST*Store*92*17",
            "PO1*1*5*EA*2.5*PE*UP*614141001019",
            "CTT*1",
        ],
    ),
    "856": (
        "SH",
        lambda day: [
            f"BSN*00*SH1*{day('19981122')}*0915*0001",
            "HL*1**S",
            "TD5**2*ABCD",
            f"DTM*011*{day('19981122')}",
            "HL*2*1*O",
            f"PRF*PO-1***{day('19981101')}",
            "HL*3*2*I",
            "LIN**UP*614141001019",
            "SN1**2*EA",
            "CTT*3",
        ],
    ),
    "810": (
        "IN",
        lambda day: [
            f"BIG*{day('19981122')}*INV1*{day('19981101')}*PO-1",
            "N1*BY*Shop*92*17",
            f"ITD*01*3*2*{day('19981201')}*10*{day('19981221')}*30",
            "IT1*1*5*EA*2.5**UP*614141001019",
            "TDS*1250",
            "CTT*1",
        ],
    ),
    "830": (
        "PS",
        lambda day: [
            f"BFR*00*F1**DL*A*{day('19981101')}*{day('19981231')}*{day('19981101')}",
            "N1*ST*Store*92*17",
            "LIN**BP*A",
            "UIT*EA",
            f"FST*10*C*W*{day('19981107')}",
            "CTT*1",
        ],
    ),
    "852": (
        "PD",
        lambda day: [
            f"XQ*H*{day('19981101')}*{day('19981107')}",
            "LIN**UP*614141001019",
            "ZA*QS*5*EA",
            "CTT*1",
        ],
    ),
    "180": ("AN", lambda day: [f"BGN*00*R1*{day('19981125')}", "BLI*VN*A*1*EA", "RDR*RA*DA"]),
    "204": (
        "SM",
        lambda day: [
            "B2**ABCD**L1**PP",
            "B2A*00",
            "S5*1*LD",
            f"G62*10*{day('19981125')}*Y*0800",
            "N1*SF*Store*93*17",
        ],
    ),
    "210": (
        "IM",
        lambda day: [
            f"B3**FB1*L1*PP**{day('19981125')}*1000**{day('19981125')}*035*ABCD",
            "N1*SH*Shop*93*17",
            "LX*1",
            "L5*1*Goods",
            "L1*1***1000****400",
            "L3*100*G***1000",
        ],
    ),
    "214": (
        "QM",
        lambda day: [
            "B10*P1*L1*ABCD",
            "LX*1",
            f"AT7*AF*NS***{day('19981125')}*0800*LT",
            "MS1*Oakland*CA",
        ],
    ),
    "864": ("TX", lambda day: ["BMG*00*Hello", f"DTM*097*{day('19981125')}", "MIT*1", "MSG*Text"]),
    "940": (
        "OW",
        lambda day: [
            "W05*N*SO-1*PO-1",
            "N1*ST*Store*92*17",
            f"G62*10*{day('19981125')}",
            "LX*1",
            "W01*10*CA**VN*A",
            "W76*10",
        ],
    ),
    "945": (
        "SW",
        lambda day: [
            f"W06*F*SO-1*{day('19981125')}*SH1",
            "N1*ST*Store*92*17",
            "LX*1",
            "W12*SH*10*10**CA**VN*A",
            "W03*10",
        ],
    ),
    "990": ("GF", lambda day: [f"B1*ABCD*L1*{day('19981125')}*A"]),
}


def _x12(message: str, release: str, isa: str, body: list[str]) -> Reading:
    group = BODIES[message][0]
    made = "981122" if release < "004" else "19981122"
    head = (
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *981122*0915*"
        f"{'U' if isa < '00402' else '^'}*{isa}*000000001*0*P*>",
        f"GS*{group}*SENDER*RECEIVER*{made}*0915*1*X*{release}",
        f"ST*{message}*0001",
    )
    tail = (f"SE*{len(body) + 2}*0001", "GE*1*1", "IEA*1*000000001")
    [reading] = read(f"x12/004010/{message}", "".join(f"{segment}~" for segment in (*head, *body, *tail)).encode())
    return reading


def _blame(reading: Reading) -> list[str]:
    return [f.code for f in reading.findings if f.severity is not Severity.INFO]


@pytest.mark.parametrize("release", sorted(RELEASES))
@pytest.mark.parametrize("message", sorted(BODIES))
def test_another_release_of_x12_is_read_by_the_nearest_table_with_one_finding(message: str, release: str) -> None:
    def day(ccyymmdd: str) -> str:
        return ccyymmdd[2:] if release < "004" else ccyymmdd

    reading = _x12(message, release, RELEASES[release], BODIES[message][1](day))
    assert _blame(reading) == ["W-X12-NEAREST-TABLE"]
    assert reading.document is not None


def test_a_release_newer_than_our_code_lists_may_send_new_codes_and_longer_references() -> None:
    body = [f"BEG*00*SA*4711**{'20261122'}", f"REF*QQ9*{'1' * 80}", "PO1*1*5*EA*2.5*PE*UP*614141001019"]
    assert _blame(_x12("850", "008010", "00801", body)) == ["W-X12-NEAREST-TABLE"]
    assert "E-X12-TOO-LONG" in _blame(_x12("850", "005010", "00501", body))


def test_what_the_table_requires_a_message_of_another_release_may_lack() -> None:
    body = ["W05*N*SO-1", "LX*1", "W01*10*CA**VN*A", "FA1*DF"]
    assert _blame(_x12("940", "006040", "00604", body)) == ["W-X12-NEAREST-TABLE", "W-X12-MISSING-BY-NEAREST"]
    assert "E-X12-MISSING-SEGMENT" in _blame(_x12("940", "004010", "00401", body))


def _edifact(message: str, release: str, body: list[str]) -> Reading:
    head = (
        "UNA:+.? ",
        "UNB+UNOC:3+SENDER:14+RECEIVER:14+261122:0915+1",
        f"UNH+1+{message}:{release[0]}:{release[1:]}:UN",
    )
    tail = (f"UNT+{len(body) + 2}+1", "UNZ+1+1")
    [reading] = read(f"edifact/D96A/{message}", "".join(f"{segment}'" for segment in (*head, *body, *tail)).encode())
    return reading


def _golden(name: str) -> list[str]:
    """The segments of the smallest hand-written file of a table, without their envelope; of those with usual marks."""
    files = [path.read_text(encoding="latin-1") for path in (HOME / name.replace("/", "-") / "pass").glob("*.edi")]
    plain = [text.replace("\r", "").replace("\n", "") for text in files if "'UNH" in text.replace("\n", "")]
    usual = [text for text in plain if "?'" not in text and text.count("UNH+") == 1 and "UNG+" not in text]
    segments = min(usual, key=len).split("'") if usual else ["UNH", "", "", ""]
    return segments[next(n for n, s in enumerate(segments) if s.startswith("UNH")) + 1 : -3]


OLDER, NEWER = ("D93A", "D95B"), ("D02A", "D05A", "D09B", "D12A", "D16B")
TABLES = [name for name in facts.message_tables() if name.startswith("edifact/")]
CASES = [(name, release) for name in TABLES for release in (OLDER if "/D96A/" in name else NEWER) if _golden(name)]


@pytest.mark.parametrize(("name", "release"), CASES)
def test_another_directory_of_edifact_is_read_by_the_nearest_table_with_one_finding(name: str, release: str) -> None:
    reading = _edifact(name.split("/")[2], release, _golden(name))
    assert _blame(reading) == ["W-EDIFACT-NEAREST-TABLE"]
    assert reading.document is not None


@pytest.mark.parametrize(
    ("message", "release", "table"),
    [
        ("DELFOR", "D96B", "D01B"),
        ("DELFOR", "D95B", "D96A"),
        ("ORDERS", "D97A", "D01B"),
        ("ORDERS", "D96B", "D96A"),
        ("PRICAT", "D99B", "D96A"),
        ("PRICAT", "D00A", "D01B"),
        ("REMADV", "D99A", "D96A"),
        ("DESADV", "D98B", "D01B"),
        ("ORDERS", "D16B", "D01B"),
        ("ORDERS", "D93A", "D96A"),
    ],
)
def test_the_nearest_table_is_the_one_that_the_message_is_alike_not_the_one_of_the_nearest_year(
    message: str, release: str, table: str
) -> None:
    found = FORMATS["edifact"].tables.find("edifact", release, message)
    assert found is not None
    assert (found.message.release, found.exact) == (table, False)


def test_a_section_mark_that_a_directory_does_not_know_is_not_missed() -> None:
    """SLSRPT has UNS since D.01A only; from D.97A on it is otherwise like that of D.01B."""
    body = [segment for segment in _golden("edifact/D01B/SLSRPT") if not segment.startswith("UNS")]
    assert _blame(_edifact("SLSRPT", "D98A", body)) == ["W-EDIFACT-NEAREST-TABLE"]
