"""Findings by name: the code, the sentence and the remedy come from `schemas/findings.toml`."""

from __future__ import annotations

from typing import Any

from hub.errors import Finding, Severity, Where
from schemas import facts

FAMILIES = ("X12", "EDIFACT", "CSV", "XML", "FILE")


NOWHERE = Where()


def finding(family: str, name: str, where: Where = NOWHERE, value: str | None = None, /, **told: Any) -> Finding:
    """The finding `name` ("NOT-NUMERIC") of one format, its sentence filled with `told`."""
    row = facts.findings()[name]
    severity = Severity(row["severity"])
    letter = "E" if severity is Severity.ERROR else "W"
    told = {"value": value or "", "tag": where.tag or "", "element": where.element, "place": said(where)} | told
    return Finding(
        code=f"{letter}-{family.upper()}-{name}",
        severity=severity,
        where=where,
        message=row["message"].format_map(told),
        hint=row["hint"].format_map(told),
        value=value,
        loop=told.get("loop"),
        rule=told.get("rule"),
    )


def name_of(item: Finding) -> str:
    """NOT-NUMERIC of E-X12-NOT-NUMERIC, UNKNOWN-SENDER of E-UNKNOWN-SENDER."""
    family, _, name = item.code[2:].partition("-")
    return name if family in FAMILIES else item.code[2:]


def is_unusable(name: str) -> bool:
    """Whether a transaction with a finding of this name is rejected whatever was agreed."""
    return bool(facts.findings().get(name, {}).get("unusable"))


def unusable(item: Finding) -> bool:
    return is_unusable(name_of(item))


def illegible(item: Finding) -> bool:
    """Whether nothing that was read of a transaction with this finding can be trusted."""
    row = facts.findings().get(name_of(item), {})
    return bool(row.get("unusable")) and not row.get("legible")


def said(where: Where) -> str:
    """A place in a few words."""
    if where.segment and where.tag:
        return f"{where.tag} (segment {where.segment})"
    if where.path:
        return f"{where.path} (line {where.line})" if where.line else where.path
    return where.tag or (f"byte {where.offset}" if where.offset is not None else "The file")
