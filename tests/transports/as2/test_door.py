"""POST /as2 on a real database: what is stored, and what the sender is told, however wrong its message is."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest

from adapters.transports.as2.compression import compress
from adapters.transports.as2.headers import Asked, quoted, unquoted
from adapters.transports.as2.mime import heading, parse, parts
from adapters.transports.as2.package import Mic, Packed
from hub.errors import Finding
from hub.store import StoredUnits, Urls
from tests.transports.as2.companies import company
from tests.transports.as2.hub import ACME, HUB, ORDER, Hub, packed, post, profile, told

MALLORY = company("mallory")


@pytest.fixture
async def hub(units: StoredUnits) -> AsyncIterator[Hub]:
    ours = Hub(units)
    await ours.know(profile("acme", ACME.terms()))
    async with ours.open():
        yield ours


def counts(urls: Urls) -> tuple[int, int, int]:
    """Messages, jobs, answers that were kept."""
    with psycopg.connect(urls.owner) as connection:
        row = connection.execute(
            "SELECT (SELECT count(*) FROM message), (SELECT count(*) FROM procrastinate_jobs), "
            "(SELECT count(*) FROM answer)").fetchone()
    assert row is not None
    return row


async def test_a_file_is_stored_with_job_and_receipt_and_its_mic_is_told(hub: Hub, urls: Urls) -> None:
    message = packed()
    reply = await post(hub.url, message)
    statement = told(reply)
    assert statement.positive
    assert (statement.original, statement.mic) == ("<1@acme>", message.mic)
    assert (reply.headers["as2-from"], reply.headers["as2-to"]) == ("hub", "acme")
    assert counts(urls) == (1, 1, 1)
    async with hub.units.worker() as unit:
        [stored] = (await unit.inbox.list()).rows
        assert (stored.filename, stored.channel, stored.sender) == ("order 7.edi", "as2", "acme")
        assert b"".join([chunk async for chunk in unit.inbox.content(stored.id)]) == ORDER


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed here")
async def test_openssl_vouches_for_the_signature_of_the_receipt(hub: Hub, tmp_path: Path) -> None:
    reply = await post(hub.url, packed())
    entity = parse(heading({"Content-Type": reply.headers["content-type"]}) + reply.content)
    content, signature = parts(entity.body, entity.parameter("boundary"))
    (tmp_path / "content").write_bytes(content)
    certificate, _ = HUB.save(tmp_path)
    done = subprocess.run(  # noqa: ASYNC221
        ["openssl", "cms", "-verify", "-inform", "DER", "-binary", "-content", tmp_path / "content", "-CAfile",
         certificate, "-purpose", "any", "-no_check_time"],
        input=parse(signature).content(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == content


# -- repeats ---------------------------------------------------------------------------------------------------------


async def test_a_repeat_gets_the_first_receipt_byte_for_byte(hub: Hub, urls: Urls) -> None:
    first = await post(hub.url, packed())
    again = await post(hub.url, packed())
    assert (again.content, again.headers["message-id"]) == (first.content, first.headers["message-id"])
    assert counts(urls) == (1, 1, 1)


async def test_ten_copies_at_once_are_one_file_and_one_receipt(hub: Hub, urls: Urls) -> None:
    hub.limits = replace(hub.limits, in_flight=64)
    message = packed()
    replies = await asyncio.gather(*(post(hub.url, message) for _ in range(8)))
    assert len({reply.content for reply in replies}) == 1
    assert counts(urls) == (1, 1, 1)


async def test_a_message_that_was_refused_may_be_sent_again_under_its_id(hub: Hub, urls: Urls) -> None:
    assert told(await post(hub.url, packed(keys=(MALLORY.key,)))).disposition.endswith("authentication-failed")
    assert counts(urls) == (0, 0, 0)
    assert told(await post(hub.url, packed())).positive
    assert counts(urls) == (1, 1, 1)


async def test_a_message_that_was_rejected_later_may_come_again(hub: Hub, urls: Urls) -> None:
    await post(hub.url, packed())
    async with hub.units.worker() as unit:
        [stored] = (await unit.inbox.list()).rows
        await unit.inbox.settle(
            stored.id, "rejected", sender="acme", receiver=None, format="x12", kind="850", version=None, control=None,
            findings=list[Finding]())
    assert told(await post(hub.url, packed())).positive
    assert counts(urls)[:2] == (2, 2)


async def test_other_bytes_under_a_known_id_are_refused_and_raise_an_alert(hub: Hub, urls: Urls) -> None:
    await post(hub.url, packed())
    statement = told(await post(hub.url, packed(b"another file")))
    assert statement.disposition == "processed/Error: unexpected-processing-error"
    assert "another file" in statement.text
    assert counts(urls)[0] == 1
    async with hub.units.worker() as unit:
        assert "message.reference_reused" in {raised.alert.kind for raised in await unit.alerts.list()}


async def test_the_same_bytes_under_a_new_id_are_taken_once_and_answered_twice(hub: Hub, urls: Urls) -> None:
    await post(hub.url, packed())
    statement = told(await post(hub.url, packed(), key="<2@acme>"))
    assert statement.positive
    assert statement.original == "<2@acme>"
    assert "taken before" in statement.text
    assert counts(urls)[:2] == (1, 1)


# -- what is wrong ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("message", "trouble"), [
    (packed(keys=(MALLORY.key,)), "authentication-failed"),
    (packed(certificates=(MALLORY.certificate,)), "decryption-failed"),
    (packed(sign=None), "insufficient-message-security"),
    (packed(encrypt=None), "insufficient-message-security"),
    (packed(sign="sha1", digests=("sha1",)), "insufficient-message-security"),
    (Packed({"Content-Type": "application/pkcs7-mime"}, os.urandom(900), Mic("", "sha256")), "decryption-failed"),
    (Packed({"Content-Type": "application/pkcs7-mime; smime-type=compressed-data"},
            compress(b"Content-Type: a/b\r\n\r\n" + bytes(20 << 20)), Mic("", "sha256")), "decompression-failed"),
])
async def test_a_bad_message_gets_a_signed_refusal_in_plain_words(
    hub: Hub, urls: Urls, message: Packed, trouble: str
) -> None:
    statement = told(await post(hub.url, message))
    assert statement.disposition == f"processed/Error: {trouble}"
    assert statement.mic is None
    assert len(statement.text.splitlines()) == 2
    assert counts(urls) == (0, 0, 0)
    async with hub.units.worker() as unit:
        [raised] = await unit.alerts.list()
    assert (raised.alert.kind, raised.alert.subject) == ("as2.refused", f"acme {trouble}")


@pytest.mark.parametrize("missing", ["AS2-From", "AS2-To"])
async def test_without_names_there_is_no_as2_message(hub: Hub, missing: str) -> None:
    reply = await post(hub.url, packed(), headers={missing: None})
    assert (reply.status_code, reply.json()["reason"]) == (400, "BAD_AS2_HEADER")


async def test_a_header_that_is_there_twice_is_refused(hub: Hub) -> None:
    reply = await post(hub.url, packed(), headers={"as2-from": "bolt"})
    assert (reply.status_code, reply.json()["reason"]) == (400, "BAD_AS2_HEADER")


@pytest.mark.parametrize(("headers", "disposition"), [
    ({"AS2-From": "nobody"}, "processed/Error: unknown-trading-relationship"),
    ({"AS2-From": "ACME"}, "processed/Error: unknown-trading-relationship"),
    ({"AS2-To": "elsewhere"}, "processed/Error: unknown-trading-relationship"),
    ({"AS2-From": "hub"}, "failed/Failure: sender-equals-receiver"),
])
async def test_somebody_unknown_gets_an_unsigned_refusal_and_nothing_is_read(
    hub: Hub, urls: Urls, headers: dict[str, str | None], disposition: str
) -> None:
    assert told(await post(hub.url, packed(), headers=headers), signed=False).disposition == disposition
    assert counts(urls) == (0, 0, 0)
    silent = headers | {"Disposition-Notification-To": None, "Disposition-Notification-Options": None}
    assert (await post(hub.url, packed(), headers=silent)).status_code == 403


@pytest.mark.parametrize("key", [None, "x" * 256, "<é@acme>"])
async def test_a_message_without_a_usable_id_is_refused(hub: Hub, urls: Urls, key: str | None) -> None:
    headers = {} if key is None or key.isascii() else {"Message-ID": key.encode("latin-1")}
    reply = await post(hub.url, packed(), key=key, headers=headers)  # type: ignore[arg-type]
    assert told(reply).disposition == "processed/Error: invalid-message-id"
    assert counts(urls) == (0, 0, 0)


@pytest.mark.parametrize(("micalgs", "used"), [
    ("sha-256, sha1", "sha-256"), ("sha1, sha512", "sha-512"), ("SHA384", "sha-384"),
    ("md5, sha-384, sha-256", "sha-384"),
])
async def test_the_receipt_is_signed_with_the_first_digest_of_the_list_that_is_agreed(
    hub: Hub, micalgs: str, used: str
) -> None:
    options = f"signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, {micalgs}"
    reply = await post(hub.url, packed(), headers={"Disposition-Notification-Options": options})
    assert told(reply).positive
    assert f"micalg={used};" in reply.headers["content-type"]


async def test_a_receipt_with_no_digest_that_is_agreed_is_refused(hub: Hub, urls: Urls) -> None:
    options = "signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, md5, sha1"
    reply = await post(hub.url, packed(), headers={"Disposition-Notification-Options": options})
    assert told(reply).disposition == "failed/Failure: unsupported MIC-algorithms"
    assert counts(urls) == (0, 0, 0)


async def test_unknown_options_and_features_do_no_harm(hub: Hub) -> None:
    headers: dict[str, Any] = {"EDIINT-Features": "telepathy", "AS2-Version": "9.9", "Disposition-Notification-Options":
                               "moon=full; signed-receipt-protocol=required,pkcs7-signature"}
    assert told(await post(hub.url, packed(), headers=headers)).positive


async def test_who_asks_for_no_receipt_gets_none_and_who_asks_for_no_signature_gets_none(hub: Hub, urls: Urls) -> None:
    plain: dict[str, str | None] = {"Disposition-Notification-Options": None}
    assert told(await post(hub.url, packed(), headers=plain), signed=False).positive
    reply = await post(hub.url, packed(b"second"), "<2@acme>", plain | {"Disposition-Notification-To": None})
    assert (reply.status_code, reply.content) == (204, b"")
    assert counts(urls)[0] == 2


async def test_too_much_is_413_and_said_before_it_is_read(hub: Hub, urls: Urls) -> None:
    reply = await post(hub.url, Packed({"Content-Type": "application/pkcs7-mime"}, bytes(9 << 20), Mic("", "sha256")))
    assert (reply.status_code, reply.json()["reason"]) == (413, "TOO_LARGE")
    assert counts(urls) == (0, 0, 0)


async def test_an_empty_file_is_refused(hub: Hub, urls: Urls) -> None:
    assert told(await post(hub.url, packed(b""))).disposition == "failed/Failure: unsupported format"
    assert counts(urls) == (0, 0, 0)


@pytest.mark.parametrize("name", ["acme", "ACME Foods, Inc.", 'so "called"', "back\\slash"])
def test_names_survive_their_quotes(name: str) -> None:
    assert unquoted(quoted(name)) == name


def test_an_odd_list_of_options_is_read_for_what_it_says() -> None:
    options = "Signed-Receipt-MicAlg=Optional,SHA-256,sha1;signed-receipt-protocol=required, pkcs7-signature;"
    asked = Asked.of({"disposition-notification-to": "x", "disposition-notification-options": options})
    assert (asked.wanted, asked.signed, asked.micalgs, asked.to) == (True, True, ("SHA-256", "sha1"), None)
