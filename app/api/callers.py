"""Operations on the callback list and on the notes about callers' numbers: the centre's alone, never an agency's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from pydantic import StringConstraints

from app.api import shapes
from app.api.commands import run_command
from app.api.operations import NUMBER_PATH, ApiRequest, Operations
from app.api.requests import Body, Code, Nothing
from app.services import services
from app.web.guard import CENTRE, OPERATORS
from app.web.own_tickets import ticket_id_of
from dispatch.callbacks import commands
from dispatch.callbacks.reading import callback_list
from dispatch.callbacks.shapes import Callbacks
from dispatch.calls import notes as caller_notes
from dispatch.storage.transaction import Outcome

operations = Operations()
_CALLBACK = f"/callbacks/<int(max={2**63 - 1}):callback_id>"
_NOTE = f"/caller-notes/<int(max={2**63 - 1}):note_id>"

Remark = Annotated[str, StringConstraints(max_length=500)]


class Attempt(Body):
    """What came of dialling the number."""

    outcome: Code
    note: Remark | None = None


class GiveUp(Body):
    """Why nobody is called any more."""

    note: Remark | None = None


class NewNote(Body):
    """What is noted about the number: a name or a remark."""

    kind: Code
    text: Remark


class NoteText(Body):
    """The new words of a note."""

    text: Remark


@operations.get("/callbacks", tag="callbacks", roles=CENTRE, answer=Callbacks)
def list_callbacks(request: ApiRequest) -> Callbacks:
    """List the numbers that wait to be called back, first due first."""
    centre = services().centre

    def read() -> Callbacks:
        with centre.read() as connection:
            return callback_list(connection, centre.city, centre.clock)

    return services().reads.alone(request.person.asker, read)


@operations.post(f"{_CALLBACK}/take", tag="callbacks", roles=OPERATORS, body=Nothing, answer=shapes.CallbackDone)
def take_callback(request: ApiRequest) -> shapes.CallbackDone:
    """Say that you are about to dial this number; of two at once one wins."""
    return _run(request, commands.take_callback)


@operations.post(f"{_CALLBACK}/release", tag="callbacks", roles=OPERATORS, body=Nothing, answer=shapes.CallbackDone)
def release_callback(request: ApiRequest) -> shapes.CallbackDone:
    """Let a number go without having dialled it."""
    return _run(request, commands.release_callback)


@operations.post(f"{_CALLBACK}/attempts", tag="callbacks", roles=OPERATORS, body=Attempt, answer=shapes.CallbackDone)
def record_callback_attempt(request: ApiRequest) -> shapes.CallbackDone:
    """Note what came of dialling; `reached` makes the newest ticket yours."""
    return _run(request, commands.record_callback_attempt)


@operations.post(f"{_CALLBACK}/close", tag="callbacks", roles=OPERATORS, body=GiveUp, answer=shapes.CallbackDone)
def close_callback(request: ApiRequest) -> shapes.CallbackDone:
    """Give a callback up: after the policy's attempts, at once where there is no number."""
    return _run(request, commands.close_callback)


@operations.post(
    f"/tickets/{NUMBER_PATH}/caller-notes", tag="callers", roles=OPERATORS, body=NewNote, answer=shapes.NoteDone
)
def add_caller_note(request: ApiRequest) -> shapes.NoteDone:
    """Note something about the number that called on this ticket."""
    ticket_id_of(request.path["number"])  # what is no ticket's number is refused as such, before the text is looked at
    return _note(request, caller_notes.add_caller_note)


@operations.post(f"{_NOTE}/edit", tag="callers", roles=OPERATORS, body=NoteText, answer=shapes.NoteDone)
def edit_caller_note(request: ApiRequest) -> shapes.NoteDone:
    """Change the words of a note."""
    return _note(request, caller_notes.edit_caller_note)


@operations.post(f"{_NOTE}/remove", tag="callers", roles=OPERATORS, body=Nothing, answer=shapes.NoteDone)
def remove_caller_note(request: ApiRequest) -> shapes.NoteDone:
    """Erase a note."""
    return _note(request, caller_notes.remove_caller_note)


def _run(request: ApiRequest, command: Callable[..., Outcome]) -> shapes.CallbackDone:
    outcome = run_command(request, command)
    return {"changed": outcome.changed, "ticket": outcome.ticket_number}


def _note(request: ApiRequest, command: Callable[..., caller_notes.NoteOutcome]) -> shapes.NoteDone:
    outcome = run_command(request, command)
    return {"changed": outcome.changed, "note_id": outcome.note_id}
