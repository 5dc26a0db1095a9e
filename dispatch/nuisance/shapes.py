"""Numbers that were flagged, as supervisors receive them; how a number stands, as operators do."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from dispatch.nuisance.rules import FlagKind, FlagState, GateResult, Standing
from dispatch.payloads import Instant, OneOf
from dispatch.tickets.lifecycle import CallState


class EvidenceCall(TypedDict):
    """One call from the number; `counted` when its ticket was part of what led to the proposal."""

    ticket: str
    at: Instant
    state: Annotated[str, OneOf(CallState)]
    gate: Annotated[str, OneOf(GateResult)] | None
    classification: str | None
    operator: str | None
    counted: bool


class NumberFlag(TypedDict):
    """A proposal and its decision; `count` pranks led to it, `undone` of its tickets are no pranks any more.

    `count_now` and `genuine` are the number's calls within the policy's window at this moment.
    """

    id: int
    number: str
    carrier: str | None
    kind: Annotated[str, OneOf(FlagKind)]
    state: Annotated[str, OneOf(FlagState)]
    count: int
    count_now: int
    limit: int
    genuine: int
    undone: int
    proposed_at: Instant
    proposed_by: str | None
    decided_at: Instant | None
    decided_by: str | None
    reason: str | None
    expires_at: Instant | None
    lifted_at: Instant | None
    lifted_by: str | None
    lift_reason: str | None


class NumberFlagWithCalls(NumberFlag):
    """The same with the number's newest calls."""

    calls: list[EvidenceCall]


class NuisanceRule(TypedDict):
    """The city's rule."""

    limit: int
    ministry_limit: int
    window_days: int
    block_hours: int
    enforce: bool


class FlagsOfCentre(TypedDict):
    """What waits for a decision (the oldest first), what is blocked now (the next to end first), the ministry's list
    (approved for a total block), and the newest decisions of all others.
    """

    proposed: list[NumberFlagWithCalls]
    blocks: list[NumberFlagWithCalls]
    ministry: list[NumberFlag]
    decided: list[NumberFlag]
    policy: NuisanceRule


class CallerStanding(TypedDict):
    """How the caller's number stands now: pranks within the policy's window, and whether it is flagged or blocked."""

    count: int
    limit: int
    standing: Annotated[str, OneOf(Standing)]
    since: Instant | None
    expires_at: Instant | None
