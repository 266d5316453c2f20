"""What two companies agree about SFTP: how the partner logs in to the hub, and the hub to the partner."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from hub.model.value import Value

PUBLIC_KEY = re.compile(r"(ssh-ed25519|ecdsa-sha2-nistp(256|384|521)|ssh-rsa|rsa-sha2-(256|512)) [A-Za-z0-9+/]+=* ?.*")
"""One line of an authorized_keys file, without options."""


class SftpTerms(Value):
    """The table [sftp] of a profile.

    `keys` are the partner's public keys, each one line as OpenSSH writes it: who holds one of them, and gives the
    partner's short name as user name, is the partner. The rest is for partners who host: `server` is where
    (sftp://user@host:port), `host_keys` the public keys by which that server is known, `secret` the file in the
    directory of secrets with the private key that the hub shows there (None: the hub's own). Files go out to `put`;
    every `every_minutes` files are fetched from `get`, and then deleted there or moved to `done`.
    """

    keys: tuple[str, ...] = ()
    server: str | None = None
    host_keys: tuple[str, ...] = ()
    secret: str | None = Field(None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")
    put: str | None = Field(None, min_length=1)
    get: str | None = Field(None, min_length=1)
    done: str | None = Field(None, min_length=1)
    every_minutes: int = Field(5, ge=1, le=60)

    @field_validator("keys", "host_keys")
    @classmethod
    def _public(cls, keys: tuple[str, ...]) -> tuple[str, ...]:
        if wrong := [key for key in keys if not PUBLIC_KEY.fullmatch(key.strip())]:
            raise ValueError(f'{wrong[0][:40]!r} is no public key as OpenSSH writes it ("ssh-ed25519 AAAA…")')
        return tuple(key.strip() for key in keys)

    @model_validator(mode="after")
    def _reachable(self) -> SftpTerms:
        if (self.put or self.get) and self.server is None:
            raise ValueError("put and get need the server that they are on")
        if self.server is not None:
            _check(self.server)
            if not self.host_keys:
                raise ValueError("a server is known by its host_keys; see `ssh-keyscan HOST`, and ask the partner")
        if self.done is not None and self.done == self.get:
            raise ValueError("done must be another folder than get")
        return self


def _check(server: str) -> None:
    parts = urlsplit(server)
    if parts.scheme != "sftp" or not parts.hostname or not parts.username or parts.password is not None:
        raise ValueError(f"{server!r} must look like sftp://user@host:22, without a password")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"{server!r} ends with the host: folders stand in put and get")
