"""The first step of a new partner: a directory of its own, made from the template, under its own name."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from hub.errors import Reject
from hub.model.item import valid_gln

TEMPLATE = Path(__file__).parent / "_template"
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def begin(name: str, beside: Path, *, title: str | None = None, gln: str | None = None) -> Path:
    """Copy the template to `beside/name` with the name in it; the new directory, at stage "drafted".

    Raises Reject for a name that no directory of mailboxes can have, a directory that is there, or a wrong GLN.
    """
    if not NAME.fullmatch(name):
        raise Reject("A short name has small letters, digits, - and _ only, at most 64 of them.", reason="BAD_NAME")
    target = beside / name
    if target.exists():
        raise Reject(f"{target} is there already.", reason="NAME_TAKEN")
    if gln is not None:
        try:
            valid_gln(gln)
        except ValueError as wrong:
            raise Reject(f"The GLN: {wrong}.", reason="BAD_GLN") from None
    shutil.copytree(TEMPLATE, target, ignore=shutil.ignore_patterns("README.md", "__pycache__"))
    (target / "samples" / "out").mkdir(parents=True, exist_ok=True)
    profile = target / "profile.toml"
    profile.write_text(_named(profile.read_text("utf-8"), name, title, gln), "utf-8")
    for agreement in (target / "agreements").glob("*.toml"):
        agreement.write_text(agreement.read_text("utf-8").replace('"_template"', f'"{name}"'), "utf-8")
    return target


def _named(text: str, name: str, title: str | None, gln: str | None) -> str:
    text = re.sub(r"\A#[^\n]*\n", "# Change every line; `hub partner apply --check DIR` says what is wrong.\n", text)
    text = text.replace('"_template"', f'"{name}"').replace('"TEMPLATE"', f'"{name.upper()[:15]}"')
    if title is not None:
        text = text.replace('"The partner\'s full name"', json.dumps(title, ensure_ascii=False))
    return text if gln is None else text.replace('"9521009000002"', f'"{gln}"')
