"""The rules on numbers that call in jest: when a block is proposed, how a call is treated, what the gate decides.

A count proposes, a supervisor decides, a block ends by itself. Nobody is refused by a machine: whoever presses 1 at the
gate reaches the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from dispatch.city.policy import NuisancePolicy

NORMAL_QUEUE_PRIORITY = 10
NUISANCE_QUEUE_PRIORITY = 1
#: The dialplan's fuse over the gate (SIAGA_GATE_FUSE_S): by then the caller is in the queue, whatever happened.
GATE_LIMIT_S = 40


class FlagKind(StrEnum):
    """What is proposed for a number."""

    BLOCK = "block"  #: through the gate for the policy's hours, and no further unless the caller presses 1
    TOTAL_BLOCK = "total_block"  #: named to the ministry, which alone can block a number for good


class FlagState(StrEnum):
    """Where a proposal is."""

    PROPOSED = "proposed"  #: waits for a supervisor
    WITHDRAWN = "withdrawn"  #: the pranks that led to it were taken back before anybody decided
    APPROVED = "approved"  #: a block until `expires_at`; a total block goes onto the ministry's list
    REJECTED = "rejected"
    LIFTED = "lifted"  #: a supervisor ended the block before its time
    EXPIRED = "expired"  #: the block's time had run out when the number was looked at again


class Standing(StrEnum):
    """How a number stands at this moment."""

    CLEAR = "clear"
    PROPOSED = "proposed"  #: over the limit, and nobody has decided
    BLOCKED = "blocked"


class Treatment(StrEnum):
    """What the dialplan is told to do with a call (SIAGA_TREATMENT)."""

    NORMAL = "normal"  #: straight to the queue
    GATE = "gate"  #: asked to press 1; queued either way
    BLOCKED = "blocked"  #: asked to press 1, and let go without it


class GateResult(StrEnum):
    """What came of the gate, as the dialplan tells it."""

    PASSED = "passed"  #: pressed 1
    FAILED = "failed"  #: heard the prompt twice and did not press 1
    LEFT = "left"  #: hung up at the gate
    UNHEARD = "unheard"  #: the gate itself failed, so the caller was queued


class Verdict(NamedTuple):
    """How a call is to be treated."""

    prank_count: int
    treatment: str
    queue_priority: int


@dataclass(frozen=True, slots=True)
class Decided:
    """The newest proposal of one kind for a number that no longer waits, as far as a new one depends on it."""

    state: FlagState
    decided_at: datetime  #: when it was decided, or lifted
    expires_at: datetime | None = None


def judge(prank_count: int, policy: NuisancePolicy, standing: Standing = Standing.CLEAR) -> Verdict:
    """Say how a call is to be treated.

    With `policy.enforce` off everything is only shown to the operator and the call is treated like any other.
    """
    if policy.enforce and standing is Standing.BLOCKED:
        return Verdict(prank_count, Treatment.BLOCKED, NUISANCE_QUEUE_PRIORITY)
    if policy.enforce and policy.gate_undecided and standing is Standing.PROPOSED:
        return Verdict(prank_count, Treatment.GATE, NUISANCE_QUEUE_PRIORITY)
    return Verdict(prank_count, Treatment.NORMAL, NORMAL_QUEUE_PRIORITY)


def limit_of(kind: FlagKind, policy: NuisancePolicy) -> int:
    """Return how many pranks are tolerated before this is proposed."""
    return policy.limit if kind is FlagKind.BLOCK else policy.ministry_limit


def is_in_force(kind: str, state: str, expires_at: datetime | None, now: datetime) -> bool:
    """Whether a block holds at this moment; only one that a supervisor approved, and only until it expires."""
    return kind == FlagKind.BLOCK and state == FlagState.APPROVED and expires_at is not None and now < expires_at


def deserves(
    kind: FlagKind, pranks_at: Sequence[datetime], policy: NuisancePolicy, decided: Decided | None, now: datetime
) -> bool:
    """Whether a number's pranks within the policy's window (instants of the calls) ask for a decision.

    What a supervisor has rejected, lifted or sent on already is asked again only over what came after it. A block that
    ran its time is proposed again at the next prank.
    """
    limit = limit_of(kind, policy)
    if decided is None:
        return len(pranks_at) > limit
    if kind is FlagKind.BLOCK and decided.state in (FlagState.APPROVED, FlagState.EXPIRED):
        in_force = decided.expires_at is not None and now < decided.expires_at
        return not in_force and len(pranks_at) > limit
    return sum(at > decided.decided_at for at in pranks_at) > limit


def window_start(now: datetime, policy: NuisancePolicy) -> datetime:
    """Return the instant from which pranks count."""
    return now - timedelta(days=policy.window_days)


def is_at_gate(treatment: str, result: str | None, received_at: datetime, now: datetime) -> bool:
    """Whether the caller hears the prompt at this moment, so that no seat can ring; over at the latest by its fuse.

    A dialplan that knows no gate tells nothing of it: its callers count as waiting after GATE_LIMIT_S.
    """
    return treatment != Treatment.NORMAL and result is None and now - received_at < timedelta(seconds=GATE_LIMIT_S)


def is_let_go(treatment: str, result: GateResult) -> bool:
    """Whether the call is over without an operator: only for a number a supervisor blocked, and without a 1."""
    return treatment == Treatment.BLOCKED and result in (GateResult.FAILED, GateResult.LEFT)
