"""What all answers share, and what a refusal looks like."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict

Instant = str  #: ISO-8601, UTC, milliseconds: 2026-11-24T02:14:36.120Z


class Answer(BaseModel):
    """An object with exactly these members."""

    model_config = ConfigDict(extra="forbid")


class ErrorBody(Answer):
    """What was refused and why: a stable code, a sentence in the user's language, and what could be done instead."""

    code: str
    message: str
    details: dict[str, Any]
    allowed: list[str]


class Error(Answer):
    """A refusal."""

    error: ErrorBody
