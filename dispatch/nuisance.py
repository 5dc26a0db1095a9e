"""The verdict on a caller's past: how often the number was a prank, and what that means for this call."""

from __future__ import annotations

from dataclasses import dataclass

from dispatch.citypack import NuisancePolicy

NORMAL_QUEUE_PRIORITY = 10
NUISANCE_QUEUE_PRIORITY = 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a call is to be treated; every caller reaches the queue all the same."""

    prank_count: int
    treatment: str
    queue_priority: int


def judge(prank_count: int, policy: NuisancePolicy) -> Verdict:
    """Judge by the number of pranks within the policy's window (Serang's rule: more than five).

    With `policy.enforce` off the count is only shown to the operator and the call is treated like any other.
    """
    if policy.enforce and prank_count > policy.limit:
        return Verdict(prank_count, "gate", NUISANCE_QUEUE_PRIORITY)
    return Verdict(prank_count, "normal", NORMAL_QUEUE_PRIORITY)
