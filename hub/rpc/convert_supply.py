"""Shipments and stock to protobuf, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hub.model.despatch import Despatch, DespatchedItem, HandlingUnit
from hub.ports import ShipmentRow, StockRow
from hub.rpc.convert import day, decimal, moment, named_party
from hub.rpc.names import name
from hub.rpc.pb.v1 import orders_pb2 as pb


def shipment(row: ShipmentRow) -> pb.Shipment:
    """What is on its way for one order; of a despatch whose document is purged only that it was."""
    made = pb.Shipment(
        name=name("shipments", row.id), number=row.number, order=name("orders", row.order),
        buyer=name("partners", row.buyer), seller=name("partners", row.seller),
        message=name("messages", row.message), create_time=moment(row.at))
    if row.body is not None:
        made.MergeFrom(_told(Despatch.model_validate(row.body)))
    return made


def _told(document: Despatch) -> pb.Shipment:
    return pb.Shipment(
        ship_date=day(document.shipped_on), delivery_date=day(document.deliver_on),
        carrier=document.carrier or document.carrier_name or "", tracking_number=document.tracking or "",
        bill_of_lading=document.bill_of_lading or "", package_count=document.packages,
        ship_from=named_party(document.ship_from), ship_to=named_party(document.ship_to),
        items=[_item(item, box) for item, box in (
            *((item, "") for item in document.items), *_boxed(document.units, ""))],
    )


def _boxed(units: Iterable[HandlingUnit], around: str) -> Iterator[tuple[DespatchedItem, str]]:
    """All that is in boxes, each with the number of the innermost one that has any."""
    for unit in units:
        box = unit.sscc or around
        yield from ((item, box) for item in unit.items)
        yield from _boxed(unit.units, box)


def _item(item: DespatchedItem, box: str) -> pb.Shipment.Item:
    return pb.Shipment.Item(
        sscc=box, quantity=decimal(item.quantity), unit=item.unit or "", gtin=item.gtin or "",
        buyer_item=item.buyer_item or "", seller_item=item.seller_item or "", description=item.description or "",
        lot=item.lot or "", expiry_date=day(item.expires_on), order_number=item.order_number or "",
        order_line=item.order_line or "",
    )


def inventory_position(row: StockRow) -> pb.InventoryPosition:
    """The newest counts."""
    return pb.InventoryPosition(
        name=name("inventoryPositions", row.id), agreement=name("agreements", row.agreement), gtin=row.gtin,
        gln=row.gln, counts=[pb.InventoryPosition.Count(
            observation=kind, quantity=count.quantity, date=day(count.day), create_time=moment(count.at))
            for kind, count in sorted(row.counts.items())],
    )
