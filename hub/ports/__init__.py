"""The whole outside world, a topic a file; whoever drives it imports from here.

`hub.flow` drives these; `adapters`, `partners` and `hub.store` implement them; `hub.app` joins the two. Repositories
hang on a `Unit`: one database transaction, entered with `async with`, committed when the block ends well, rolled back
otherwise. All of them speak short partner names, GTINs, GLNs and public ids; surrogate keys stay inside `hub.store`.
"""

from hub.ports.care import Alerts, Announcer, DeadLetter, DeadLetters, Due, DueBook, Figure, Figures, Raised, Retention
from hub.ports.catalogue import Catalogue, CatalogueView, ItemCard
from hub.ports.cycles import CycleRow, Cycles, Exceptions, MetricExceptions, MetricRow, Run, Runs, Scorecards
from hub.ports.deliveries import Answered, Attempt, Deliveries, Delivery, Mailbox, Matched, Outbox, Waiting
from hub.ports.formats import Format, Guide, Guides, Naming, Numbering, Portioning, Reporting
from hub.ports.messages import Arrival, ControlNumbers, Documents, Inbox, Message, Replies, StoredDocument
from hub.ports.page import Page
from hub.ports.partners import PartnerBook, StageStep, Trials, Tried
from hub.ports.plans import (
    BusinessPlans,
    Forecasts,
    PlanBook,
    PlannedSeries,
    Plans,
    Replenished,
    ReplenishedPart,
    Replenishment,
    SeriesPair,
    VersionCard,
)
from hub.ports.record import Audit, AuditProof, Events
from hub.ports.trade import (
    Arrived,
    Count,
    Happening,
    LateOrder,
    Observations,
    OrderRow,
    Orders,
    ShipmentRow,
    Shipments,
    StockRoom,
    StockRow,
)
from hub.ports.transports import Answer, Held, Outgoing, Parcel, Receipt, Transport
from hub.ports.unit import Queue, Unit, Units
from hub.ports.work import Clock, Executor

__all__ = [
    "Alerts",
    "Announcer",
    "Answer",
    "Answered",
    "Arrival",
    "Arrived",
    "Attempt",
    "Audit",
    "AuditProof",
    "BusinessPlans",
    "Catalogue",
    "CatalogueView",
    "Clock",
    "ControlNumbers",
    "Count",
    "CycleRow",
    "Cycles",
    "DeadLetter",
    "DeadLetters",
    "Deliveries",
    "Delivery",
    "Documents",
    "Due",
    "DueBook",
    "Events",
    "Exceptions",
    "Executor",
    "Figure",
    "Figures",
    "Forecasts",
    "Format",
    "Guide",
    "Guides",
    "Happening",
    "Held",
    "Inbox",
    "ItemCard",
    "LateOrder",
    "Mailbox",
    "Matched",
    "Message",
    "MetricExceptions",
    "MetricRow",
    "Naming",
    "Numbering",
    "Observations",
    "OrderRow",
    "Orders",
    "Outbox",
    "Outgoing",
    "Page",
    "Parcel",
    "PartnerBook",
    "PlanBook",
    "PlannedSeries",
    "Plans",
    "Portioning",
    "Queue",
    "Raised",
    "Receipt",
    "Replenished",
    "ReplenishedPart",
    "Replenishment",
    "Replies",
    "Reporting",
    "Retention",
    "Run",
    "Runs",
    "Scorecards",
    "SeriesPair",
    "ShipmentRow",
    "Shipments",
    "StageStep",
    "StockRoom",
    "StockRow",
    "StoredDocument",
    "Transport",
    "Trials",
    "Tried",
    "Unit",
    "Units",
    "VersionCard",
    "Waiting",
]
