"""Facts of the standards in words that a person can act on: what an element may hold, what a syntax note demands."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.facts import Element, Segment, Use

KINDS = {
    "AN": "text",
    "ID": "a code",
    "DT": "a date",
    "TM": "a time (HHMM, with seconds if needed)",
    "R": "a number with an optional decimal point",
    "B": "binary data",
    "an": "text",
    "a": "letters",
    "n": "a number",
}
NOTES = {
    "P": ("{all} belong together: send both or neither.", "{all} belong together: send all of them or none."),
    "R": ("At least one of {all} must be sent.",) * 2,
    "E": ("{all} exclude each other: send one of them at most.",) * 2,
    "S": ("Exactly one of {all} must be sent.",) * 2,
    "C": ("If {first} is sent, {rest} must be sent too.", "If {first} is sent, {rest} must all be sent too."),
    "L": ("If {first} is sent, {rest} must be sent too.", "If {first} is sent, at least one of {rest} must be too."),
}
"""Kind of a syntax note (X12.5 section 3.8.3.2) -> its sentence for two positions, and for more."""


def kind(element: Element) -> str:
    """"a code of 2 characters", "a number with an optional decimal point, 1 to 15 digits"."""
    words = KINDS.get(element.type) or _whole_number(element.type)
    if element.type == "DT":
        return f"{words} ({'YYMMDD' if element.max == 6 else 'CCYYMMDD'})"
    if element.type == "TM" or not element.max:
        return words
    return f"{words}, {length(element)}"


def length(element: Element) -> str:
    """How long an element may be: "3 characters", "1 to 15 digits", "up to 35 characters"."""
    unit = "digits" if element.type[0] in "RNn" else "characters"
    if element.min == element.max:
        return f"{element.max} {unit if element.max > 1 else unit[:-1]}"
    return f"up to {element.max} {unit}" if element.min <= 1 else f"{element.min} to {element.max} {unit}"


def _whole_number(type: str) -> str:
    places = type[1:]
    if places in ("", "0"):
        return "a whole number"
    return f"a number whose last {places} digits are decimals, sent without a point"


def digits(element: Element | None, mark: str) -> str:
    """How a number is sent where none was: in X12 an Nn element has no point, its last digits are the decimals."""
    if element is None or element.type[0] != "N":
        return f"Send digits with an optional {mark}."
    places = int(element.type[1:] or 0)
    meant = f"; the last {places} are the decimals (1 is sent as 1{'0' * places})" if places else ""
    return f"Send digits only, without a {mark}{meant}."


def name_of(segment: Segment, position: int) -> str:
    """"PO1-03 (Unit or Basis for Measurement Code)"."""
    use = segment.uses[position - 1] if 0 < position <= len(segment.uses) else None
    return f"{segment.tag}-{position:02d}" + (f" ({use.name})" if use else "")


def note(segment: Segment, kind: str, positions: Sequence[int]) -> str:
    """A syntax note as a sentence."""
    names = [name_of(segment, position) for position in positions]
    sentence = NOTES[kind][len(positions) > 2]
    rest = _joined(names[1:], "or" if kind == "L" else "and")
    return sentence.format(all=_joined(names, "and"), first=names[0], rest=rest)


def notes_about(segment: Segment, position: int) -> list[str]:
    """The syntax notes of a segment that name one of its elements."""
    return [note(segment, kind, positions) for kind, positions in segment.notes if position in positions]


def use(segment: Segment, position: int, component: int | None = None) -> str | None:
    """What an element (or component) is and may hold, as a sentence; None beyond what is described."""
    if not 0 < position <= len(segment.uses):
        return None
    found = segment.uses[position - 1]
    name = f"{segment.tag}-{position:02d}"
    if component and found.parts:
        if component > len(found.parts):
            return f"{name} ({found.name}) has {len(found.parts)} components."
        found, name = found.parts[component - 1], f"{name}.{component}"
    must = "mandatory" if found.required else "optional"
    holds = kind(found.element) if found.element else f"a composite of {len(found.parts)} components"
    repeats = f", up to {found.repeat} times" if 1 < found.repeat < 1000 else ", repeated" if found.repeat > 1 else ""
    return f"{name} is {found.name} (element {found.number}): {holds}{repeats}; {must}."


def codes(found: Use | None, most: int = 40) -> str:
    """The code list of an element, "" where there is none; of a long one the beginning."""
    if found is None or found.element is None or not found.element.codes:
        return ""
    all_ = sorted(found.element.codes)
    return ", ".join(all_[:most]) + (f" and {len(all_) - most} more" if len(all_) > most else "")


def _joined(words: Sequence[str], last: str) -> str:
    return "".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} {last} {words[-1]}"
