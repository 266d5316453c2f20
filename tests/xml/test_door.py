"""Attacks and damage: each is a finding and an answer, never a fetch, a cut text or a traceback."""

from __future__ import annotations

import codecs
import gzip
import io
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from typer.testing import CliRunner

from adapters.xml.door import Limits
from adapters.xml.ubl import judge
from hub.cli.explain import formats
from hub.cli.terminal import app
from hub.flow.identify import identify
from hub.model.exchange import Closing, Opening, Reading, Remark, Status
from hub.ports import Guide
from tests.xml.attacks import attacks
from tests.xml.samples import CBC, ENVELOPE, LINE, NOW, ORDER, answer, events, forecast, names, readings, ubl
from tests.xml.test_across import ORDER as A_WHOLE_ORDER

BOMB = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
SMALL = Limits(tree=200_000, line=20_000, silence=50_000, depth=20, attributes=10)


class Listener:
    """A local web server that counts who knocks."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.socket.settimeout(0.1)
        self.knocks, self.open = 0, True
        self.url = f"http://127.0.0.1:{self.socket.getsockname()[1]}/evil.dtd"
        self.thread = threading.Thread(target=self._listen)
        self.thread.start()

    def _listen(self) -> None:
        while self.open:
            try:
                peer, _ = self.socket.accept()
            except TimeoutError:
                continue
            self.knocks += 1
            peer.close()

    def close(self) -> None:
        self.open = False
        self.thread.join()
        self.socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener()
    yield made
    made.close()


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE Order>",
        '<!DOCTYPE Order SYSTEM "order.dtd">',
        '<!DOCTYPE Order PUBLIC "-//X//Y" "http://127.0.0.1:9/x.dtd">',
        '<!DOCTYPE Order [<!ENTITY x "3">]>',
        '<!DOCTYPE Order [<!ATTLIST Order injected CDATA "evil">]>',
        '<!DOCTYPE Order [<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;]>',
        f'<!DOCTYPE Order [<!ENTITY a0 "ha">{BOMB}]>',
        f'<!DOCTYPE Order [<!ENTITY long "{"x" * 20_000}">]>',
    ],
    ids=["bare", "system", "public", "entity", "attribute-default", "parameter", "billion-laughs", "quadratic"],
)
def test_a_doctype_of_any_kind_is_refused_and_answered(doctype: str) -> None:
    body = ORDER.replace("PO1", "12&x;3" if "ENTITY x" in doctype else "&a9;" if "a9" in doctype else "&long;" * 1000)
    document = ubl("Order", body, doctype)
    began = time.process_time()
    opened, closed = events(document)
    assert isinstance(opened, Opening)
    assert isinstance(closed, Closing)
    assert [f.code for f in closed.findings] == ["E-XML-DOCTYPE"]
    assert "RE</cbc:ResponseCode>" in answer(document)
    assert time.process_time() - began < 1


def test_a_doctype_before_a_streamed_document_is_refused_too() -> None:
    assert names(forecast(3).replace("<Forecast", "<!DOCTYPE Forecast><Forecast", 1)) == ["DOCTYPE"]


def test_no_file_is_read_for_an_entity(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("top-secret-content")
    doctype = f'<!DOCTYPE Order [<!ENTITY x SYSTEM "{secret.as_uri()}">]>'
    document = ubl("Order", ORDER.replace("PO1", "&x;"), doctype)
    assert names(document) == ["DOCTYPE"]
    assert "top-secret" not in repr(events(document)) + answer(document)


def test_nothing_is_fetched_for_entities_schemas_stylesheets_or_inclusions(listener: Listener) -> None:
    url = listener.url
    hints = f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{CBC} {url}"'
    include = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="{url}"/>'
    documents = [
        ubl("Order", ORDER, f'<!DOCTYPE Order SYSTEM "{url}">'),
        ubl("Order", ORDER, f'<!DOCTYPE Order [<!ENTITY x SYSTEM "{url}">]>'),
        ubl("Order", ORDER, f'<!DOCTYPE Order [<!ENTITY % p SYSTEM "{url}"> %p;]>'),
        ubl("Order", ORDER, attributes=hints),
        ubl("Order", ORDER, f'<?xml-stylesheet type="text/xsl" href="{url}"?>'),
        ubl("Order", ORDER + include),
        forecast().replace("<Forecast", f"<Forecast{hints}", 1),
    ]
    for document in documents:
        assert events(document)
    assert listener.knocks == 0


def test_a_schema_location_hint_changes_no_verdict() -> None:
    hint = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="urn:x file:///etc/passwd"'
    (only,) = readings(ubl("Order", ORDER, attributes=hint))
    assert only.status is Status.ACCEPTED
    assert only.document == readings(ubl("Order", ORDER))[0].document


def test_an_undeclared_entity_never_cuts_a_text() -> None:
    assert names(ubl("Order", ORDER.replace("PO1", "12&x;3"))) == ["BROKEN-XML"]
    assert names(forecast(2).replace("F1", "12&x;3")) == ["BROKEN-XML"]


@pytest.mark.parametrize(
    "body",
    [
        ORDER.replace("LAMP", "x" * 12_000_000),
        ORDER.replace("LAMP", "x" * 2_000_000),
        ORDER.replace('unitCode="CS"', f'unitCode="{"x" * 11_000_000}"'),
        ORDER + f"<!--{'x' * 11_000_000}-->",
        "<cbc:Note>" * 300,
        "<cbc:Note>" * 100 + "</cbc:Note>" * 100,
        ORDER.replace('unitCode="CS"', " ".join(f'a{n}="1"' for n in range(200_000))),
        ORDER.replace('unitCode="CS"', " ".join(f'a{n}="1"' for n in range(100))),
    ],
    ids=["12-mb-text", "2-mb-text", "11-mb-attribute", "11-mb-comment", "300-deep", "100-deep", "200000-attributes",
         "100-attributes"],
)
def test_a_bomb_of_text_depth_or_attributes_is_beyond_a_limit(body: str) -> None:
    began = time.process_time()
    assert names(ubl("Order", body)) == ["LIMIT"]
    assert time.process_time() - began < 3


def test_a_first_tag_without_end_is_beyond_a_limit() -> None:
    assert names(ubl("Order", ORDER, attributes=" " + " ".join(f'a{n}="1"' for n in range(200_000)))) == ["LIMIT"]


@pytest.mark.parametrize(
    "content",
    [
        ubl("Order", "<cbc:Note>x</cbc:Note>" * 20_000 + ORDER),
        ubl("Order", ORDER.replace("LAMP", "x" * 120_000)),
        forecast(3, line="<cac:ForecastLine>" + "<cbc:Note>x</cbc:Note>" * 20_000 + "</cac:ForecastLine>"),
        forecast(3, head="<cbc:Note>x</cbc:Note>" * 20_000),
        ubl("Order", "<cbc:Note>" * 21 + "</cbc:Note>" * 21),
        ubl("Order", ORDER.replace('unitCode="CS"', " ".join(f'a{n}="1"' for n in range(11)))),
        forecast(2, line=LINE.replace('unitCode="CS"', " ".join(f'a{n}="1"' for n in range(11)))),
    ],
    ids=["document", "text", "line", "head", "depth", "attributes", "attributes-of-a-line"],
)
def test_every_limit_can_be_set(content: str) -> None:
    assert names(content, SMALL) == ["LIMIT"]
    assert "LIMIT" not in names(content)


@pytest.mark.parametrize("name", ["UTF-7", "UTF-32", "Shift_JIS", "EBCDIC-CP-US", "windows-1252", "x-user-defined"])
def test_odd_encodings_are_refused_by_name(name: str) -> None:
    assert names(ubl("Order", ORDER, f'<?xml version="1.0" encoding="{name}"?>')) == ["ENCODING"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"])
@pytest.mark.parametrize("make", [lambda: ubl("Order", ORDER.replace("LAMP", "LÄMP")), forecast])
def test_the_plain_encodings_are_read(encoding: str, make: object) -> None:
    text = make()  # type: ignore[operator]
    declared = {"utf-8-sig": "utf-8", "utf-16-le": "utf-16", "utf-16-be": "utf-16"}.get(encoding, encoding)
    bom = {"utf-16-le": codecs.BOM_UTF16_LE, "utf-16-be": codecs.BOM_UTF16_BE}.get(encoding, b"")
    content = bom + f'<?xml version="1.0" encoding="{declared}"?>{text}'.encode(encoding)
    (only,) = readings(content)
    assert only.status is Status.ACCEPTED
    assert only.document == readings(text)[0].document


@pytest.mark.parametrize(
    "content",
    [
        b'<?xml version="1.0" encoding="UTF-16"?>' + ubl("Order", ORDER).encode(),
        ubl("Order", ORDER.replace("LAMP", "LÄMP")).encode("latin-1"),
        ubl("Order", ORDER.replace("LAMP", "LAMP\0")).encode(),
    ],
    ids=["says-utf-16", "latin-1-undeclared", "nul"],
)
def test_bytes_that_are_not_what_they_say_are_broken(content: bytes) -> None:
    assert names(content)[0] in ("BROKEN-XML", "ENCODING")


def test_gzip_under_the_name_of_xml_says_what_it_is() -> None:
    packed = gzip.compress(ubl("Order", ORDER).encode(), mtime=0)
    (only,) = identify(io.BytesIO(packed), list(formats().values()), lambda _: Guide())
    assert isinstance(only, Remark)
    assert "gzip" in only.finding.message


@pytest.mark.parametrize("content", [ubl("Order", ORDER), forecast(2)], ids=["whole", "streamed"])
def test_a_file_cut_off_anywhere_is_rejected_and_answered(content: str) -> None:
    raw = content.encode()
    start = raw.index(b">") + 1
    for end in range(start, len(raw) - 1, 37):
        found = events(raw[:end])
        closing = found[-1]
        assert isinstance(closing, Closing)
        assert closing.rejected
        assert not any(isinstance(event, Reading) for event in found)
        assert "RE</cbc:ResponseCode>" in answer(raw[:end])


@pytest.mark.parametrize("content", [ubl("Order", ORDER) * 2, forecast(2) * 2], ids=["whole", "streamed"])
def test_two_documents_in_a_file_are_broken(content: str) -> None:
    assert names(content) == ["BROKEN-XML"]


@pytest.mark.parametrize(
    "namespace", ["Invoice-2", "Order-3", "Order-1"], ids=["of another document", "UBL 3", "UBL 1"]
)
def test_a_wrong_namespace_is_told_and_answered(namespace: str) -> None:
    content = ubl("Order", ORDER).replace("xsd:Order-2", f"xsd:{namespace}")
    assert names(content) == ["WRONG-NAMESPACE"]
    assert "E-XML-WRONG-NAMESPACE" in answer(content)


@pytest.mark.parametrize("version", ["2.9", "3.0", "1.0", "two", "2.1.1"])
@pytest.mark.parametrize("make", [lambda v: ubl("Order", ORDER.replace("2.1", v, 1)),
                                  lambda v: forecast().replace("2.1", v, 1)], ids=["whole", "streamed"])
def test_an_unknown_version_is_not_read(version: str, make: object) -> None:
    content = make(version)  # type: ignore[operator]
    assert names(content) == ["UNKNOWN-VERSION"]
    assert all(reading.document is None for reading in readings(content))


def test_a_valid_document_that_we_do_not_map_is_told_and_answered() -> None:
    content = ubl("Waybill", "<cbc:ID>W1</cbc:ID>")
    (only,) = readings(content)
    assert (only.status, only.document) == (Status.REJECTED, None)
    assert names(content) == ["NOT-MAPPED"]
    assert "RE</cbc:ResponseCode>" in answer(content)


def test_xml_of_another_kind_is_told_what_is_missing() -> None:
    (only,) = events("<cat/>")
    assert isinstance(only, Remark)
    assert "neither UBL nor GS1" in only.finding.message


def test_an_answer_is_valid_and_holds_no_control_character() -> None:
    content = ubl("Order", ORDER).replace("xsd:Order-2", "xsd:Order-3")
    root = etree.fromstring(answer(content).encode())
    assert judge("2.1").schema.validate(root), judge("2.1").schema.error_log
    assert NOW.date().isoformat() in answer(content)


def test_explain_says_of_every_attack_what_it_is_and_never_fails(tmp_path: Path) -> None:
    order = formats()["ubl"].write("ubl/2.1/Order", [A_WHOLE_ORDER], ENVELOPE, None)
    files = []
    for name, content in attacks(order).items():
        files.append(tmp_path / f"{name.replace(' ', '-').replace(',', '')}.xml")
        files[-1].write_bytes(content)
    done = CliRunner().invoke(app, ["explain", "--json", *map(str, files)])
    assert done.exception is None or isinstance(done.exception, SystemExit)
    assert "Traceback" not in done.output
    assert all(path.name in done.output for path in files)
