"""Where a test may kill the hub, exactly there. Off unless HUB_KILL_POINT names a point; then the process ends by
SIGKILL the first time it gets there (`name:3`: the third time), as if the machine had lost its power.

    from hub.killpoint import reached
    reached("receive.stored")       # does nothing

This is the one module besides the settings that looks into the environment: it has to work before there are settings.
"""

from __future__ import annotations

import os
import signal

POINTS = {
    "http.body": "the body has come in, nothing is stored",
    "http.answer": "stored and committed, the sender has not been told",
    "http.mailbox": "the partner's list is read, not yet sent",
    "http.taken": "the partner's word that it has a file is committed, it has not been told so",
    "folder.found": "a complete file was found, nothing is read",
    "folder.stored": "stored and committed, the file still lies in in/",
    "folder.reserved": "its name in archive/ is taken, the file still lies in in/",
    "folder.archived": "the file lies in archive/",
    "sftp.written": "a piece of a file has come in over SFTP",
    "sftp.synced": "a whole file lies on the disk, it has no name in in/",
    "sftp.renamed": "it lies in in/, nothing is stored",
    "sftp.stored": "stored and committed, its sender has not been told",
    "sftp.read": "a waiting file was read to its end over SFTP, nobody has noted it",
    "sftp.taken": "it is noted and committed, the partner has not been told",
    "sftp.put": "the partner's server has all bytes under a hidden name",
    "sftp.fetched": "a file of a partner's server is stored and committed, it still lies there",
    "as2.body": "an AS2 message has come in, nothing of it is opened",
    "as2.opened": "it is opened and its signature believed, nothing is stored",
    "as2.owed": "stored and committed, its receipt is committed as a file to be sent",
    "as2.posted": "the receiver has answered what we sent over AS2, nothing of the answer is kept",
    "as2.kept": "its receipt is kept as evidence, the file does not count as delivered yet",
    "as2.receipted": "a receipt that came later is kept, nothing is concluded from it",
    "receive.spooled": "all bytes are in a temporary file, the transaction has not begun",
    "receive.recorded": "the row is there without its bytes, uncommitted",
    "receive.stored": "row and bytes are there, the job is not, uncommitted",
    "receive.deferred": "row, bytes and job are there, uncommitted",
    "receive.committed": "committed, the channel does not know it yet",
    "process.begun": "a worker has locked the message",
    "process.read": "the first part of the file was read",
    "process.posted": "everything was posted, the message is not settled",
    "process.queued": "an outbound message was written and queued, uncommitted",
    "process.settled": "everything is done, uncommitted",
    "process.committed": "everything is committed, the job is not over",
    "send.claimed": "a courier has taken the file, uncommitted",
    "send.begun": "the claim is committed, nothing has left",
    "send.written": "the folder has the bytes under a hidden name",
    "send.linked": "the file has its name, which may not survive a power cut",
    "send.handed_over": "the receiver has the file, nobody has noted it",
    "send.recorded": "it is noted, uncommitted",
    "send.committed": "it is noted and committed",
    "deed.committed": "what a gRPC call asked for is committed with its reply, the caller has not been told",
    "cycle.worked": "a step of a planning cycle has done its work, uncommitted (`:3`: the third step from here on)",
    "cycle.committed": "the step and that it is done are committed, the next one has not begun",
    "overdue.marked": "a missing acknowledgement was found, uncommitted",
}
"""Every point, and what is true there. A test compares this list with the calls."""

_armed: tuple[str, int] | None = None


def arm(point: str) -> None:
    """Die at `name`, or at the third time with `name:3`; "" disarms. Raises SystemExit for a name that no point has."""
    global _armed
    name, _, times = point.partition(":")
    if name and name not in POINTS:
        raise SystemExit(f"HUB_KILL_POINT: there is no point {name!r}; see hub/killpoint.py.")
    _armed = (name, int(times or 1)) if name else None


def reached(point: str) -> None:
    """Nothing, unless this is the point at which the process shall die."""
    if _armed is not None and point == _armed[0]:
        _die(*_armed)


def _die(name: str, left: int) -> None:
    global _armed
    _armed = (name, left - 1)
    if left <= 1:
        os.kill(os.getpid(), signal.SIGKILL)


arm(os.environ.get("HUB_KILL_POINT", ""))
