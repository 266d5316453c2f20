"""The hub's own keys: the one by which partners know its server, and the one with which it logs in to theirs.

    <secrets>/sftp/host/*       all are offered; where there is none, one is made at the first start
    <secrets>/sftp/client       likewise; `client.pub` beside it is for partners who host a server

Several hubs with one set of partners share these files: a server whose key changes is taken for an impostor.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import asyncssh

from hub.errors import Stop

KIND = "ssh-ed25519"


def host_keys(folder: Path) -> list[asyncssh.SSHKey]:
    """Raises Stop when one cannot be read."""
    made = folder / "ed25519"
    if not any(private(path) for path in folder.glob("*")):
        make(made, "hub")
    return [read(path) for path in sorted(folder.glob("*")) if private(path)]


def client_key(path: Path) -> asyncssh.SSHKey:
    """Raises Stop when it cannot be read."""
    if not path.exists():
        make(path, "hub")
    return read(path)


def private(path: Path) -> bool:
    return path.is_file() and path.suffix not in (".pub", ".part")


def read(path: Path) -> asyncssh.SSHKey:
    try:
        return imported(path.read_text(), path.name)
    except OSError as error:
        raise Stop(f"The SSH key {path.name} cannot be read: {error.strerror}.", reason="NO_SSH_KEY") from error


def imported(text: str, name: str) -> asyncssh.SSHKey:
    """A private key without a passphrase. Raises Stop."""
    try:
        return asyncssh.import_private_key(text.strip() + "\n")
    except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError) as error:
        raise Stop(f"The SSH key {name} cannot be read: {error}.", reason="NO_SSH_KEY") from error


def make(path: Path, comment: str) -> None:
    """A new key and its public half. Of two processes that start at once, one makes it."""
    key = asyncssh.generate_private_key(KIND, comment)
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(key.export_private_key())
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
        path.with_name(f"{path.name}.pub").write_bytes(key.export_public_key())
    except OSError as error:
        raise Stop(f"No SSH key can be made in {path.parent}: {error.strerror}.", reason="NO_SSH_KEY") from error
    finally:
        draft.unlink(missing_ok=True)


def fingerprint(line: str) -> str:
    """SHA256:… of a public key as OpenSSH writes it ("ssh-ed25519 AAAA… comment"). Raises ValueError."""
    return str(asyncssh.import_public_key(line).get_fingerprint())
