"""Reads the parts of policy.toml that say what one person may take up and what an agency may look back at."""

from __future__ import annotations

from dispatch.city.policy import AgencyPolicy, LoadPolicy, ReadingPolicy
from dispatch.city.policy_delivery import PolicyTable


def read_load_policy(table: PolicyTable) -> LoadPolicy:
    """[load]: every user's share of a node."""
    return LoadPolicy(
        read_wait_s=table.number("read_wait_s", 0.5, 60),
        reads_waiting_per_user=table.whole("reads_waiting_per_user", 1, 1000),
        requests_at_once=table.whole("requests_at_once", 1, 1000),
        requests_waiting=table.whole("requests_waiting", 1, 1000),
        refusals_per_minute=table.whole("refusals_per_minute", 1, 1000),
    )


def read_reading_policy(table: PolicyTable) -> ReadingPolicy:
    """[reading]: what a typed text may cost."""
    return ReadingPolicy(
        readers=table.whole("readers", 1, 16),
        deadline_s=table.number("deadline_s", 0.1, 30),
        wait_s=table.number("wait_s", 0.1, 30),
        waiting_per_user=table.whole("waiting_per_user", 1, 100),
    )


def read_agency_policy(table: PolicyTable) -> AgencyPolicy:
    """[agency]: what an agency's people see."""
    return AgencyPolicy(past_days=table.whole("past_days", 1, 36_600))


def harmless_reading_policy() -> ReadingPolicy:
    """What stands in where the whole file could not be read; the pack is refused anyway."""
    return ReadingPolicy(1, 1.0, 1.0, 1)


def harmless_load_policy() -> LoadPolicy:
    """What stands in where the whole file could not be read; the pack is refused anyway."""
    return LoadPolicy(1.0, 1, 1, 1, 1)
