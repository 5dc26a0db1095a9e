"""Answers to question cards, drafts, keys."""

from __future__ import annotations

from app.api.answers.basics import Answer


class DraftSaved(Answer):
    """What the next save of this draft has to build upon."""

    changed: bool
    version: int


class Keys(Answer):
    """The keys that the person has changed: command -> key."""

    keys: dict[str, str]
