"""What a person sees: the bad element underlined, the rule, the remedy; as text, as a page to send, as a summary."""

from __future__ import annotations

import html as markup
import io
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import hub.cli.explain  # noqa: F401  (registers the commands)
from hub.cli.explain_excerpt import Excerpt, excerpt, visible
from hub.cli.html import el
from hub.cli.terminal import app
from hub.errors import Finding, Severity
from schemas import facts
from tests.edi.samples import ACTIVITY, ORDER, ORDERS, closing, edifact, put, readings, remarks, st, unh, x12
from tests.edi.test_explain import run

HOSTILE = "<script>alert(1)</script>\x1b[2Jгреч\u202eevil"


def underlined(text: str, code: str) -> str:
    """What the excerpt of a finding marks; "^" where it marks a gap."""
    content = text.encode()
    found = [(f, r.interchange.syntax) for r in readings(text) for f in r.findings]
    end = closing(text)
    found += [(f, end.interchange.syntax) for f in (*end.findings, *(f for g in end.groups for f in g.findings))]
    item, syntax = next((f, s) for f, s in found if f.code == code)
    shown = excerpt(io.BytesIO(content), item, syntax)
    assert shown is not None
    return shown.meant or f"{shown.before[-6:]}^{shown.after[:6]}"


@pytest.mark.parametrize(
    ("text", "code", "meant"),
    [
        (x12(st(put(ORDER, 6, "PO1*1*8x1*EA*68.12"))), "E-X12-NOT-NUMERIC", "8x1"),
        (x12(st(put(ORDER, 6, "PO1*1*8x1*EA*68.12"))).replace("~", "~\r\n"), "E-X12-NOT-NUMERIC", "8x1"),
        (x12(st(put(ORDER, 6, "PO1*1*841*EA*1**UP*1*VN"))), "E-X12-MISSING-CONDITIONAL", "P*1*VN^"),
        (x12(st(put(ORDER, 0, "BEG*00*SA***20261122"))), "E-X12-MISSING-ELEMENT", "00*SA*^**2026"),
        (x12(st(put(ORDER, 0))), "E-X12-MISSING-SEGMENT", "^REF*DP"),
        (x12(st(ORDER, se="SE*99*0001")), "E-X12-SEGMENT-COUNT", "99"),
        (x12(st(ORDER), iea="IEA*1*000000007~"), "E-X12-INTERCHANGE-CONTROL", "000000007"),
        (edifact(unh(put(ORDERS, 8, "QTY+21:8x1:PCE"))), "E-EDIFACT-NOT-NUMERIC", "8x1"),
        (edifact(unh(put(ORDERS, 7, f"IMD+F++:::A?'B?+C?:D:{'x' * 36}"))), "E-EDIFACT-TOO-LONG", "x" * 36),
        (unh(put(ORDERS, 8, "QTY+21:8x1:PCE")), "E-EDIFACT-NOT-NUMERIC", "8x1"),
    ],
)
def test_what_is_wrong_is_underlined_and_nothing_else(text: str, code: str, meant: str) -> None:
    assert underlined(text, code) == meant


def test_an_element_of_an_interchange_with_other_delimiters_is_found_by_those() -> None:
    text = x12(st(put(ORDER, 6, "PO1*1*8x1*EA*68.12"))).replace("*", "|").replace("~", "\n")
    assert underlined(text, "E-X12-NOT-NUMERIC") == "8x1"


def test_a_segment_that_is_broken_at_column_80_is_shown_as_one() -> None:
    text = x12(st(put(ORDER, 3, f"N1*ST*{'X' * 61}*92*0791")))
    head, rest = text[:106], text[106:]
    wrapped = head + "\n" + "\n".join(rest[i : i + 80] for i in range(0, len(rest), 80))
    assert underlined(wrapped, "E-X12-TOO-LONG") == "X" * 61


def test_a_long_segment_is_narrowed_around_what_is_meant() -> None:
    shown = Excerpt("a" * 500 + "BAD" + "z" * 500, 500, 503).narrowed(100)
    assert (shown.meant, len(shown.text), shown.text[0], shown.text[-1]) == ("BAD", 102, "…", "…")
    assert Excerpt("BAD" + "z" * 500, 0, 3).narrowed(100).meant == "BAD"
    assert Excerpt("z" * 500 + "BAD", 500, 503).narrowed(100).meant == "BAD"


def test_carets_stand_below_the_element_where_there_is_no_terminal(tmp_path: Path) -> None:
    path = tmp_path / "a.x12"
    path.write_text(x12(st(put(ORDER, 6, "PO1*1*8x1*EA*68.12"))))
    lines = run("explain", str(path))[1].splitlines()
    at = next(n for n, line in enumerate(lines) if "PO1*1*8x1" in line and "byte" in line)
    assert lines[at].index("8x1") == lines[at + 1].index("^^^")
    assert "Rule: PO1-02 is Quantity Ordered (element 330): a number with an optional decimal point" in lines[at + 2]
    assert "Fix:  Send digits" in lines[at + 3]


def test_a_file_from_a_pipe_is_shown_like_one_on_disk(tmp_path: Path) -> None:
    text = x12(st(put(ORDER, 6, "PO1*1*8x1*EA*68.12")))
    result = CliRunner().invoke(app, ["explain", "-"], input=text)
    assert result.exit_code == 1
    assert "^^^" in result.stdout


def page(tmp_path: Path, text: str, name: str = "order.x12") -> tuple[int, str]:
    path, target = tmp_path / name, tmp_path / "page.html"
    path.write_text(text)
    code = run("explain", "--html", str(target), str(path))[0]
    return code, target.read_text()


def test_the_page_for_a_partner_marks_the_element_and_tells_rule_and_remedy(tmp_path: Path) -> None:
    code, said = page(tmp_path, x12(st(put(ORDER, 6, "PO1*1*8x1*EA*68.12"), 1), st(ORDER, 2)))
    assert code == 1
    for piece in (
        "PO1*1*<mark>8x1</mark>*EA*68.12",
        "Something was rejected",
        "<dt>Rule</dt>",
        "Send digits with an optional decimal point.",
        "AK4*2*330*6*8x1~",
        '<span class="badge accepted">accepted</span>',
    ):
        assert piece in said


def test_the_page_asks_for_nothing_and_runs_nothing(tmp_path: Path) -> None:
    _, said = page(tmp_path, x12(st(put(ORDER, 3, f"N1*ST*{HOSTILE}*92*0791"))))
    assert re.findall(r"""(?i)<script|<link|<img|<iframe|\son\w+=|\ssrc=|\shref=|@import|url\(""", said) == []
    assert "default-src 'none'" in markup.unescape(said)
    assert said.startswith("<!doctype html>")
    assert said.rstrip().endswith("</html>")


@pytest.mark.parametrize("where", ["N1*ST*{}*92*0791", "{}*1", "REF*DP*404*{}*{}*{}*{}", "PO1*1*{}*EA*1"])
def test_hostile_text_is_shown_and_never_obeyed(tmp_path: Path, where: str) -> None:
    text = x12(st(put(ORDER, 3, where.replace("{}", HOSTILE)))).replace("SENDERID  ", "<b>&amp;\x1b[")
    _, said = page(tmp_path, text, name="<img onerror=x>.x12")
    assert "<script>alert" not in said
    assert "<img" not in said
    assert not re.search(r"<b>", said)
    path = tmp_path / "<img onerror=x>.x12"
    for options in ((), ("--summary",)):
        shown = run("explain", *options, str(path))[1]
        assert not {"\x1b", "\u202e", "\x07"} & set(shown)


def test_pages_balance_their_elements(tmp_path: Path) -> None:
    from html.parser import HTMLParser

    open_: list[str] = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            if tag not in ("meta", "br", "hr"):
                open_.append(tag)

        def handle_endtag(self, tag: str) -> None:
            assert open_.pop() == tag

    good, bad = x12(st(ORDER)), x12(st(put(ORDER, 0)))
    for text in (good, bad + "rubbish", edifact(unh(ORDERS)), "rubbish", good[:300]):
        reader = Balance()
        reader.feed(page(tmp_path, text)[1])
        assert open_ == []


def test_a_page_of_very_many_messages_shows_some_and_counts_the_rest(tmp_path: Path) -> None:
    _, said = page(tmp_path, x12(*(st(ORDER, n) for n in range(1, 101))))
    assert said.count('<article class="message">') < 50
    assert re.search(r"Not shown one by one: \d\d 850 accepted", said)


def test_text_is_escaped_and_markup_is_not_escaped_twice() -> None:
    assert el("p", "a<b", el("b", "&"), None, ["x", "y"], title='"') == '<p title="&quot;">a&lt;b<b>&amp;</b>xy</p>'


def test_signs_that_steer_a_terminal_become_pictures() -> None:
    assert visible("a\x1b[1m\x00\x7f\u202e\x9b") == "a␛[1m␀␡\ufffd\ufffd"


def test_a_page_and_json_at_once_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.x12"
    path.write_text(x12(st(ORDER)))
    assert run("explain", "--json", "--html", str(tmp_path / "b"), str(path))[0] == 2
    assert not (tmp_path / "b").exists()


def test_the_summary_counts_messages_and_findings_and_shows_no_document(tmp_path: Path) -> None:
    path = tmp_path / "a.x12"
    bad = [st(put(ORDER, 6, "PO1*1*8x1*EA*68.12"), n) for n in range(1, 4)]
    path.write_text(x12(*bad, *(st(ORDER, n) for n in range(4, 12))))
    code, said, _ = run("explain", "--summary", str(path))
    assert code == 1
    received = next(line for line in said.splitlines() if line.startswith("850 "))
    assert received.split() == ["850", "004010", "8", "0", "3", str(11 * 13)]
    told = next(line for line in said.splitlines() if line.startswith("E-X12-NOT-NUMERIC"))
    assert told.split()[1:3] == ["3", "3"]
    assert "641520749044" not in said
    assert "would be answered" not in said


def test_the_help_tells_the_exit_codes_and_gives_examples() -> None:
    said = " ".join(run("explain", "--help")[1].split())
    for words in ("Exit code", "0 all accepted", "1 something rejected", "2 not readable", "hub explain order.edi"):
        assert words in said


def test_every_finding_that_is_not_about_an_element_has_a_rule_in_words() -> None:
    of_elements = {"MISSING-ELEMENT", "MISSING-CONDITIONAL", "EXCLUDED-ELEMENT", "TOO-MANY-ELEMENTS", "TOO-SHORT"}
    for name in ("SEGMENT-COUNT", "OUT-OF-ORDER", "GARBAGE", "HL-PARENT", "DUPLICATE-CONTROL", "TRUNCATED"):
        assert facts.findings()[name]["rule"].endswith(".")
    assert not any("rule" in facts.findings()[name] for name in of_elements)


def test_findings_outside_of_any_interchange_show_what_stands_there() -> None:
    text = x12(st(ORDER)) + "what is this?"
    assert remarks(text) == ["GARBAGE"]
    item = Finding(code="E-X12-GARBAGE", severity=Severity.ERROR, where={"offset": len(text) - 13}, message="", hint="")
    shown = excerpt(io.BytesIO(text.encode()), item, {})
    assert shown is not None
    assert shown.text == "what is this?"


def test_frames_are_shown_with_their_first_lines(tmp_path: Path) -> None:
    text = x12(st(ACTIVITY, kind="852"), gs="GS*PD*SENDER*RECEIVER*20261122*1200*1*X*004010~")
    _, said = page(tmp_path, text)
    assert "Activity, 3 lines" in said
    assert '<td class="number">187</td>' in said


def test_a_broken_syntax_note_is_told_as_itself_and_not_as_its_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "a.x12"
    path.write_text(x12(st(put(ORDER, 3, "N1*ST*DC*92"))))
    said = run("explain", str(path))[1]
    [rule] = [line for line in said.splitlines() if line.strip().startswith("Rule:")]
    assert rule.split("Rule: ")[1] == (
        "N1-03 (Identification Code Qualifier) and N1-04 (Identification Code) belong together: send both or neither."
    )
