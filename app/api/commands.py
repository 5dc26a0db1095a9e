"""Running a command for whoever asks, and answering with what it was about as that is then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.api import shapes
from app.api.operations import ApiRequest
from app.services import services
from app.web.own_tickets import seen_by, ticket_id_of
from dispatch.storage.transaction import Outcome, OutcomeT


def run_command(request: ApiRequest, command: Callable[..., OutcomeT], **arguments: Any) -> OutcomeT:
    """Run a command as whoever asks, once per request.

    Its arguments are what the path names, the fields of the body, and `arguments`.
    """
    # Not dict(body), which would take a field named `keys` for the method of that name.
    told = {field: value for field, value in request.body or ()}  # noqa: C416
    actor = request.person.actor
    return services().centre.run_once(request.request_id, command, actor=actor, **request.path, **told, **arguments)


def run_on_ticket(request: ApiRequest, command: Callable[..., Outcome]) -> shapes.Done:
    """Run a command of the centre's on the ticket that the path names, and answer with the ticket."""
    ticket_id = ticket_id_of(request.path["number"])
    outcome = run_command(request, command)
    return {"changed": outcome.changed, "ticket": seen_by(request.person, ticket_id), "seq": outcome.seq}
