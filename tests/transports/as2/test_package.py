"""Files in their layers and out again; and every wrong message, with the answer that it gets."""

from __future__ import annotations

import hashlib
import itertools
import os
import zlib
from typing import Any

import pytest
from asn1crypto import cms

from adapters.transports.as2.compression import compress
from adapters.transports.as2.fault import Fault
from adapters.transports.as2.mime import heading, parse, parts
from adapters.transports.as2.package import Mic, Packed, expected_mic, pack, unpack
from hub.errors import Reject
from hub.model.as2 import As2Terms
from tests.transports.as2.companies import DAY, NOW, company

HUB, ACME, MALLORY = company("hub"), company("acme"), company("mallory")
ORDER = b"UNB+UNOC:3+A+B'\r\n" * 300 + bytes(range(256))
LIMIT = 1 << 20
KIND = "application/EDIFACT"


def sent(terms: As2Terms, keys: tuple[str, ...] = (ACME.key,), content: bytes = ORDER) -> Packed:
    """A file from acme to the hub; `terms` are those of the hub in acme's books."""
    return pack(content, "orders.edi", KIND, terms, keys, NOW)


def received(packed: Packed, *, keys: tuple[str, ...] = (HUB.key,), now: Any = NOW, **terms: Any) -> Any:
    headers = {name.lower(): value for name, value in packed.headers.items()}
    return unpack(headers, packed.body, ACME.terms(**terms), keys, now, LIMIT)


def refusal(packed: Packed, **more: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        received(packed, **more)
    return caught.value


WAYS = list(itertools.product([None, "sha256"], [None, "aes256-cbc", "aes128-gcm"], [
    None, "before_signing", "after_signing"]))


@pytest.mark.parametrize(("sign", "encrypt", "compress"), WAYS)
def test_every_order_of_layers_comes_back_with_the_mic_that_was_expected(
    sign: Any, encrypt: Any, compress: Any
) -> None:
    terms = HUB.terms(sign=sign, encrypt=encrypt, compress=compress)
    packed = sent(terms)
    opened = received(packed, signed=sign is not None, encrypted=encrypt is not None)
    assert opened.content == ORDER
    assert (opened.signed, opened.cipher, opened.compressed) == (sign is not None, encrypt, compress is not None)
    if sign or not compress:
        assert opened.mic == packed.mic == expected_mic(ORDER, "orders.edi", KIND, terms)
    if sign or encrypt or compress:
        assert opened.filename == "orders.edi"


def test_the_mic_of_a_repeat_is_that_of_the_first_attempt() -> None:
    first, again = sent(HUB.terms()), pack(ORDER, "orders.edi", KIND, HUB.terms(), (ACME.key,), NOW + DAY)
    assert first.body != again.body
    assert first.mic == again.mic


def test_the_mic_of_a_bare_body_leaves_out_its_headers() -> None:
    packed = sent(HUB.terms(sign=None, encrypt=None, compress=None))
    assert packed.mic == Mic.of("sha256", hashlib.sha256(ORDER).digest())


def test_line_ends_inside_a_file_are_never_touched() -> None:
    odd = b"a\nb\r\nc\rd\r\n\r\n"
    assert received(sent(HUB.terms(), content=odd)).content == odd


# -- certificates ----------------------------------------------------------------------------------------------------


def test_during_a_roll_over_both_certificates_count_and_the_newest_is_encrypted_to() -> None:
    new = company("hub", first=-1, generation=1)
    both = (HUB.key, new.key)
    assert received(sent(HUB.terms()), keys=both).content == ORDER
    packed = sent(As2Terms(name="hub", certificates=(HUB.certificate, new.certificate)))
    assert received(packed, keys=(new.key,)).content == ORDER
    assert refusal(packed).trouble == "decryption-failed"


def test_a_partner_may_sign_with_its_old_and_its_new_certificate() -> None:
    new = company("acme", first=-1, generation=1)
    for keys in ((ACME.key,), (new.key,), (ACME.key, new.key)):
        assert received(sent(HUB.terms(), keys), certificates=(ACME.certificate, new.certificate)).content == ORDER


def test_an_expired_certificate_and_one_of_tomorrow_are_refused_by_name() -> None:
    packed = sent(HUB.terms())
    late = refusal(packed, now=NOW + 400 * DAY)
    early = refusal(packed, now=NOW - 31 * DAY)
    assert (late.trouble, early.trouble) == ("authentication-failed", "authentication-failed")
    assert "expired on 22 Nov 2027" in late.message
    assert "valid only from 23 Oct 2026" in early.message


def test_nothing_is_encrypted_to_a_certificate_that_does_not_count() -> None:
    old = company("hub", first=-30, last=-1, generation=2)
    with pytest.raises(Reject, match="No certificate of hub is valid now"):
        sent(old.terms())


# -- what is wrong, and how it is told -----------------------------------------------------------------------------


def test_encrypted_to_somebody_else() -> None:
    assert refusal(sent(MALLORY.terms())).trouble == "decryption-failed"


def test_signed_by_somebody_else() -> None:
    assert refusal(sent(HUB.terms(), (MALLORY.key,))).trouble == "authentication-failed"


def test_unsigned_or_not_encrypted_when_it_must_be() -> None:
    assert refusal(sent(HUB.terms(sign=None))).trouble == "insufficient-message-security"
    assert refusal(sent(HUB.terms(encrypt=None))).trouble == "insufficient-message-security"


def test_a_digest_or_cipher_that_is_not_agreed() -> None:
    assert refusal(sent(HUB.terms(sign="sha1", digests=("sha1",)))).trouble == "insufficient-message-security"
    assert refusal(sent(HUB.terms()), ciphers=("aes128-gcm",)).trouble == "insufficient-message-security"


def outcome(packed: Packed) -> bytes | str:
    try:
        return bytes(received(packed).content)
    except Fault as fault:
        return fault.trouble


@pytest.mark.parametrize("cipher", ["aes256-cbc", "aes256-gcm"])
def test_no_flipped_bit_ever_changes_what_is_taken(cipher: Any) -> None:
    packed = sent(HUB.terms(encrypt=cipher))
    for at in range(0, len(packed.body), max(1, len(packed.body) // 97)):
        body = bytearray(packed.body)
        body[at] ^= 1 << at % 8
        assert outcome(Packed(packed.headers, bytes(body), packed.mic)) in {
            ORDER, "decryption-failed", "integrity-check-failed", "insufficient-message-security",
            "authentication-failed"}


def test_whatever_is_wrong_inside_a_cbc_envelope_is_answered_alike() -> None:
    """Padding, the key, the length, bytes in the middle: all one answer (RFC 3218)."""
    packed = sent(HUB.terms())
    info = cms.ContentInfo.load(packed.body)
    said = set()
    for change in ("padding", "key", "short", "middle", "no blocks"):
        envelope = cms.ContentInfo.load(packed.body)
        inner = envelope["content"]["encrypted_content_info"]
        sealed = bytearray(info["content"]["encrypted_content_info"]["encrypted_content"].native)
        if change == "padding":
            sealed[-1] ^= 0xFF
        elif change == "short":
            sealed = sealed[:-7]
        elif change == "no blocks":
            sealed = sealed[:0]
        elif change == "middle":
            sealed[:48] = os.urandom(48)
        else:
            key = bytearray(envelope["content"]["recipient_infos"][0].chosen["encrypted_key"].native)
            key[5] ^= 1
            envelope["content"]["recipient_infos"][0].chosen["encrypted_key"] = bytes(key)
        inner["encrypted_content"] = bytes(sealed)
        fault = refusal(Packed(packed.headers, envelope.dump(force=True), packed.mic))
        said.add((fault.trouble, fault.message))
    assert len(said) == 1


def test_bytes_after_the_last_boundary_cannot_be_used_to_ask_about_padding() -> None:
    content, signature = signed_parts()
    body = b"".join((b"--b\r\n", content, b"\r\n--b\r\n", signature, b"\r\n--b--\r\n", os.urandom(16)))
    with pytest.raises(Fault, match="bytes after the last boundary"):
        received(Packed({"Content-Type": 'multipart/signed; boundary="b"'}, body, NONE), encrypted=False)


NONE = Mic("", "sha256")


def signed_parts() -> tuple[bytes, bytes]:
    packed = sent(HUB.terms(encrypt=None, compress=None))
    entity = parse(heading(packed.headers) + packed.body)
    content, signature = parts(entity.body, entity.parameter("boundary"))
    return content, signature


@pytest.mark.parametrize("count", [0, 2])
def test_a_signature_of_none_or_of_two_is_no_signature(count: int) -> None:
    content, signature = signed_parts()
    info = cms.ContentInfo.load(parse(signature).content())
    one = info["content"]["signer_infos"][0]
    info["content"]["signer_infos"] = cms.SignerInfos([one] * count)
    body = rebuilt(content, info.dump(force=True))
    fault = refusal(body, encrypted=False)
    assert fault.trouble == "authentication-failed"
    assert f"{count} signers" in fault.message


def test_other_content_under_a_good_signature() -> None:
    content, signature = signed_parts()
    fault = refusal(rebuilt(content.replace(b"UNOC", b"UNOB"), parse(signature).content()), encrypted=False)
    assert fault.trouble == "integrity-check-failed"


@pytest.mark.parametrize(
    "der", [b"", b"0", b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\x30\x03\x02\x01\x01", b"\x30" * 5000])
def test_what_is_no_asn1_is_refused_and_never_an_error_of_ours(der: bytes) -> None:
    content, _ = signed_parts()
    assert refusal(rebuilt(content, der), encrypted=False).trouble == "authentication-failed"
    for kind, trouble in (("enveloped-data", "decryption-failed"), ("compressed-data", "decompression-failed")):
        headers = {"Content-Type": f"application/pkcs7-mime; smime-type={kind}"}
        assert refusal(Packed(headers, der, NONE), encrypted=False, signed=False).trouble == trouble


def test_a_bomb_is_put_out_at_the_limit() -> None:
    bomb = compress(b"Content-Type: a/b\r\n\r\n" + bytes(40 << 20))
    assert len(bomb) < 1 << 18
    headers = {"Content-Type": "application/pkcs7-mime; smime-type=compressed-data"}
    fault = refusal(Packed(headers, bomb, NONE), encrypted=False, signed=False)
    assert fault.trouble == "decompression-failed"
    assert f"larger than {LIMIT} bytes" in fault.message


def test_compression_that_breaks_off_is_refused() -> None:
    der = cms.ContentInfo({"content_type": "compressed_data", "content": {
        "version": "v0", "compression_algorithm": {"algorithm": "zlib"}, "encap_content_info": {
            "content_type": "data", "content": cms.ParsableOctetString(zlib.compress(ORDER)[:-9])}}}).dump()
    headers = {"Content-Type": "application/pkcs7-mime; smime-type=compressed-data"}
    assert refusal(Packed(headers, der, NONE), encrypted=False, signed=False).trouble == "decompression-failed"


def test_two_files_in_one_message_are_refused_in_words() -> None:
    body = b"--x\r\n\r\na\r\n--x\r\n\r\nb\r\n--x--"
    packed = Packed({"Content-Type": "multipart/related; boundary=x"}, body, NONE)
    fault = refusal(packed, encrypted=False, signed=False)
    assert (fault.trouble, fault.message) == ("unsupported format", "The message holds more than one file.")


def test_layers_that_go_on_for_ever_are_not_followed() -> None:
    entity = heading({"Content-Type": KIND}) + ORDER
    for _ in range(3):
        entity = heading({"Content-Type": "application/pkcs7-mime; smime-type=compressed-data"}) + compress(entity)
    outer = parse(entity)
    fault = refusal(Packed(outer.headers, outer.body, NONE), encrypted=False, signed=False)
    assert fault.trouble in ("unsupported format", "decompression-failed")


def rebuilt(content: bytes, der: bytes) -> Packed:
    body = b"".join((
        b"--b\r\n", content, b"\r\n--b\r\nContent-Type: application/pkcs7-signature\r\n\r\n", der, b"\r\n--b--\r\n"))
    return Packed({"Content-Type": 'multipart/signed; boundary="b"'}, body, NONE)

