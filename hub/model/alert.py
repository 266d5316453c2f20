"""What a person should know now: something between the hub and a partner went wrong and does not mend by itself."""

from __future__ import annotations

from typing import Literal

from hub.model.value import Value

AlertKind = Literal["delivery.dead", "message.dead", "partner.unreachable", "acknowledgement.overdue",
                    "acknowledgement.negative", "message.reference_reused", "file.quarantined", "as2.refused",
                    "fetch.failing", "certificate.expiring", "receipt.overdue", "revision.not_told", "disk.short",
                    "test"]
"""delivery.dead: a file was given up; message.dead: a received file could not be processed; partner.unreachable: its
door does not answer; acknowledgement.overdue, .negative: what we sent was not, or not well, received;
message.reference_reused: other bytes under an id that was used before; file.quarantined: a file in a mailbox never
came to its end; as2.refused: a partner's AS2 message was not taken, and the partner was told why; fetch.failing: files
cannot be fetched from a partner's SFTP server; certificate.expiring: soon, or now, files can no longer be signed or
opened; receipt.overdue: an AS2 receipt that was to come later has not come; revision.not_told: what both sides signed
could not be written for one of them; disk.short: nothing is taken in, over no door, for want of room."""


class Alert(Value):
    """One trouble. It is open until it ends by itself or somebody closes it; the same trouble is not raised twice.

    `subject` is the public id or short name of what it is about; `message` one sentence, `hint` what to do.
    """

    kind: AlertKind
    subject: str
    partner: str | None = None
    severity: Literal["warning", "error"] = "error"
    message: str
    hint: str
