"""The table [as2] of a profile: what may be agreed, and what is refused before it does harm."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest
from pydantic import ValidationError

from hub.model.as2 import As2Terms
from tests.transports.as2.companies import company

ACME = company("acme")


def test_a_table_in_toml_says_none_where_nothing_is_wanted() -> None:
    text = 'name = "ACME"\nsign = "none"\nencrypt = "none"\ncompress = "none"\nreceipt = "none"\n'
    text += "receipt_signed = false\nsigned = false\nencrypted = false\n"
    terms = As2Terms.model_validate(tomllib.loads(text))
    assert (terms.sign, terms.encrypt, terms.compress, terms.receipt) == (None, None, None, None)


@pytest.mark.parametrize(("wrong", "words"), [
    ({"certificates": ()}, "a certificate of the partner is needed"),
    ({"certificates": (), "encrypt": None}, "to check what the partner signs"),
    ({"certificates": (ACME.key,)}, "without any private key"),
    ({"sign": "sha1"}, "it can be forged"),
    ({"sign": "md5"}, "sha256"),
    ({"name": "two\nlines"}, "one line"),
    ({"receipt_urls": ("http://acme.example/mdn",)}, "must begin with https://"),
])
def test_what_must_not_be_agreed_is_refused_in_words(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ACME.terms(**wrong)
