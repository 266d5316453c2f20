"""What we write `openssl cms` reads, and what it writes we read: every cipher, key transport and digest."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from adapters.transports.as2.fault import Fault
from adapters.transports.as2.mime import heading, parse, parts
from adapters.transports.as2.package import Mic, pack, unpack
from tests.transports.as2.companies import NOW, company

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed here")

CIPHERS = [None, "aes128-cbc", "aes256-cbc", "aes128-gcm", "aes256-gcm"]
DIGESTS = ["sha256", "sha384", "sha512"]
MATRIX = [
    (cipher, transport, digest) for cipher, transport, digest in itertools.product(CIPHERS, ["pkcs1", "oaep"], DIGESTS)
    if cipher or transport == "pkcs1"
]
ORDER = b"ISA*00*          *00*  ~\nST*850*0001~\r\n" + bytes(range(256)) * 40
OURS, THEIRS = company("hub"), company("acme")
ENTITY = heading({"Content-Type": "application/EDI-X12", "Content-Disposition": 'attachment; filename="o 1.edi"'}
                 ) + ORDER


def openssl(*arguments: str | Path, stdin: bytes = b"") -> bytes:
    done = subprocess.run(["openssl", *map(str, arguments)], input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


@pytest.mark.parametrize(("cipher", "transport", "digest"), MATRIX)
def test_openssl_reads_what_we_write(tmp_path: Path, cipher: Any, transport: Any, digest: Any) -> None:
    certificate, key = THEIRS.save(tmp_path)
    our_certificate, _ = OURS.save(tmp_path)
    terms = THEIRS.terms(encrypt=cipher, key_transport=transport, sign=digest, compress=None)
    packed = pack(ORDER, "o 1.edi", "application/EDI-X12", terms, (OURS.key,), NOW)
    entity = parse(heading(packed.headers) + packed.body)
    if cipher:
        entity = parse(openssl(
            "cms", "-decrypt", "-inform", "DER", "-binary", "-recip", certificate, "-inkey", key, stdin=packed.body))
    content, signature = parts(entity.body, entity.parameter("boundary"))
    (tmp_path / "content").write_bytes(content)
    verified = openssl(
        "cms", "-verify", "-inform", "DER", "-binary", "-content", tmp_path / "content", "-CAfile", our_certificate,
        "-purpose", "any", "-no_check_time", stdin=parse(signature).content())
    assert verified == content
    assert parse(content).content() == ORDER
    assert packed.mic == Mic.of(digest, hashlib.new(digest, content).digest())


@pytest.mark.parametrize("stream", [False, True], ids=["definite", "indefinite"])
@pytest.mark.parametrize(("cipher", "transport", "digest"), MATRIX)
def test_we_read_what_openssl_writes(tmp_path: Path, cipher: Any, transport: Any, digest: Any, stream: bool) -> None:
    message = signed_by_openssl(tmp_path, ENTITY, digest)
    headers, body = dict(parse(message).headers), parse(message).body
    if cipher:
        headers, body = {"content-type": "application/pkcs7-mime"}, encrypted_by_openssl(
            tmp_path, message, cipher, transport, stream)
    opened = unpack(headers, body, THEIRS.terms(encrypted=cipher is not None), (OURS.key,), NOW, 1 << 20)
    assert (opened.content, opened.filename, opened.kind) == (ORDER, "o 1.edi", "application/edi-x12")
    assert (opened.cipher, opened.signed) == (cipher, True)
    assert opened.mic == Mic.of(digest, hashlib.new(digest, ENTITY).digest())


def test_we_read_oaep_with_another_digest_and_with_the_standards_defaults(tmp_path: Path) -> None:
    message = signed_by_openssl(tmp_path, ENTITY, "sha256")
    for more in ([], ["-keyopt", "rsa_oaep_md:sha512"], ["-keyopt", "rsa_oaep_md:sha256", "-keyopt", "rsa_mgf1_md:sha1"]
                 ):
        body = openssl(
            "cms", "-encrypt", "-binary", "-outform", "DER", "-aes256", "-recip", OURS.save(tmp_path)[0], "-keyopt",
            "rsa_padding_mode:oaep", *more, stdin=message)
        opened = unpack({"content-type": "application/pkcs7-mime"}, body, THEIRS.terms(), (OURS.key,), NOW, 1 << 20)
        assert opened.content == ORDER


def test_we_read_signatures_with_pss_and_without_attributes(tmp_path: Path) -> None:
    for more in (["-keyopt", "rsa_padding_mode:pss"], ["-noattr"]):
        message = parse(signed_by_openssl(tmp_path, ENTITY, "sha256", *more))
        opened = unpack(message.headers, message.body, THEIRS.terms(encrypted=False), (OURS.key,), NOW, 1 << 20)
        assert opened.content == ORDER


def test_sha1_is_read_only_where_it_was_agreed(tmp_path: Path) -> None:
    message = parse(signed_by_openssl(tmp_path, ENTITY, "sha1"))
    agreed = THEIRS.terms(encrypted=False, digests=("sha1",))
    assert unpack(message.headers, message.body, agreed, (OURS.key,), NOW, 1 << 20).content == ORDER
    with pytest.raises(Fault, match="insufficient-message-security"):
        unpack(message.headers, message.body, THEIRS.terms(encrypted=False), (OURS.key,), NOW, 1 << 20)


def signed_by_openssl(folder: Path, entity: bytes, digest: str, *more: str) -> bytes:
    """A multipart/signed with a signature that openssl has made over exactly that entity."""
    certificate, key = THEIRS.save(folder)
    signature = openssl(
        "cms", "-sign", "-binary", "-outform", "DER", "-signer", certificate, "-inkey", key, "-md", digest, *more,
        stdin=entity)
    kind = f'multipart/signed; protocol="application/pkcs7-signature"; micalg={digest}; boundary="=_b"'
    return b"".join((
        heading({"Content-Type": kind}), b"A preamble that nobody reads\r\n--=_b\r\n", entity,
        b"\r\n--=_b\r\nContent-Type: application/pkcs7-signature\r\nContent-Transfer-Encoding: binary\r\n\r\n",
        signature, b"\r\n--=_b--\r\n"))


def encrypted_by_openssl(folder: Path, message: bytes, cipher: str, transport: str, stream: bool) -> bytes:
    oaep = ["-keyopt", "rsa_padding_mode:oaep", "-keyopt", "rsa_oaep_md:sha256"] if transport == "oaep" else []
    return openssl(
        "cms", "-encrypt", "-binary", "-outform", "DER", f"-{cipher[:3]}-{cipher[3:]}",
        *(["-stream"] if stream else []), "-recip", OURS.save(folder)[0], *oaep, stdin=message)


