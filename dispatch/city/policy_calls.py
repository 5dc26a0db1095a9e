"""Reads the parts of policy.toml that concern what the exchange tells of calls, and who is at the desk."""

from __future__ import annotations

from dispatch.city.policy import CallPolicy, PresencePolicy
from dispatch.city.policy_delivery import PolicyTable


def read_call_policy(answer: PolicyTable, table: PolicyTable) -> CallPolicy:
    """[calls], and what [answer] says of a call that rings or was taken by hand."""
    return CallPolicy(
        pickup_s=answer.whole("pickup_s", 5, 600),
        doubtful_after_s=answer.whole("doubtful_after_s", 60, 86_400),
        late_after_s=table.whole("late_after_s", 1, 3600),
        believed_age_s=table.whole("believed_age_s", 3600, 7 * 86_400),
        clock_ahead_s=table.whole("clock_ahead_s", 0, 3600),
        same_within_s=table.whole("same_within_s", 10, 3600),
        repeat_within_s=table.whole("repeat_within_s", 300, 86_400),
        record_days=table.whole("record_days", 1, 366),
        gap_shown_s=table.whole("gap_shown_s", 60, 7 * 86_400),
        stale_talk_s=table.whole("stale_talk_s", 600, 7 * 86_400),
    )


def read_presence_policy(table: PolicyTable) -> PresencePolicy:
    """[presence]: when a signed-in browser counts as a person at the desk."""
    policy = PresencePolicy(
        seen_within_s=table.whole("seen_within_s", 10, 86_400), note_every_s=table.whole("note_every_s", 1, 3600)
    )
    if policy.note_every_s * 2 > policy.seen_within_s:
        table.problem("note_every_s", "must be at most half of seen_within_s, or who is there counts as gone")
    return policy


def harmless_call_policy() -> CallPolicy:
    """What stands in for [calls] where policy.toml cannot be read at all."""
    return CallPolicy(15, 600, 10, 86_400, 5, 120, 3600, 31, 28_800, 7200)


def harmless_presence_policy() -> PresencePolicy:
    """What stands in for [presence] where policy.toml cannot be read at all."""
    return PresencePolicy(seen_within_s=180, note_every_s=30)
