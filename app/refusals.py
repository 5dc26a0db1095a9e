"""Refusals that belong to the web, and the record that is kept when somebody asks for what is not theirs."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from app.services import services
from dispatch.commands.people import record_refusal
from dispatch.errors import StorageUnavailable

if TYPE_CHECKING:
    from app.access import Person

log = logging.getLogger(__name__)


class SignInNeeded(Exception):
    """Nobody is signed in, or no longer."""


def note_refusal(person: Person, entity: str, key: str, via: str) -> None:
    """Write `access.refused` to the journal; the refusal stands even where it cannot be written down."""
    try:
        services().centre.run(record_refusal, actor=person.actor, entity=entity, key=key, via=via)
    except StorageUnavailable:
        log.warning("a refusal could not be recorded: user %s, %s via %s", person.user_id, entity, via)
