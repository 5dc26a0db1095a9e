"""Numbers that were flagged: proposals, blocks, and what was decided."""

from __future__ import annotations

from typing import Literal

from app.api.answers.basics import Answer, Instant


class EvidenceCall(Answer):
    """One call from the number; `counted` when its ticket was part of what led to the proposal."""

    ticket: str
    at: Instant
    state: Literal["ringing", "answered", "abandoned", "ended", "let_go"]
    gate: Literal["passed", "failed", "left", "unheard"] | None
    classification: str | None
    operator: str | None
    counted: bool


class NumberFlag(Answer):
    """A proposal and its decision; `count` pranks led to it, `undone` of its tickets are no pranks any more.

    `count_now` and `genuine` are the number's calls within the policy's window at this moment.
    """

    id: int
    number: str
    carrier: str | None
    kind: Literal["block", "total_block"]
    state: Literal["proposed", "withdrawn", "approved", "rejected", "lifted", "expired"]
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


class NuisanceRule(Answer):
    """The city's rule."""

    limit: int
    ministry_limit: int
    window_days: int
    block_hours: int
    enforce: bool


class NumberFlags(Answer):
    """What waits for a decision, what is blocked now, the ministry's list, and the newest decisions."""

    proposed: list[NumberFlagWithCalls]
    blocks: list[NumberFlagWithCalls]
    ministry: list[NumberFlag]
    decided: list[NumberFlag]
    policy: NuisanceRule
    at: Instant


class FlagDone(Answer):
    """What a decision did; `changed` is false when it had been made before."""

    changed: bool
    flag: NumberFlagWithCalls
    seq: int | None
