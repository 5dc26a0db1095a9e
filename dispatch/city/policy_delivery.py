"""Reads the parts of policy.toml that concern location links and messages to somebody outside."""

from __future__ import annotations

from typing import Protocol

from dispatch.city.policy import DeliveryPolicy, LocationPolicy


class PolicyTable(Protocol):
    """A table of policy.toml whose readers note a problem and answer a harmless value when a field is bad."""

    def number(self, field: str, low: float, high: float) -> float:
        """A number within bounds."""

    def whole(self, field: str, low: int, high: int) -> int:
        """A whole number within bounds."""

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts."""

    def problem(self, field: str, words: str) -> None:
        """Note what is wrong with a field."""


def read_location_policy(table: PolicyTable) -> LocationPolicy:
    """[location]: a caller's telephone that shares its position."""
    prefixes = table.texts("mobile_prefixes")
    if not prefixes or not all(prefix.isascii() and prefix.isdigit() for prefix in prefixes):
        table.problem("mobile_prefixes", 'must name how mobile numbers begin, digits only; write it as ["08"]')
    return LocationPolicy(
        open_within_s=table.whole("open_within_s", 60, 86_400),
        share_s=table.whole("share_s", 60, 86_400),
        least_gap_s=table.number("least_gap_s", 0.5, 60),
        tell_every_s=table.whole("tell_every_s", 1, 600),
        stale_s=table.whole("stale_s", 5, 3600),
        kept_days=table.whole("kept_days", 1, 3660),
        mobile_prefixes=prefixes,
    )


def read_delivery_policy(table: PolicyTable) -> DeliveryPolicy:
    """[deliveries]: the queue of messages to somebody outside."""
    policy = DeliveryPolicy(
        timeout_s=table.number("timeout_s", 0.1, 60),
        lease_s=table.whole("lease_s", 1, 3600),
        first_retry_s=table.whole("first_retry_s", 1, 3600),
        longest_retry_s=table.whole("longest_retry_s", 1, 86_400),
        attempts=table.whole("attempts", 1, 100),
        recipient_kept_days=table.whole("recipient_kept_days", 1, 3660),
    )
    if policy.lease_s <= policy.timeout_s:
        table.problem("lease_s", "must be longer than timeout_s, or two workers send the same message; raise it")
    if policy.longest_retry_s < policy.first_retry_s:
        table.problem("longest_retry_s", "must not be below first_retry_s; raise it")
    return policy


def harmless_location_policy() -> LocationPolicy:
    """What stands in where the whole file could not be read; the pack is refused anyway."""
    return LocationPolicy(60, 60, 2.0, 10, 30, 1, ("08",))


def harmless_delivery_policy() -> DeliveryPolicy:
    """As above."""
    return DeliveryPolicy(8.0, 30, 5, 300, 1, 1)
