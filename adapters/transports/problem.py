"""What an HTTP caller is told when something is wrong: a problem document (RFC 9457) with a reason and a remedy."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from starlette.responses import JSONResponse

from hub.errors import HubError, Reject, Retry


@dataclass(frozen=True, slots=True)
class Answer:
    """How one reason looks on the wire. `closes`: the rest of the body is not read, so the connection ends with it."""

    status: int
    title: str
    remedy: str
    closes: bool = False
    headers: dict[str, str] = field(default_factory=dict)


ANSWERS = {
    "UNAUTHENTICATED": Answer(
        401, "Who are you?", "Send the header Authorization: Bearer <token> with a token that the hub issued to you.",
        closes=True, headers={"WWW-Authenticate": 'Bearer realm="cpfr-hub"'},
    ),
    "FORBIDDEN": Answer(403, "Not allowed", "Ask the operator of the hub what your agreements allow.", closes=True),
    "NOT_FOUND": Answer(404, "No such thing", "Check the id; you see only messages that you sent or that are for you."),
    "PURGED": Answer(410, "No longer kept", "Its time was over; hash, numbers and acknowledgements are still known."),
    "NO_SUCH_PAGE": Answer(
        404, "No such address", "See POST /v1/messages, GET /v1/messages/{id} and GET /v1/mailbox."),
    "BAD_QUERY": Answer(400, "Not understood", "Correct the query of the address."),
    "BAD_KEY": Answer(
        400, "Odd id", "Send one Idempotency-Key (or Message-ID) of at most 255 plain characters, new for each file.",
        closes=True),
    "REFERENCE_REUSED": Answer(
        422, "Id used before",
        "This id came with other bytes before. Give every new file an id of its own; repeat an id only with its file.",
        closes=True),
    "BAD_AS2_HEADER": Answer(
        400, "No AS2 message", "Send AS2-From, AS2-To and Message-ID once each, as RFC 4130 describes.", closes=True),
    "BAD_RECEIPT": Answer(400, "No readable receipt", "Send the receipt as a multipart/report, signed as agreed."),
    "METHOD_NOT_ALLOWED": Answer(405, "Not possible here", "See the Allow header for what is possible.", closes=True),
    "REQUEST_TIMEOUT": Answer(408, "Too slow", "Send the same bytes again over a faster connection.", closes=True),
    "LENGTH_REQUIRED": Answer(411, "No body", "Send the file as the body, with Content-Length or chunked."),
    "EMPTY": Answer(400, "Empty file", "Send the exact bytes of the message as the body of the request."),
    "TOO_LARGE": Answer(413, "Too large", "Split the file into several messages.", closes=True),
    "TOO_MANY_FROM_YOU": Answer(
        429, "Too many at once", "Wait as long as Retry-After says, then send the same bytes again.",
        closes=True, headers={"Retry-After": "1"},
    ),
    "TOO_OFTEN": Answer(
        429, "Too often", "Wait as long as Retry-After says, then send the same request again.",
        closes=True, headers={"Retry-After": "1"},
    ),
    "QUOTA_REACHED": Answer(
        429, "Quota reached",
        "Send the rest when Retry-After is over, or ask the operator of the hub for a larger quota.",
        closes=True, headers={"Retry-After": "3600"},
    ),
    "DISK_FULL": Answer(
        503, "No room", "Wait as long as Retry-After says, then send the same bytes again. The operator knows.",
        closes=True, headers={"Retry-After": "60"},
    ),
    "BUSY": Answer(
        503, "Busy", "Wait as long as Retry-After says, then send the same bytes again.",
        closes=True, headers={"Retry-After": "1"},
    ),
    "TEMPORARY": Answer(
        503, "Not now", "Wait as long as Retry-After says, then send the same bytes again: a repeat is recognised.",
        closes=True, headers={"Retry-After": "5"},
    ),
    "REJECTED": Answer(422, "Refused", "Correct the message; sending the same bytes again will not help.", closes=True),
}
BROKEN = Answer(
    500, "The hub failed", "Send the same bytes again later: a repeat is recognised. Tell the operator if it persists.",
    closes=True,
)


def answer_to(error: Exception) -> tuple[str, Answer, str]:
    """The reason, the answer and the sentence for one exception. Only the hub's own words leave the house."""
    if not isinstance(error, HubError):
        return "INTERNAL", BROKEN, "Something in the hub broke; the error is in its log."
    for reason in (error.reason, *(kind.reason for kind in type(error).__mro__ if issubclass(kind, HubError))):
        if reason in ANSWERS:
            return error.reason, ANSWERS[reason], str(error)
    return "INTERNAL", BROKEN, "Something in the hub broke; the error is in its log."


def problem(error: Exception) -> JSONResponse:
    """The response for an exception."""
    reason, answer, detail = answer_to(error)
    headers = dict(answer.headers)
    if isinstance(error, Retry) and error.after is not None:
        headers["Retry-After"] = str(max(1, math.ceil(error.after)))
    if answer.closes:
        headers["Connection"] = "close"
    body = {
        "type": f"urn:cpfr-hub:problem:{reason}", "title": answer.title, "status": answer.status, "detail": detail,
        "reason": reason, "remedy": answer.remedy,
    }
    return JSONResponse(body, answer.status, headers, media_type="application/problem+json")


class Unauthenticated(Reject):
    reason = "UNAUTHENTICATED"


class TooSlow(Reject):
    reason = "REQUEST_TIMEOUT"
