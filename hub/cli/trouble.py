"""What went wrong outside of any command, in a sentence: settings that make no sense, a database that is not there."""

from __future__ import annotations

import re

import psycopg
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy.exc import DBAPIError

from hub.errors import HubError
from hub.settings import Settings


def in_a_sentence(error: Exception) -> str | None:
    """For the operator, with what helps; None for a fault of the hub itself, of which the whole trace is wanted.

    Values of settings are never repeated: one of them may be a secret.
    """
    if isinstance(error, HubError):
        return str(error)
    if isinstance(error, SettingsError) and (named := re.search(r'field "(\w+)"', str(error))):
        return _setting(named[1], "it must be JSON")
    if isinstance(error, ValidationError) and error.title == Settings.__name__:
        return "\n".join(_setting(str(wrong["loc"][0]), wrong["msg"]) for wrong in error.errors(include_input=False))
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, psycopg.OperationalError) and cause.sqlstate is None:  # it never got so far as to have one
        return f"The database does not answer: {_first_line(cause)}. See HUB_DATABASE_URL and the log of that server."
    return None


def _setting(field: str, why: str) -> str:
    meant = Settings.model_fields[field].description if field in Settings.model_fields else None
    return f"HUB_{field.upper()} is not understood: {why}" + (f" ({meant})." if meant else ".")


def _first_line(cause: Exception) -> str:
    return (str(cause).strip().splitlines() or ["it hangs up"])[0]
