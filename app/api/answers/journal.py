"""What happened: journal entries, a ticket's history, a caller's."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import RootModel

from app.api.answers.basics import Answer, Instant
from app.api.answers.tickets import AgencyTicket, Person, QuestionAnswer, Ticket


class Actor(Answer):
    """Who acted."""

    kind: Literal["user", "system", "asterisk", "centre", "caller"]
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
    ticket_state: str
    classification: str | None
    disposition: str | None
    kelurahan: str | None
    type_name_id: str | None
    type_name_en: str | None


class CallerStanding(Answer):
    """How the caller's number stands now: pranks within the policy's window, and whether it is flagged or blocked."""

    count: int
    limit: int
    standing: Literal["clear", "proposed", "blocked"]
    since: Instant | None
    expires_at: Instant | None


class CallerName(Answer):
    """A caller's name: noted by an operator, or as the exchange sent it."""

    text: str
    source: Literal["note", "sent"]
    at: Instant


class CallerNote(Answer):
    """What an operator noted about a number."""

    id: int
    kind: Literal["name", "note"]
    text: str
    at: Instant
    by: str | None


class CallerHistory(Answer):
    """What is known of the caller's number; `calls` and `genuine` count the earlier ones."""

    calls: int
    genuine: int
    recent: list[EarlierCall]
    name: CallerName | None
    notes: list[CallerNote]
    nuisance: CallerStanding


class Callability(Answer):
    """What kind of number the caller's is, and whether it can be called back."""

    kind: Literal["mobile", "landline", "foreign", "short_code", "unusual", "withheld", "not_sent", "unreadable"]
    can_call: bool
    area_code: str | None


class Draft(Answer):
    """What somebody has typed and chosen for the ticket and not sent yet."""

    by: Person
    version: int
    words: str
    choices: dict[str, Any]
    saved_at: Instant


class KeptText(Answer):
    """A text that was typed and never sent, kept when nothing else held it; the history names it by `note_id`."""

    note_id: int
    text: str
    at: Instant


class TicketWithTimeline(Ticket):
    """A ticket and everything that happened to it, oldest first; `caller` is None where no number was sent.

    `heard` is what the simulated caller says in the demo, empty for one who says nothing, None for real callers.
    """

    timeline: list[Entry]
    caller: CallerHistory | None
    callability: Callability | None
    heard: str | None
    answer_history: list[QuestionAnswer]
    drafts: list[Draft]
    kept_texts: list[KeptText]


class AgencyTicketWithTimeline(AgencyTicket):
    """An agency's ticket and what of its history concerns the agency, oldest first."""

    timeline: list[Entry]


class WholeTicket(RootModel[TicketWithTimeline | AgencyTicketWithTimeline]):
    """One ticket with its history, cut to whoever asks."""
