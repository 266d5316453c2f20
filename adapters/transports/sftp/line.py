"""A connection to a partner's SFTP server, which is known by the keys in the partner's profile and by nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from urllib.parse import urlsplit

import asyncssh
from asyncssh.sftp import SFTPNoSuchFile, SFTPNoSuchPath, SFTPOpUnsupported, SFTPPermissionDenied

from adapters.transports.push import PATIENCE, SLOWEST
from adapters.transports.sftp.keys import client_key, imported
from hub.errors import Reject, Retry
from hub.model.sftp import SftpTerms

CONNECT = 15.0
"""Seconds to connect, and again to log in."""
FINAL = (SFTPNoSuchFile, SFTPNoSuchPath, SFTPPermissionDenied, SFTPOpUnsupported)

Secret = Callable[[str], str]
"""The secret of a name. Raises Stop when there is none."""


@asynccontextmanager
async def session(terms: SftpTerms, secrets: Secret, ours: Path, length: int) -> AsyncIterator[asyncssh.SFTPClient]:
    """A session for `length` bytes; `ours` is where the hub's own key lies.

    Raises Retry when the server cannot be reached, is not the one that we know, does not let us in or takes too long,
    and when the line breaks; Reject when it refuses for good what is done there.
    """
    try:
        async with (
            asyncio.timeout(PATIENCE + length / SLOWEST), connected(terms, secrets, ours) as line,
            line.start_sftp_client() as sftp,
        ):
            yield sftp
    except FINAL as error:
        raise Reject(f"The server refuses: {said(error)}", reason="PEER_REFUSED") from error
    except asyncssh.SFTPError as error:
        raise Retry(f"The server cannot now: {said(error)}", reason="PEER_BUSY") from error
    except asyncssh.HostKeyNotVerifiable as error:
        raise Retry("The server does not show the key that we know it by; nothing was sent. Ask the partner: if it has "
                    "a new key, put that into host_keys.", reason="PEER_UNKNOWN") from error
    except asyncssh.PermissionDenied as error:
        raise Retry("The server does not let us in with our key.", reason="PEER_LOCKED") from error
    except TimeoutError as error:
        raise Retry("The server did not answer in time.", reason="PEER_SLOW") from error
    except (asyncssh.Error, OSError) as error:
        raise Retry(f"The server cannot be reached: {said(error)}", reason="PEER_DOWN") from error


def connected(
    terms: SftpTerms, secrets: Secret, ours: Path
) -> AbstractAsyncContextManager[asyncssh.SSHClientConnection]:
    """The connection; nothing of the user's own SSH configuration, agent or keys is used."""
    where = urlsplit(terms.server or "")
    key = client_key(ours) if terms.secret is None else imported(secrets(terms.secret), terms.secret)
    known = [asyncssh.import_public_key(line) for line in terms.host_keys]
    return asyncssh.connect(
        where.hostname or "", where.port or 22, username=where.username or "", client_keys=[key],
        known_hosts=(known, [], []), config=None, agent_path=None, preferred_auth="publickey",
        connect_timeout=CONNECT, login_timeout=CONNECT, keepalive_interval=15, keepalive_count_max=3,
        compression_algs=None, client_version="CPFR-Hub")


def said(error: Exception) -> str:
    """What the other side said, on one line and not too much of it."""
    text = " ".join((str(getattr(error, "reason", "")) or str(error) or type(error).__name__).split())
    return "".join(c if c.isprintable() else "?" for c in text)[:300]
