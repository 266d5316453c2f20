"""What one may do to a UBL order on its way, by name."""

from __future__ import annotations

import gzip

from tests.xml.test_gs1 import WEEKLY


def attacks(order: bytes) -> dict[str, bytes]:
    """An order, and what one may do to it."""

    def before(doctype: str, inside: str = "") -> bytes:
        return order.replace(b"<Order ", f"{doctype}<Order ".encode(), 1).replace(
            b"</cbc:ID>", f"{inside}</cbc:ID>".encode(), 1)

    def note(text: str) -> bytes:
        return order.replace(b"</cbc:IssueDate>", f"</cbc:IssueDate><cbc:Note>{text}</cbc:Note>".encode(), 1)

    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    many = " ".join(f'a{n}="1"' for n in range(200_000))
    return {
        "doctype": before("<!DOCTYPE Order>"),
        "file entity": before('<!DOCTYPE Order [<!ENTITY x SYSTEM "file:///etc/hostname">]>', "&x;"),
        "http entity": before('<!DOCTYPE Order [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]>', "&x;"),
        "parameter entity": before('<!DOCTYPE Order [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>'),
        "billion laughs": before(f'<!DOCTYPE Order [<!ENTITY a0 "ha">{laughs}]>', "&a9;"),
        "quadratic": before(f'<!DOCTYPE Order [<!ENTITY l "{"x" * 10_000}">]>', "&l;" * 1_000),
        "attribute bomb": before(f'<!DOCTYPE Order [<!ENTITY a0 "ha">{laughs}<!ATTLIST Order b CDATA "&a9;">]>'),
        "12 MB text": note("x" * 7_000_000),
        "depth": note("<cbc:Note>" * 5_000 + "</cbc:Note>" * 5_000),
        "200,000 attributes": order.replace(b"-2\">", f"-2\" {many}>".encode(), 1),
        "utf-7": order.replace(b"UTF-8", b"UTF-7", 1),
        "truncated": order[:len(order) // 2],
        "two roots": order + order[order.index(b"<Order "):],
        "wrong namespace": order.replace(b"schema:xsd:Order-2", b"schema:xsd:Invoice-2", 1),
        "unknown version": order.replace(b">2.1</cbc:UBLVersionID>", b">9.9</cbc:UBLVersionID>", 1),
        "not mapped": order.replace(b"Order-2", b"Waybill-2", 1).replace(b"<Order ", b"<Waybill ", 1).replace(
            b"</Order>", b"</Waybill>"),
        "gs1 doctype": WEEKLY.replace("<order:orderMessage", "<!DOCTYPE x><order:orderMessage", 1).encode(),
        "gs1 not mapped": WEEKLY.replace("orderMessage", "goodsRequirementMessage").replace(
            "ecom:order:", "ecom:goods_requirement:").replace("<order>", "<goodsRequirement>").replace(
            "</order>", "</goodsRequirement>").encode(),
        "gzip": gzip.compress(order, mtime=0),
    }
