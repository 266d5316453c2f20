"""Stops the embedded PostgreSQL when the last process that uses it is gone, however it went.

A script of the standard library alone: `warden.py WATCH USERS PG_CTL DATA [UID GID]`. Every user of the server holds a
shared lock on the file USERS; the kernel drops it even after SIGKILL. This process waits for the exclusive lock, then
stops the server. WATCH is locked as long as a warden is on duty.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys

PATIENCE = "100000000"
"""Seconds that pg_ctl waits: three years, that is, until it is done."""


def stop_command(pg_ctl: str, data: str) -> list[str]:
    return [pg_ctl, "stop", "-D", data, "-m", "fast", "-w", "-t", PATIENCE]


def watch(watch_file: str, users_file: str, pg_ctl: str, data: str, *ids: str) -> int:
    with open(watch_file) as duty, open(users_file) as users:
        fcntl.flock(duty, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(data, "postmaster.pid")):
            return 0
        who = {"user": int(ids[0]), "group": int(ids[1]), "extra_groups": []} if ids else {}
        done = subprocess.run(  # noqa: S603  (our own program and directory)
            stop_command(pg_ctl, data), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/", check=False,
            **who,  # type: ignore[call-overload]
        )
        return int(done.returncode)


if __name__ == "__main__" and os.fork() == 0:
    os.setsid()
    os.chdir("/")
    os._exit(watch(*sys.argv[1:]))
