"""Everything that is ever journalled: what it is called, who receives it, and what its data holds.

A new kind stands here first: `Transaction.record` takes no other, and no data that its kind does not name. Data is ids
and codes, never personal data. The names are stored, hashed and part of the API: they are added to and never changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, StrEnum, auto
from typing import Any


class Audience(Enum):
    """Who receives an entry live, in replay, and in a ticket's history."""

    CENTRE = auto()  #: call takers, supervisors, admins
    AND_AGENCY = auto()  #: the centre, and the agency whose assignment it is about
    AND_AGENCIES = auto()  #: the centre, and every agency that the ticket was sent to
    OVERSIGHT = auto()  #: supervisors and admins: people, their access, decisions about numbers


CENTRE, AND_AGENCY = Audience.CENTRE, Audience.AND_AGENCY
AND_AGENCIES, OVERSIGHT = Audience.AND_AGENCIES, Audience.OVERSIGHT

#: By field what its value is. A field may be missing where what it says did not happen.
Shape = Mapping[str, Any]

_NOTHING: Shape = {}
_ENDED: Shape = {"duration_s": int | None, "by": str, "inferred": bool, "corrects": str}
_PICKED_UP: Shape = {"seat": str | None, "operator_id": int | None, "absent_id": int}
_GATE: Shape = {"treatment": str}
_LINK: Shape = {"link_id": int}
_DELIVERY: Shape = {"delivery_id": int, "about": str, "attempts": int, "problem": str | None}
_CALLBACK: Shape = {"callback_id": int}
_CALLER_NOTE: Shape = {"caller_note_id": int, "about": str}
_STEP: Shape = {"agency": str, "ticket_state": str}
_FLAG: Shape = {"flag_id": int, "flag": str}
_USER: Shape = {"user_id": int}
_LADDER: Shape = {"ladder_id": int, "clock": str}
_NOTICE: Shape = {"notice_id": int}
_CONTACT: Shape = {"contact_id": int, "agency": str, "role": str}
_DUTY: Shape = {"duty_id": int, "contact_id": int, "agency": str}


class JournalKind(StrEnum):
    """What happened, in the past tense: its name, its audience, the shape of its data."""

    audience: Audience
    shape: Shape

    def __new__(cls, name: str, audience: Audience, shape: Shape) -> JournalKind:
        """Let the member be its name, and know the rest."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.audience, member.shape = audience, shape
        return member

    CALL_REGISTERED = "call.registered", CENTRE, {"number": str}  #: a call has a ticket, whose number that is
    CALL_ANNOUNCED = "call.announced", CENTRE, _NOTHING  #: its arrival was told after what happened to it
    CALL_ANSWERED = "call.answered", CENTRE, _PICKED_UP
    CALL_TRANSFERRED = "call.transferred", CENTRE, {**_PICKED_UP, "from_seat": str | None, "from_id": int | None}
    CALL_ENDED = "call.ended", CENTRE, _ENDED
    CALL_ABANDONED = "call.abandoned", CENTRE, _ENDED  #: nobody had answered it
    CALL_GATE_PASSED = "call.gate_passed", CENTRE, _GATE
    CALL_GATE_FAILED = "call.gate_failed", CENTRE, _GATE
    CALL_GATE_LEFT = "call.gate_left", CENTRE, _GATE
    CALL_GATE_UNHEARD = "call.gate_unheard", CENTRE, _GATE
    CALL_LOCATION_REQUESTED = "call.location_requested", CENTRE, {**_LINK, "by": str}  #: by: sms, hand
    CALL_LOCATION_OPENED = "call.location_opened", CENTRE, _LINK
    CALL_LOCATION_SHARED = "call.location_shared", CENTRE, _LINK
    CALL_LOCATION_REPORTED = "call.location_reported", CENTRE, {**_LINK, "report_id": int}
    CALL_LOCATION_ENDED = "call.location_ended", CENTRE, {**_LINK, "by": str}  #: by: operator, phone, replaced
    CALL_DELIVERY_ACCEPTED = "call.delivery_accepted", CENTRE, _DELIVERY
    CALL_DELIVERY_DELAYED = "call.delivery_delayed", CENTRE, _DELIVERY
    CALL_DELIVERY_FAILED = "call.delivery_failed", CENTRE, _DELIVERY

    TICKET_CLAIMED = "ticket.claimed", CENTRE, {"owner_id": int, "by": str}  #: by: hand, answer, transfer, callback
    TICKET_RELEASED = "ticket.released", CENTRE, {"owner_id": int | None}  #: who had it
    TICKET_RETURNED = "ticket.returned", CENTRE, {"owner_id": int, "reason": str}  #: who had it and did not pick up
    TICKET_TAKEN_OVER = "ticket.taken_over", CENTRE, {"owner_id": int, "from_id": int | None, "note_id": int}
    TICKET_TAKEN_BY_PHONE = "ticket.taken_by_phone", CENTRE, {"owner_id": int, "from_id": int, "by": str}
    TICKET_CLASSIFIED = (
        "ticket.classified",
        AND_AGENCIES,
        {"classification": str, "type_code": str | None, "priority": str | None},
    )
    TICKET_LOCATED = "ticket.located", AND_AGENCIES, {"kelurahan_code": str, "approximate": bool}
    TICKET_DISPATCHED = "ticket.dispatched", AND_AGENCIES, {"agencies": list, "ticket_state": str}
    TICKET_STATE_CHANGED = "ticket.state_changed", AND_AGENCIES, {"ticket_state": str, "was": str}
    TICKET_CLOSED = "ticket.closed", AND_AGENCIES, {"disposition": str, "note_id": int | None, "through": str}
    TICKET_REOPENED = "ticket.reopened", AND_AGENCIES, {"undo": bool, "was": str, "note_id": int | None, "by": str}
    TICKET_ATTACHED = "ticket.attached", CENTRE, {"to": str, "to_id": int}
    TICKET_DETACHED = "ticket.detached", CENTRE, {"owner_id": int, "from": str}
    TICKET_JOINED = "ticket.joined", AND_AGENCIES, {"joined": str, "callers": int}  #: on the ticket of the event
    TICKET_PARTED = "ticket.parted", AND_AGENCIES, {"parted": str, "callers": int}
    TICKET_WORDS_ADDED = "ticket.words_added", AND_AGENCIES, {"joined": str}
    TICKET_QUESTION_ANSWERED = (
        "ticket.question_answered",
        AND_AGENCIES,
        {"answer_id": int, "card": str, "question": str, "version": int},
    )
    TICKET_DRAFT_KEPT = "ticket.draft_kept", CENTRE, {"note_id": int, "typed_by": int | None}
    TICKET_DRAFT_LEFT = "ticket.draft_left", CENTRE, _NOTHING
    TICKET_GOT_THROUGH = "ticket.got_through", CENTRE, {"through": str, "callback_id": int | None}
    TICKET_CALLBACK_TAKEN = "ticket.callback_taken", CENTRE, _CALLBACK
    TICKET_CALLBACK_RELEASED = "ticket.callback_released", CENTRE, _CALLBACK
    TICKET_CALLBACK_TRIED = (
        "ticket.callback_tried",
        CENTRE,
        {**_CALLBACK, "outcome": str, "attempt": int, "attempt_id": int},
    )
    TICKET_CALLBACK_GIVEN_UP = "ticket.callback_given_up", CENTRE, {**_CALLBACK, "attempts": int}
    TICKET_CALLER_NOTE_ADDED = "ticket.caller_note_added", CENTRE, _CALLER_NOTE
    TICKET_CALLER_NOTE_EDITED = "ticket.caller_note_edited", CENTRE, _CALLER_NOTE
    TICKET_CALLER_NOTE_REMOVED = "ticket.caller_note_removed", CENTRE, _CALLER_NOTE

    ASSIGNMENT_SENT = "assignment.sent", AND_AGENCY, {"agency": str, "role": str}
    ASSIGNMENT_ACKNOWLEDGED = "assignment.acknowledged", AND_AGENCY, _STEP
    ASSIGNMENT_DECLINED = "assignment.declined", AND_AGENCY, {**_STEP, "reason_code": str}
    ASSIGNMENT_EN_ROUTE = "assignment.en_route", AND_AGENCY, _STEP
    ASSIGNMENT_ON_SCENE = "assignment.on_scene", AND_AGENCY, _STEP
    ASSIGNMENT_CLEARED = "assignment.cleared", AND_AGENCY, _STEP
    ASSIGNMENT_CANCELLED = "assignment.cancelled", AND_AGENCY, {"agency": str}

    #: who: `duty`, `duty+chief`, `leader:SETDA`; people: how many were told; hole: nobody could be
    LADDER_FIRED = (
        "ladder.fired",
        AND_AGENCY,
        {**_LADDER, "rung": int, "of": int, "who": str, "people": int, "hole": bool, "late": bool},
    )
    LADDER_LOST = "ladder.lost", AND_AGENCY, {**_LADDER, "rung": int, "who": str}  #: no message of a rung got through
    LADDER_PAUSED = "ladder.paused", AND_AGENCY, {**_LADDER, "reason": str, "until": str}
    LADDER_RESUMED = "ladder.resumed", AND_AGENCY, _LADDER
    #: What a restored database had planned for a ticket goes on, or is dropped; how many messages go out after all.
    LADDERS_RELEASED = "ladders.released", CENTRE, {"ladders": int, "deliveries": int, "dropped": int}
    LADDER_DELAYED = "ladder.delayed", AND_AGENCY, {**_LADDER, "instruction_id": int, "by_s": int}
    NOTICE_REACHED = "notice.reached", CENTRE, {**_NOTICE, "level": str, "channel": str}
    NOTICE_FAILED = "notice.failed", CENTRE, _NOTICE
    NOTICE_ANSWERED_LATE = "notice.answered_late", CENTRE, {**_NOTICE, "answer": str, "channel": str}
    TICKET_INSTRUCTED = "ticket.instructed", AND_AGENCY, {"instruction_id": int, "office": str, "agency": str | None}
    TICKET_INSTRUCTION_DONE = "ticket.instruction_done", AND_AGENCY, {"instruction_id": int, "by": str}

    SEAT_TAKEN = "seat.taken", CENTRE, {"seat": str, "from_user_id": int | None}
    SEAT_LEFT = "seat.left", CENTRE, {"seat": str}
    LANDMARK_ADDED = "landmark.added", CENTRE, {"landmark_id": int}
    LANDMARK_RETIRED = "landmark.retired", CENTRE, {"landmark_id": int}
    PLACES_IMPORTED = "places.imported", CENTRE, {"import_id": int, "kept": int}
    PLACES_CLEARED = "places.cleared", CENTRE, {"import_id": int}

    NUMBER_FLAGGED = "number.flagged", OVERSIGHT, {**_FLAG, "count": int}
    NUMBER_FLAG_APPROVED = "number.flag_approved", OVERSIGHT, {**_FLAG, "hours": int}
    NUMBER_FLAG_REJECTED = "number.flag_rejected", OVERSIGHT, _FLAG
    NUMBER_FLAG_WITHDRAWN = "number.flag_withdrawn", OVERSIGHT, _FLAG
    NUMBER_EVIDENCE_UNDONE = "number.evidence_undone", OVERSIGHT, _FLAG
    NUMBER_BLOCK_LIFTED = "number.block_lifted", OVERSIGHT, {"flag_id": int}
    NUMBER_BLOCK_EXPIRED = "number.block_expired", OVERSIGHT, {"flag_id": int}

    USER_CREATED = "user.created", OVERSIGHT, {**_USER, "role": str, "agency": str | None}
    USER_DEACTIVATED = "user.deactivated", OVERSIGHT, _USER
    USER_PASSWORD_CHANGED = "user.password_changed", OVERSIGHT, _USER
    USER_SECOND_FACTOR_ENROLLED = "user.second_factor_enrolled", OVERSIGHT, _USER
    USER_SECOND_FACTOR_RESET = "user.second_factor_reset", OVERSIGHT, _USER
    USER_RECOVERY_CODES_RENEWED = "user.recovery_codes_renewed", OVERSIGHT, _USER
    USER_RECOVERY_CODE_USED = "user.recovery_code_used", OVERSIGHT, _USER
    SESSION_OPENED = "session.opened", OVERSIGHT, {"session_id": int}
    SESSION_CLOSED = "session.closed", OVERSIGHT, {"session_ids": list}
    SESSION_REVOKED = "session.revoked", OVERSIGHT, {"session_ids": list}
    SESSION_WALL = "session.wall", OVERSIGHT, {"session_id": int}
    TOKEN_CREATED = "token.created", OVERSIGHT, {**_USER, "token_id": int, "scope": str}
    TOKEN_REVOKED = "token.revoked", OVERSIGHT, {"token_id": int}
    ACCESS_REFUSED = "access.refused", OVERSIGHT, {"entity": str, "key": str | None, "via": str}
    ACCESS_REFUSALS_LEFT_OUT = "access.refusals_left_out", OVERSIGHT, {"count": int}

    CONTACT_ADDED = "contact.added", OVERSIGHT, _CONTACT
    CONTACT_CHANGED = "contact.changed", OVERSIGHT, _CONTACT
    CONTACT_REMOVED = "contact.removed", OVERSIGHT, _CONTACT
    CONTACT_CHANNEL_SET = "contact.channel_set", OVERSIGHT, {"contact_id": int, "channel_id": int, "channel": str}
    CONTACT_CHANNEL_REMOVED = "contact.channel_removed", OVERSIGHT, {"contact_id": int, "channel_id": int}
    CONTACT_CHANNEL_TESTED = "contact.channel_tested", OVERSIGHT, {"contact_id": int, "channel_id": int}
    DUTY_ADDED = "duty.added", OVERSIGHT, _DUTY
    DUTY_REMOVED = "duty.removed", OVERSIGHT, _DUTY
    DUTY_SWAPPED = "duty.swapped", OVERSIGHT, {**_DUTY, "with_contact_id": int}
    DUTIES_ADDED = "duty.several_added", OVERSIGHT, {"agencies": list, "duties": int, "by": str}  #: by: file, copy
    DUTY_CHECKED_IN = "duty.checked_in", OVERSIGHT, {**_DUTY, "by": str}
    DATABASE_RESTORED = "database.restored", OVERSIGHT, {"epoch": str}  #: it went back, and began a new epoch

    CALLS_RECONCILED = "calls.reconciled", OVERSIGHT, {"opened": int, "ended": int}
    EXCHANGE_STARTED = "exchange.started", OVERSIGHT, {"system": str}
    DELIVERY_ACCEPTED = "delivery.accepted", OVERSIGHT, _DELIVERY  #: of a message that belongs to no ticket
    DELIVERY_DELAYED = "delivery.delayed", OVERSIGHT, _DELIVERY
    DELIVERY_FAILED = "delivery.failed", OVERSIGHT, _DELIVERY
    ERASURE_DONE = (
        "erasure.done",
        OVERSIGHT,
        {"location_reports": int, "delivery_recipients": int, "inbound_events": int, "contact_addresses": int},
    )


_BY_NAME: Mapping[str, JournalKind] = {kind.value: kind for kind in JournalKind}
#: What concerns the work itself; whatever else is journalled is about people and their access.
OF_THE_WORK = tuple(kind.value for kind in JournalKind if kind.audience is not OVERSIGHT)


def kind_named(name: str) -> JournalKind:
    """Return the kind of this name. Raises ValueError for what is none."""
    kind = _BY_NAME.get(name)
    if kind is None:
        raise ValueError(f"{name} is no kind of journal entry")
    return kind


def audience_of(stored: str) -> Audience:
    """Say who receives a stored entry of this name.

    What another release wrote and this one does not know stays readable, for supervisors alone.
    """
    kind = _BY_NAME.get(stored)
    return kind.audience if kind is not None else OVERSIGHT
