"""What pyx12 says of an X12 file, where it has a map: its verdict and its errors.

Its maps are those of health care: they know only its own kinds of groups and sets, so these code lists are taken out
of a copy made for the test. Its map of the 830 is one buyer's guide, with that buyer's codes, which are taken out
likewise. It puts the segment ST and the loop behind it at one position, so that the engine finds no ST and raises on
every 830: in the copy ST stands before the loop, as in all other maps.
"""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyx12
import pyx12.params
import pyx12.x12n_document

MAPS = """<?xml version="1.0"?><maps>
<version icvn="00401"><map vriic="004010" fic="FA" abbr="997">997.4010.xml</map>
<map vriic="004010" fic="PS" abbr="830">830.4010.PS.xml</map>
<map vriic="" fic="" abbr="X12">x12.control.00401.xml</map></version>
<version icvn="00501"><map vriic="005010" fic="FA" abbr="999">999.5010.xml</map>
<map vriic="005010X231" fic="FA" abbr="999">999.5010.xml</map>
<map vriic="" fic="" abbr="X12">x12.control.00501.xml</map></version></maps>"""
GUIDE = "830.4010.PS.xml"
OPENED = ("997.4010.xml", "999.5010.xml", "x12.control.00401.xml", "x12.control.00501.xml")
_KINDS = re.compile(
    r'(<element xid="(?:GS01|GS08|AK101|AK201|AK103|AK203)">(?:(?!</element>).)*?)<valid_codes>.*?</valid_codes>', re.S
)


def maps(directory: Path) -> Path:
    """The maps of the installed pyx12, with a list of our own."""
    for path in (Path(pyx12.__file__).parent / "map").iterdir():
        if path.name in OPENED:
            (directory / path.name).write_text(_KINDS.sub(r"\1", path.read_text()))
        elif path.name == GUIDE:
            (directory / path.name).write_text(_mended(path.read_text()))
        elif path.is_file() and path.name != "maps.xml":
            (directory / path.name).symlink_to(path)
    (directory / "maps.xml").write_text(MAPS)
    return directory


def _mended(guide: str) -> str:
    """The guide without its buyer's codes, its ST before what follows."""
    head, mark, tail = re.sub(r"<valid_codes>.*?</valid_codes>", "", guide, flags=re.S).partition('<segment xid="ST">')
    return head + mark + tail.replace("<pos>010</pos>", "<pos>005</pos>", 1)


def verdict(text: str, home: Path) -> list[tuple[str, str, str]]:
    """(segment, code, sentence) of every error; of a file that it refuses, its exception."""
    logging.getLogger("pyx12").setLevel(logging.CRITICAL)
    told = io.StringIO()
    try:
        pyx12.x12n_document.x12n_document(
            pyx12.params.params(), io.StringIO(text), io.StringIO(), None, None, told, map_path=str(home)
        )
    except Exception as refused:
        return [("", "refused", repr(refused))]
    return list(_errors(json.loads(told.getvalue() or "{}"), ""))


def _errors(node: Any, segment: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(node, dict):
        segment = node.get("seg_id", segment)
        if "err_cde" in node:
            yield segment, str(node["err_cde"]), str(node.get("err_str"))
        for value in node.values():
            yield from _errors(value, segment)
    elif isinstance(node, list):
        for value in node:
            yield from _errors(value, segment)
