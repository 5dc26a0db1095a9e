"""What happened: journal entries, a ticket's history, a caller's."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import RootModel

from app.api.answers.basics import Answer, Instant
from app.api.answers.tickets import AgencyTicket, Ticket


class Actor(Answer):
    """Who acted."""

    kind: Literal["user", "system", "asterisk", "centre"]
    id: int | None
    name: str | None


class Entry(Answer):
    """What happened; `seq` numbers it in the whole journal."""

    seq: int
    at: Instant
    kind: str
    actor: Actor
    ticket_number: str | None
    assignment_id: int | None
    call_id: int | None
    data: dict[str, Any]


class Event(Entry):
    """A journal entry as the live feed carries it: `prev` is the number before it in the same person's stream."""

    prev: int
    ticket: Ticket | AgencyTicket | None


class Events(Answer):
    """A page of the person's stream; `next` is what `after` has to be for the next page, none at its end."""

    items: list[Event]
    next: int | None


class EarlierCall(Answer):
    """An earlier call from the same number."""

    ticket: str
    at: Instant
    state: str
    classification: str | None
    type_name_id: str | None
    type_name_en: str | None


class CallerStanding(Answer):
    """How the caller's number stands now: pranks within the policy's window, and whether it is flagged or blocked."""

    count: int
    limit: int
    standing: Literal["clear", "proposed", "blocked"]
    since: Instant | None
    expires_at: Instant | None


class CallerHistory(Answer):
    """What the caller's number did before."""

    calls: int
    genuine: int
    recent: list[EarlierCall]
    nuisance: CallerStanding


class TicketWithTimeline(Ticket):
    """A ticket and everything that happened to it, oldest first; `caller` is None where no number was sent.

    `heard` is what the simulated caller says in the demo, empty for one who says nothing, None for real callers.
    """

    timeline: list[Entry]
    caller: CallerHistory | None
    heard: str | None


class AgencyTicketWithTimeline(AgencyTicket):
    """An agency's ticket and what of its history concerns the agency, oldest first."""

    timeline: list[Entry]


class WholeTicket(RootModel[TicketWithTimeline | AgencyTicketWithTimeline]):
    """One ticket with its history, cut to whoever asks."""
