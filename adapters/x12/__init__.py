"""ASC X12: bytes in, documents and findings out, and back.

elements      what an element of each type may hold
split         streams interchanges, groups and transactions out of a file
envelope      ISA and GS read and written; counts and control numbers
transaction   one ST-SE by its table
format        the `Format`: read, acknowledge, write
acknowledge   TA1 and 997 out of verdicts
acknowledged  a received 997 or TA1

As a library, without server or database:

    >>> from adapters import x12
    >>> isa = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         "
    >>> isa += "*261122*1200*U*00401*000000001*0*T*>~"
    >>> body = "BEG*00*SA*4711**20261122~PO1*1*12*EA*9.95**UP*614141000036~CTT*1~"
    >>> file = f"{isa}GS*PO*BUYER*SELLER*20261122*1200*1*X*004010~ST*850*0001~{body}SE*5*0001~GE*1*1~IEA*1*000000001~"
    >>> for event in x12.read(file.encode()):
    ...     if isinstance(event, x12.Reading):
    ...         order = event.document
    ...         print(event.message, event.status, order.number, order.lines[0].quantity, order.lines[0].gtin)
    850 accepted 4711 12 00614141000036
"""

from adapters.mapping.library import Library
from adapters.x12.format import X12
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
    "X12",
    "Acknowledgement",
    "Address",
    "Closing",
    "Document",
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

_library = Library(X12)
read = _library.read
check = _library.check
acknowledge = _library.acknowledge
write = _library.write
tables = _library.tables
