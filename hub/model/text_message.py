"""Text for people: X12 864."""

from __future__ import annotations

from datetime import date

from hub.model.particulars import Particulars
from hub.model.party import OtherParty, Party
from hub.model.value import Value


class TextLine(Value):
    """One line of text; `form` is the sender's code for the line feeds around it on paper ("x12:SS": single space)."""

    text: str
    form: str | None = None


class Text(Value):
    """One text under a `number` of the sender's, with its `subject`. `width` and `height` of a page in characters,
    `parties` those whom this text concerns."""

    number: str
    subject: str | None = None
    width: int | None = None
    height: int | None = None
    parties: tuple[OtherParty, ...] = ()
    lines: tuple[TextLine, ...] = ()


class TextMessage(Particulars):
    """Texts from one party to another. `kind` is a word of `schemas/codes/text_kind.toml`, or the code as sent."""

    purpose: str = "original"
    subject: str | None = None
    kind: str | None = None
    issued_on: date | None = None
    sender: Party | None = None
    receiver: Party | None = None
    texts: tuple[Text, ...] = ()
