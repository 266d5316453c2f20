"""How much one partner, and all of them, may do at once over SFTP."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SftpLimits:
    """Bytes of one file; connections of all and of one partner; open files of one connection; files that one partner
    opens in a minute; seconds to log in, without a request, and for which an unfinished file is kept."""

    message_bytes: int
    connections: int = 200
    per_partner: int = 16
    handles: int = 64
    per_minute: int = 30_000
    login_seconds: float = 20.0
    idle_seconds: float = 600.0
    unfinished_seconds: float = 7 * 86400.0
