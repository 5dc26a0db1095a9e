"""A row of each table that commands work with, frozen and typed; what a column means stands in `tables`.

States, kinds and reasons stay the texts that are stored: the release after this one may know more of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self


class _Row:
    __slots__ = ()

    @classmethod
    def from_row(cls, row: Iterable[Any]) -> Self:
        """Take a row of all the table's columns, as they stand in it, for what it is."""
        return cls(*row)


@dataclass(frozen=True, slots=True)
class TicketRow(_Row):
    """What is worked until it is closed."""

    id: int
    number: str
    state: str
    version: int
    owner_id: int | None
    classification: str | None
    type_code: str | None
    priority: str | None
    priority_by_hand: bool
    words: str | None
    place_text: str | None
    kelurahan_code: str | None
    lat: float | None
    lon: float | None
    accuracy_m: float | None
    place_source: str | None
    place_approximate: bool
    opened_at: datetime
    claimed_at: datetime | None
    first_dispatched_at: datetime | None
    closed_at: datetime | None
    closed_by: int | None
    disposition: str | None
    closing_note: str | None
    duplicate_of_id: int | None
    incident_id: int | None
    attached_at: datetime | None
    joined_count: int
    last_joined_at: datetime | None
    clock_kind: str | None
    clock_started_at: datetime | None
    clock_due_at: datetime | None
    callback_id: int | None
    answer_rows: int
    pickup_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class TicketAnswerRow(_Row):
    """An answer to a question of a card."""

    id: int
    ticket_id: int
    card_code: str
    question_code: str
    version: int
    value: str
    amount: int | None
    tells: str
    answered_at: datetime
    answered_by: int | None


@dataclass(frozen=True, slots=True)
class CallRow(_Row):
    """One phone call; `number` is the caller's."""

    id: int
    ticket_id: int
    system_name: str
    linkedid: str
    channel: str
    state: str
    number: str | None
    number_as_sent: str
    presentation: str
    caller_name: str
    dnid: str
    prank_count: int
    treatment: str
    queue_priority: int
    lat: float | None
    lon: float | None
    uncertainty_m: float | None
    location_shape: str | None
    location_method: str | None
    received_at: datetime
    answered_at: datetime | None
    answered_by: int | None
    seat: str | None
    ended_at: datetime | None
    hangup_cause: str | None
    duration_s: int | None
    gate_result: str | None
    gate_at: datetime | None
    told_linkedid: str | None
    announced: bool
    late: bool
    timed_by: str | None
    telephones: int | None
    answer_guessed: bool
    seat_at: datetime | None
    ended_how: str | None
    cut_off: bool


@dataclass(frozen=True, slots=True)
class AssignmentRow(_Row):
    """A ticket given to one agency."""

    id: int
    ticket_id: int
    agency_code: str
    role: str
    state: str
    reason_code: str | None
    note: str | None
    sent_seq: int
    ended_seq: int | None
    sent_at: datetime
    sent_by: int | None
    acknowledged_at: datetime | None
    en_route_at: datetime | None
    on_scene_at: datetime | None
    cleared_at: datetime | None
    declined_at: datetime | None
    cancelled_at: datetime | None
    clock_kind: str | None
    clock_started_at: datetime | None
    clock_due_at: datetime | None


@dataclass(frozen=True, slots=True)
class CallbackRow(_Row):
    """A number to be called back."""

    id: int
    number: str | None
    reason: str
    calls: int
    first_at: datetime
    last_at: datetime
    attempts: int
    last_outcome: str | None
    last_attempt_at: datetime | None
    clock_started_at: datetime
    due_at: datetime
    owner_id: int | None
    owner_since: datetime | None
    closed_at: datetime | None
    closed_by: int | None
    ending: str | None
    through_ticket_id: int | None


@dataclass(frozen=True, slots=True)
class CallerNoteRow(_Row):
    """What the centre knows of a number."""

    id: int
    number: str
    kind: str
    text: str
    written_at: datetime
    written_by: int | None
    edited_at: datetime | None
    edited_by: int | None


@dataclass(frozen=True, slots=True)
class LocationLinkRow(_Row):
    """A link by which a caller shares a position."""

    id: int
    ticket_id: int
    call_id: int | None
    token_hash: str
    delivery_id: int | None
    created_at: datetime
    created_by: int | None
    expires_at: datetime
    opened_at: datetime | None
    device_hash: str | None
    consented_at: datetime | None
    live_until: datetime | None
    ended_at: datetime | None
    ended_by: str | None
    last_sequence: int
    last_report_at: datetime | None
    told_report_id: int | None


@dataclass(frozen=True, slots=True)
class NumberFlagRow(_Row):
    """A proposal about a number, or the block that came of it."""

    id: int
    number: str
    kind: str
    state: str
    ticket_id: int
    prank_count: int
    evidence: list[int]
    proposed_at: datetime
    proposed_by: int | None
    decided_at: datetime | None
    decided_by: int | None
    reason: str | None
    expires_at: datetime | None
    lifted_at: datetime | None
    lifted_by: int | None
    lift_reason: str | None


@dataclass(frozen=True, slots=True)
class DeliveryRow(_Row):
    """A message to somebody outside."""

    id: int
    message_id: str
    kind: str
    channel: str
    ticket_id: int | None
    recipient: str | None
    body: str | None
    created_at: datetime
    scheduled_for: datetime
    expires_at: datetime | None
    attempts: int
    lease: str | None
    leased_until: datetime | None
    problem: str | None
    accepted_at: datetime | None
    failed_at: datetime | None
    epoch: str | None


@dataclass(frozen=True, slots=True)
class LocationReportRow(_Row):
    """Where a caller's telephone was."""

    id: int
    ticket_id: int
    call_id: int | None
    link_id: int | None
    source: str
    lat: float
    lon: float
    accuracy_m: float
    measured_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class ContactRow(_Row):
    """A person whom ladders may tell."""

    id: int
    agency_code: str
    area_code: str | None
    role: str
    name: str
    user_id: int | None
    created_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ContactChannelRow(_Row):
    """One way to reach a contact."""

    id: int
    contact_id: int
    channel: str
    position: int
    address: str
    provider_user: str | None
    changed_at: datetime
    test_code: str | None
    test_sent_at: datetime | None
    tested_at: datetime | None
    window_until: datetime | None
    next_send_at: datetime | None
    problem: str | None
    problem_at: datetime | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class PushSubscriptionRow(_Row):
    """A browser that a user lets us wake."""

    id: int
    user_id: int
    session_id: int | None
    endpoint: str
    p256dh: str
    auth: str
    created_at: datetime
    test_sent_at: datetime | None
    receipt_at: datetime | None
    gone_at: datetime | None


@dataclass(frozen=True, slots=True)
class DutyRow(_Row):
    """A shift of one contact."""

    id: int
    contact_id: int
    starts_local: str
    ends_local: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    asked_at: datetime | None
    checked_in_at: datetime | None
    checked_in_by: str | None
    swapped_from_id: int | None
    created_at: datetime
    created_by: int | None
    removed_at: datetime | None
    removed_by: int | None


@dataclass(frozen=True, slots=True)
class LadderRow(_Row):
    """What happens while one clock runs."""

    id: int
    subject: str
    ticket_id: int
    assignment_id: int | None
    agency_code: str | None
    clock_kind: str
    generation: int
    epoch: str
    started_at: datetime
    due_at: datetime
    rungs: list[dict[str, Any]]
    next_rung: int
    next_at: datetime | None
    shift_s: int
    paused_at: datetime | None
    paused_until: datetime | None
    paused_by: int | None
    pause_reason: str | None
    delayed_by: int | None
    ended_at: datetime | None
    ended_why: str | None


@dataclass(frozen=True, slots=True)
class LadderStepRow(_Row):
    """A rung that fired."""

    id: int
    ladder_id: int
    rung: int
    due_at: datetime
    fired_at: datetime
    late: bool
    people: int
    hole: bool
    office_code: str | None


@dataclass(frozen=True, slots=True)
class NoticeRow(_Row):
    """What one person is to learn."""

    id: int
    kind: str
    ladder_id: int | None
    step_id: int | None
    ticket_id: int | None
    assignment_id: int | None
    contact_id: int | None
    user_id: int | None
    role: str
    late: bool
    facts: dict[str, Any]
    created_at: datetime
    level: str
    level_at: datetime
    channel: str | None
    problem: str | None
    next_channel_at: datetime | None
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class InstructionRow(_Row):
    """A leader's follow-up on a ticket."""

    id: int
    ticket_id: int
    assignment_id: int | None
    agency_code: str | None
    office_code: str
    given_by: int
    given_at: datetime
    words: str
    due_at: datetime
    done_at: datetime | None
    done_why: str | None


@dataclass(frozen=True, slots=True)
class NoticeDeliveryRow(_Row):
    """A notice on its way by one channel to one address."""

    id: int
    message_id: str
    notice_id: int
    channel: str
    contact_id: int | None
    contact_channel_id: int | None
    push_subscription_id: int | None
    inbound_event_id: int | None
    dedupe_key: str
    epoch: str
    created_at: datetime
    due_at: datetime
    deadline: datetime
    attempts: int
    lease: str | None
    leased_until: datetime | None
    problem: str | None
    uncertain: bool
    carried_by: int | None
    accepted_at: datetime | None
    ended_at: datetime | None
    outcome: str | None


@dataclass(frozen=True, slots=True)
class DeliveryAttemptRow(_Row):
    """One try to hand a message to its carrier."""

    id: int
    delivery_id: int
    channel: str
    began_at: datetime
    ended_at: datetime | None
    outcome: str | None
    problem: str | None
    provider_id: str | None
    level: str | None
    level_at: datetime | None


@dataclass(frozen=True, slots=True)
class InboundEventRow(_Row):
    """What a carrier told us, as it came."""

    id: int
    channel: str
    event_id: str
    body: str | None
    sender: str | None
    received_at: datetime
    handled_at: datetime | None
    outcome: str | None
