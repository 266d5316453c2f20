"""Who is calling is proven by one GLN or one token, never guessed."""

from __future__ import annotations

import pytest

from hub.rpc.certificates import Authority
from hub.rpc.errors import Unauthenticated
from hub.rpc.identity import bearer, caller, certified_gln, speak_for

GLN = "9501101530003"


def test_the_gln_is_read_from_the_uri_name_among_others() -> None:
    assert certified_gln([b"partner.example", f"urn:gln:{GLN}".encode(), b"10.0.0.1"]) == GLN


@pytest.mark.parametrize("names", [
    [], [b"partner.example"], [b"urn:gln:9501101530004"], [b"urn:gln:"], [b"urn:gln:\xff"],
    [f"urn:sgln:{GLN}".encode()], [f"urn:gln:{GLN}".encode(), b"urn:gln:9501101530010"],
])
def test_no_gln_a_wrong_one_or_two_are_nobody(names: list[bytes]) -> None:
    with pytest.raises(Unauthenticated) as refused:
        certified_gln(names)
    assert refused.value.reason == "CERTIFICATE_WITHOUT_GLN"


def test_the_token_stands_behind_the_word_bearer() -> None:
    assert bearer([("user-agent", "x"), ("authorization", "Bearer abc.DEF")]) == "abc.DEF"
    assert bearer([("authorization", "bearer abc")]) == "abc"


@pytest.mark.parametrize("metadata", [
    [], [("authorization", "")], [("authorization", "Bearer ")], [("authorization", "Basic abc")],
    [("authorization", "abc")], [("authorization", "Bearer a"), ("authorization", "Bearer b")],
])
def test_no_token_another_scheme_or_two_are_nobody(metadata: list[tuple[str, str]]) -> None:
    with pytest.raises(Unauthenticated) as refused:
        bearer(metadata)
    assert refused.value.reason == "TOKEN_MISSING"


def test_nobody_speaks_for_a_partner_that_was_not_proven() -> None:
    speak_for(None)
    with pytest.raises(Unauthenticated):
        caller()


def test_no_certificate_is_issued_for_a_gln_with_a_wrong_check_digit() -> None:
    with pytest.raises(ValueError, match="check digit"):
        Authority().client("9501101530004")
