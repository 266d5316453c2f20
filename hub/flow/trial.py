"""What is only a test: it is read, checked and answered like everything else, and changes nothing that is live.

A whole interchange is one when it says so itself (ISA15 T, UNB 0035), when its sender said so to the door (by the name
of the file, or in HTTP by `?test=true`), or when its sender is not live yet; a single
document, when somebody whom it concerns is not live, or still tries its kind. Tests are posted in the sandbox
(`Unit.sandbox`), where later tests find them again: an order that is tried can be answered, despatched and invoiced.
"""

from __future__ import annotations

from hub.errors import Finding, Severity
from hub.flow.context import Context, Parties
from hub.flow.post import kind_of
from hub.model.exchange import Interchange, Reading
from hub.model.profile import Profile


def whole(interchange: Interchange, sender: str | None, staged: bool, context: Context) -> bool:
    """Whether everything in an interchange is a test. `staged`: its sender was not live when it came, or said to
    the door that it is one."""
    profile = context.profiles.get(sender or "")
    return interchange.test or staged or (profile is not None and not profile.live)


def document(reading: Reading, parties: Parties, context: Context) -> Finding | None:
    """Why one document of a live interchange is a test all the same; None when it is not."""
    if reading.document is None:
        return None
    kind = kind_of(reading.document)
    concerned = dict.fromkeys(filter(None, (parties.sender, parties.receiver, parties.buyer, parties.seller)))
    for profile in (context.profiles[name] for name in concerned):
        if not profile.live:
            return _not_live(profile, kind)
        if kind in profile.trying:
            return _tried(profile, kind)
    return None


def _not_live(profile: Profile, kind: str) -> Finding:
    return Finding(
        code="W-NOT-LIVE", severity=Severity.WARNING, value=profile.name,
        message=f"{profile.title} is not live yet ({profile.stage}): this {kind} is a test and changed nothing.",
        hint=f"Send it again when {profile.title} is live; the operator of the hub says when.",
    )


def _tried(profile: Profile, kind: str) -> Finding:
    return Finding(
        code="W-NOT-LIVE", severity=Severity.WARNING, value=profile.name,
        message=f"{profile.title} still tests documents of the kind {kind}: this one changed nothing.",
        hint=f'When the tests are done, take "{kind}" out of `trying` in the profile of {profile.name}.',
    )
