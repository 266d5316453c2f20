"""What the hub speaks: every format with its partners' own rows, and whether a partner's directory may join them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from adapters.csv.format import Csv
from adapters.csv.format import check_overlay as check_csv_overlay
from adapters.csv.master import read_master
from adapters.edifact.format import Edifact
from adapters.x12.format import X12
from adapters.xml.door import Limits as XmlLimits
from adapters.xml.format import Xml
from adapters.xml.partner_schema import PartnerSchemas
from hub.errors import BrokenTable, Finding, NotFound, Severity, Where
from hub.flow.world import World
from hub.ports import Format, Units
from hub.settings import Settings
from partners.book import Partner, load
from partners.consistency import Known


@dataclass(frozen=True, slots=True)
class Dialects:
    """The formats with every partner's overlays, for who has no transaction open."""

    units: Units
    world: World

    async def current(self) -> Mapping[str, Format]:
        async with self.units.worker() as unit:
            return await self.world.formats(unit)


def formats(
    overlays: Mapping[str, Mapping[str, str]] | None = None, limits: XmlLimits | None = None
) -> dict[str, Format]:
    """Every format the hub speaks. `overlays`: partner -> "x12/004010/850" -> TOML text."""
    own = overlays or {}
    xml = Xml(own, limits)
    found: tuple[Format, ...] = (X12(own), Edifact(own), xml, Csv(own))
    return {f.name: f for f in found} | dict.fromkeys(xml.names, xml)


def world(settings: Settings) -> World:
    """What the hub knows of its partners, as far as it has asked."""
    limits = xml_limits(settings)
    return World(lambda overlays: formats(overlays, limits), settings.gln)


def xml_limits(settings: Settings) -> XmlLimits:
    """What one XML document may cost."""
    return XmlLimits(settings.xml_tree_bytes, settings.xml_line_bytes, settings.xml_silence_bytes, settings.xml_depth,
                     settings.xml_attributes)


def read_partners(directories: Iterable[Path], known: Known | None = None) -> tuple[list[Partner], list[Finding]]:
    """Partner directories as checked values, and all that is wrong in them; with an error finding apply nothing."""
    return load(directories, read_master, check_overlay, known, check_schemas)


def check_schemas(partner: str, files: Mapping[str, str]) -> list[Finding]:
    """Whether a partner's own XML schemas can be compiled, out of nothing but its own files."""
    try:
        PartnerSchemas({partner: files}).check()
    except BrokenTable as broken:
        return [Finding(
            code="E-PARTNER-XSD", severity=Severity.ERROR, where=Where(path=f"{partner}/xsd"), message=f"{broken}.",
            hint="Put every file that the schema needs into the directory xsd/ and name it as the schema does.",
        )]
    return []


def check_overlay(table: str, text: str) -> list[Finding]:
    """Whether a partner's own table rows compile upon the standard's table."""
    if table.startswith("csv/"):
        return check_csv_overlay(table, text)
    try:
        for format in formats({"partner": {table: text}}).values():
            if isinstance(format, X12 | Edifact):
                format.tables.check_overlays()
            elif isinstance(format, Xml):
                format.check_overlays()
    except (BrokenTable, NotFound) as broken:
        return [Finding(
            code="E-PARTNER-OVERLAY", severity=Severity.ERROR, where=Where(path=table), message=str(broken),
            hint="Write only the rows that differ, in the words of the standard's table.",
        )]
    return []
