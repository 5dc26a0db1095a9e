"""Operations on assignments: what an agency reports, or the centre for an agency that telephones."""

from __future__ import annotations

from collections.abc import Callable

from app.api import requests, shapes
from app.api.commands import run_command
from app.api.operations import ID_PATH, ApiRequest, Operations
from app.web.guard import OPERATORS, RESPONDERS
from app.web.own_tickets import check_assignment, seen_by
from dispatch.agencies import assignments as commands
from dispatch.storage.transaction import Outcome

operations = Operations()
_ROLES = OPERATORS | RESPONDERS
_COMMAND = f"/assignments/{ID_PATH}"


@operations.post(f"{_COMMAND}/acknowledge", tag="assignments", roles=_ROLES, body=requests.Nothing, answer=shapes.Done)
def acknowledge_assignment(request: ApiRequest) -> shapes.Done:
    """Accept the task; this stops the clock that escalates."""
    return _run(request, commands.acknowledge_assignment)


@operations.post(f"{_COMMAND}/decline", tag="assignments", roles=_ROLES, body=requests.Decline, answer=shapes.Done)
def decline_assignment(request: ApiRequest) -> shapes.Done:
    """Refuse the task, with a reason."""
    return _run(request, commands.decline_assignment)


@operations.post(f"{_COMMAND}/en-route", tag="assignments", roles=_ROLES, body=requests.Step, answer=shapes.Done)
def set_en_route(request: ApiRequest) -> shapes.Done:
    """Report that the crew is moving."""
    return _run(request, commands.set_en_route)


@operations.post(f"{_COMMAND}/on-scene", tag="assignments", roles=_ROLES, body=requests.Step, answer=shapes.Done)
def set_on_scene(request: ApiRequest) -> shapes.Done:
    """Report that the crew has arrived."""
    return _run(request, commands.set_on_scene)


@operations.post(f"{_COMMAND}/clear", tag="assignments", roles=_ROLES, body=requests.Clear, answer=shapes.Done)
def clear_assignment(request: ApiRequest) -> shapes.Done:
    """Report that the task is done, and with what result."""
    return _run(request, commands.clear_assignment)


def _run(request: ApiRequest, command: Callable[..., Outcome]) -> shapes.Done:
    ticket_id = check_assignment(request.person, request.path["assignment_id"], "api")
    outcome = run_command(request, command)
    return {"changed": outcome.changed, "ticket": seen_by(request.person, ticket_id), "seq": outcome.seq}
