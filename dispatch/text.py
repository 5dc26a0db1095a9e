"""Cleaning of text that comes from outside, before it is stored."""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum
from typing import Any, TypeVar

from dispatch.errors import InvalidValue, RequirementMissing

E = TypeVar("E", bound=StrEnum)

#: C0, DEL and C1 control characters, line and paragraph separators, and lone surrogates (which no database takes).
_NOT_STORABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_NOT_STORABLE_KEEPING_LINES = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
#: What no text column takes: NUL (PostgreSQL) and lone surrogates (both).
_NO_TEXT = re.compile("[\x00\ud800-\udfff]+")
_DEEPEST = 40  #: nested values in what is told by JSON; what lies deeper is nothing that we read


def storable(value: Any, deepest: int = _DEEPEST) -> Any:
    """What JSON brought, without characters that no database takes, and cut off where it is nested without sense."""
    if isinstance(value, str):
        return _NO_TEXT.sub("", value)
    if isinstance(value, dict | list) and deepest == 0:
        return None
    if isinstance(value, dict):
        return {storable(key): storable(inside, deepest - 1) for key, inside in value.items()}
    if isinstance(value, list):
        return [storable(inside, deepest - 1) for inside in value]
    return value


def clean_line(raw: str, limit: int) -> str:
    """Return `raw` on one line, without control characters, in Unicode NFC, at most `limit` characters."""
    if raw.isascii() and raw.isprintable():
        return raw.strip()[:limit]
    return unicodedata.normalize("NFC", _NOT_STORABLE.sub(" ", raw)).strip()[:limit]


def clean_text(raw: str) -> str:
    """Return `raw` with its line breaks but without other control characters, in Unicode NFC."""
    unified = raw.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _NOT_STORABLE_KEEPING_LINES.sub(" ", unified)).strip()


def optional_text(raw: str | None, limit: int, field: str) -> str | None:
    """Return a text as `clean_text` does, None where nothing is left of it.

    Raises InvalidValue for the field where it has more than `limit` characters.
    """
    text = clean_text(raw) if raw else ""
    if len(text) > limit:
        raise InvalidValue(field, "too_long")
    return text or None


def required_text(raw: str | None, limit: int, field: str) -> str:
    """Do what `optional_text` does, and raise RequirementMissing for the field where nothing is left."""
    text = optional_text(raw, limit, field)
    if text is None:
        raise RequirementMissing(field)
    return text


def one_of(kind: type[E], value: str, field: str) -> E:
    """Return the member of an enumeration that a text names. Raises InvalidValue for the field where it names none."""
    try:
        return kind(value)
    except ValueError:
        raise InvalidValue(field, "unknown") from None
