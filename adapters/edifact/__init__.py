"""UN/EDIFACT (ISO 9735, syntax versions 1 to 4 batch): bytes in, documents and findings out, and back.

elements      what an element of each type may hold
split         streams interchanges, groups and messages out of a file; release characters and charsets
envelope      UNB, UNG and UNH read and written
transaction   one UNH-UNT by its table
gather        takes runs of whole messages at once
batch         a run of messages: what is right by columns, what is odd by `transaction`
reader        follows a file part by part
format        the `Format`: read, acknowledge, write
acknowledge   CONTRL (syntax versions 3 and 4) out of verdicts
packing       the tree of handling units that CPS loops mean
received      the boxes of a receiving advice, which CPS loops mean too
acknowledged  a received CONTRL

As a library, without server or database:

    >>> from adapters import edifact
    >>> rows = "BGM+220+4711+9'DTM+137:20261122:102'NAD+BY+5412345000013::9'NAD+SU+4012345000009::9'CUX+2:EUR:9'"
    >>> rows += "LIN+1++4012345000016:EN'QTY+21:12:PCE'UNS+S'CNT+2:1'"
    >>> head = "UNB+UNOC:3+5412345000013:14+4012345000009:14+261122:1200+REF1'UNH+1+ORDERS:D:96A:UN'"
    >>> for event in edifact.read(f"{head}{rows}UNT+11+1'UNZ+1+REF1'".encode()):
    ...     if isinstance(event, edifact.Reading):
    ...         order = event.document
    ...         print(event.message, event.status, order.number, order.lines[0].quantity, order.lines[0].gtin)
    ORDERS accepted 4711 12 04012345000016
"""

from adapters.edifact.format import Edifact
from adapters.mapping.library import Library
from hub.model.exchange import (
    Acknowledgement,
    Address,
    Closing,
    Document,
    Event,
    Interchange,
    Opening,
    Reading,
    Remark,
    Status,
)

__all__ = [
    "Acknowledgement",
    "Address",
    "Closing",
    "Document",
    "Edifact",
    "Event",
    "Interchange",
    "Opening",
    "Reading",
    "Remark",
    "Status",
    "acknowledge",
    "check",
    "read",
    "tables",
    "write",
]

_library = Library(Edifact)
read = _library.read
check = _library.check
acknowledge = _library.acknowledge
write = _library.write
tables = _library.tables
