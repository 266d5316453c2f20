"""PostgreSQL out of a wheel, for those who have not set `HUB_DATABASE_URL`.

`EmbeddedPostgres(home).start()` may be called by any number of processes: the first one starts the server, the last one
to leave stops it, and a warden stops it when they were all killed. It listens on a Unix socket in a private directory
and on nothing else; every login needs a generated password (SCRAM), kept in a file of mode 0600.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil

from hub.errors import Stop
from hub.store import ground, roles, warden

log = logging.getLogger(__name__)

SETTINGS = {
    "listen_addresses": "", "unix_socket_permissions": "0700", "timezone": "UTC", "log_timezone": "UTC", "jit": "off",
    "shared_buffers": "128MB", "max_connections": "120", "max_wal_size": "2GB", "password_encryption": "scram-sha-256",
}


class EmbeddedPostgres:
    """One cluster under `home`. `version` counts for a new cluster only; an existing one keeps its own."""

    def __init__(self, home: Path, version: int = ground.NEWEST, settings: Mapping[str, str] | None = None) -> None:
        self._user = ground.account()
        self.place = ground.place(home, self._user)
        self.data = self.place / "data"
        self._pid_file = self.data / "postmaster.pid"
        self._socket = ground.socket_directory(self.place, self._user)
        self._version = version
        self._settings = {**SETTINGS, **(settings or {})}
        self._lease: IO[str] | None = None
        if self._user.uid is not None:
            log.info("embedded PostgreSQL runs as user nobody in %s; nothing is added to the system", self.place)

    # -- the life of the server ------------------------------------------------------------------------------------

    def start(self) -> None:
        """Returns when the server answers; crash recovery takes as long as it takes. Repeated calls change nothing."""
        if self._lease is not None:
            return
        with (self.place / "start.lock").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            lease = (self.place / "users.lock").open("w")
            fcntl.flock(lease, fcntl.LOCK_SH)
            try:
                self._ensure_running()
            except BaseException:
                lease.close()
                raise
        self._lease = lease

    def stop(self) -> None:
        """Leave; the last one out stops the server."""
        if self._lease is None:
            return
        lease, self._lease = self._lease, None
        with lease:
            try:
                fcntl.flock(lease, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            command = warden.stop_command(str(self._program("pg_ctl")), str(self.data))
            if self._running() and self._run(*command, check=False) != 0 and self._running():
                raise Stop(f"the server in {self.data} does not stop", reason="POSTGRES_DOES_NOT_STOP")

    def mend(self) -> bool:
        """Start the server again if it has died under us; whether it had. Only for who has called `start`."""
        if self._lease is None or self._running():
            return False
        with (self.place / "start.lock").open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if self._running():
                return False
            self._ensure_running()
        return True

    def _ensure_running(self) -> None:
        if not self.data.exists():
            self._create()
        if not self._running():
            self._bury()
            self._pg_ctl_start()
            if self._unwatched():
                self._post_warden()
            roles.bootstrap(self.url("postgres", "postgres"), self._passwords())
        elif self._unwatched():
            self._post_warden()

    def _running(self) -> bool:
        """Whether the process that the cluster names is a living PostgreSQL,
        and not a corpse or somebody else by now."""
        try:
            process = psutil.Process(int(self._pid_file.read_text().split("\n", 1)[0]))
            return "postgres" in process.name() and process.status() != psutil.STATUS_ZOMBIE
        except (FileNotFoundError, ValueError, psutil.NoSuchProcess):
            return False

    def _bury(self) -> None:
        """After a crash: wait until the last child of the old server is gone, then take its name off the doors."""
        while any(
            p.info["cwd"] == str(self.data) and p.info["status"] != psutil.STATUS_ZOMBIE
            for p in psutil.process_iter(["cwd", "status"])
        ):
            time.sleep(0.05)
        for name_plate in (self._pid_file, *self._socket.glob(".s.PGSQL.*")):
            name_plate.unlink(missing_ok=True)

    def _pg_ctl_start(self) -> None:
        options = " ".join(f"-c {name}='{value}'" for name, value in self._settings.items())
        journal = self.data / "server.log"
        try:
            self._run(
                str(self._program("pg_ctl")), "start", "-D", str(self.data), "-w", "-t", warden.PATIENCE,
                "-l", str(journal), "-o", f"-k '{self._socket}' {options}",
            )
        except Stop as failure:
            tail = journal.read_text(errors="replace")[-2000:] if journal.exists() else ""
            raise Stop(f"{failure}\n{tail}", reason="POSTGRES_DOES_NOT_START") from failure

    def _create(self) -> None:
        """initdb beside, then rename: a half-made cluster is never taken for a whole one."""
        unfinished = self.place / "data.part"
        shutil.rmtree(unfinished, ignore_errors=True)
        ground.owned(unfinished, self._user)
        password = unfinished / "password"
        password.write_text(self._passwords()["postgres"])
        self._give(password)
        final = unfinished / "cluster"
        self._run(
            str(self._program("initdb")), "-D", str(final), "-U", "postgres", "-E", "UTF8", "--locale=C",
            "--auth=scram-sha-256", f"--pwfile={password}", "--no-instructions",
        )
        final.rename(self.data)
        shutil.rmtree(unfinished)

    # -- the warden ------------------------------------------------------------------------------------------------

    def _unwatched(self) -> bool:
        with (self.place / "watch.lock").open("w") as duty:
            try:
                fcntl.flock(duty, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            return True

    def _post_warden(self) -> None:
        watch = self.place / "watch.lock"
        watch.touch()
        ids = [] if self._user.uid is None else [str(self._user.uid), str(self._user.gid)]
        subprocess.run(  # noqa: S603  (this interpreter, our own script)
            [sys.executable, "-E", "-S", warden.__file__, str(watch), str(self.place / "users.lock"),
             str(self._program("pg_ctl")), str(self.data), *ids],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True,
        )

    # -- who may enter ---------------------------------------------------------------------------------------------

    def url(self, role: str, database: str = "hub") -> str:
        """A libpq URL for `role` (hub_owner, hub_worker, hub_door, postgres)."""
        return f"postgresql://{role}:{self._passwords()[role]}@/{database}?host={quote(str(self._socket), safe='')}"

    def _passwords(self) -> dict[str, str]:
        path = self.place / "passwords.json"
        if not path.exists():
            fresh = {name: secrets.token_urlsafe(24) for name in ("postgres", *roles.NAMES)}
            draft = path.with_suffix(f".{os.getpid()}")
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(fresh, file)
            draft.rename(path)
        known: dict[str, str] = json.loads(path.read_text())
        return known

    # -- programs --------------------------------------------------------------------------------------------------

    def _program(self, name: str) -> Path:
        made_by = self.data / "PG_VERSION"
        version = int(made_by.read_text()) if made_by.exists() else self._version
        return ground.programs(version, self.place, self._user) / name

    def _give(self, path: Path) -> None:
        path.chmod(0o600)
        if self._user.uid is not None and self._user.gid is not None:
            os.chown(path, self._user.uid, self._user.gid)

    def _run(self, *command: str, check: bool = True) -> int:
        """Run one program of PostgreSQL as its user. Raises Stop with what it said."""
        done = subprocess.run(  # noqa: S603  (programs of the wheel)
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/",
            env={**os.environ, "LC_ALL": "C"}, check=False, **self._user.options,
        )
        if check and done.returncode != 0:
            raise Stop(f"{Path(command[0]).name} failed: {done.stdout.strip()}", reason="POSTGRES_FAILED")
        return done.returncode
