"""Both ways with libas2, an AS2 implementation of its own in JavaScript.

It knows no compression, and puts GCM into an envelope that RFC 5084 does not allow for it: that is refused.
Install it once: npm install --prefix tests/transports/as2/node
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from adapters.transports.as2.package import pack, unpack
from adapters.transports.as2.receipt import Statement, write
from tests.transports.as2.companies import NOW, company

NODE = Path(__file__).with_name("node")
HUB, ACME = company("hub"), company("acme")
ORDER = b"ISA*00*          *00*          ~\r\nST*850*0001~\r\nSE*2*0001~\r\n"
LATEST_FIX = "--security-revert=CVE-2023-46809"
"""Without it node's own library refuses to open PKCS #1 v1.5 envelopes at all."""

pytestmark = [
    pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed here"),
    pytest.mark.skipif(
        not (NODE / "node_modules" / "libas2").is_dir(),
        reason="libas2 is not installed here: npm install --prefix tests/transports/as2/node"),
]


def peer(verb: str, *arguments: str | Path) -> Any:
    done = subprocess.run(
        ["node", LATEST_FIX, NODE / "peer.js", verb, *map(str, arguments)], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return json.loads(done.stdout.splitlines()[-1])  # node announces the option above first


def files(folder: Path) -> tuple[Path, Path, Path]:
    """Acme's certificate, its key alone, and the hub's certificate."""
    certificate, key = ACME.save(folder)
    key.write_text(ACME.key.removesuffix(ACME.certificate))
    return certificate, key, HUB.save(folder)[0]


def written(folder: Path, headers: dict[str, str], body: bytes) -> tuple[Path, Path]:
    (folder / "headers").write_text(json.dumps(headers))
    (folder / "body").write_bytes(body)
    return folder / "headers", folder / "body"


@pytest.mark.parametrize("cipher", ["aes128-CBC", "aes256-CBC"])
@pytest.mark.parametrize("digest", ["sha-256", "sha-384", "sha-512"])
def test_we_read_what_libas2_writes(tmp_path: Path, cipher: str, digest: str) -> None:
    certificate, key, ours = files(tmp_path)
    (tmp_path / "order").write_bytes(ORDER)
    sent = peer("send", certificate, key, ours, digest, cipher, tmp_path / "order")
    headers = {name.lower(): value for name, value in sent["headers"].items()}
    opened = unpack(headers, base64.b64decode(sent["body"]), ACME.terms(), (HUB.key,), NOW, 1 << 20)
    assert (opened.content.rstrip(), opened.filename) == (ORDER.rstrip(), "from-node.edi")


@pytest.mark.parametrize("cipher", ["aes128-cbc", "aes256-cbc"])
@pytest.mark.parametrize("digest", ["sha256", "sha384", "sha512"])
def test_libas2_reads_what_we_write(tmp_path: Path, cipher: Any, digest: Any) -> None:
    certificate, key, ours = files(tmp_path)
    terms = ACME.terms(encrypt=cipher, sign=digest, compress=None)
    packed = pack(ORDER, "to-node.edi", "application/EDI-X12", terms, (HUB.key,), NOW)
    headers = {**packed.headers, "Content-Transfer-Encoding": "base64"}
    opened = peer("open", certificate, key, ours, *written(tmp_path, headers, base64.encodebytes(packed.body)))
    assert (base64.b64decode(opened["content"]).rstrip(), opened["filename"]) == (ORDER.rstrip(), "to-node.edi")


def test_libas2_believes_our_receipt(tmp_path: Path) -> None:
    packed = pack(ORDER, "o.edi", "application/EDI-X12", ACME.terms(), (HUB.key,), NOW)
    made = write(Statement("<1@acme>", "processed", packed.mic, "Taken."), "hub", "sha256", (HUB.key,), NOW)
    told = peer("receipt", HUB.save(tmp_path)[0], *written(tmp_path, dict(made.headers), made.body))
    assert told["disposition"]["processed"] is True
    assert told["original"].strip("<>") == "1@acme"
    assert packed.mic.value in json.dumps(told["mic"])
