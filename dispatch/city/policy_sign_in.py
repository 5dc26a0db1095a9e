"""Reads the part of policy.toml that says how people and programs sign in."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Protocol

from dispatch.city.policy import SignInPolicy
from dispatch.roles import Role


class SignInTable(Protocol):
    """A table of policy.toml whose readers note a problem and answer a harmless value when a field is bad."""

    fields: dict[str, Any]

    def number(self, field: str, low: float, high: float) -> float:
        """A number within bounds."""

    def whole(self, field: str, low: int, high: int) -> int:
        """A whole number within bounds."""

    def texts(self, field: str) -> tuple[str, ...]:
        """A list of texts."""

    def problem(self, field: str, words: str) -> None:
        """Note what is wrong with a field."""


def read_sign_in_policy(table: SignInTable, idle: SignInTable) -> SignInPolicy:
    """[sign_in] and [sign_in.idle_s]."""
    second_factor = table.texts("second_factor")
    for name in sorted(set(second_factor) - set(Role)):
        table.problem("second_factor", f"'{name}' is not a role; choose from {', '.join(Role)}")
    for name in sorted(set(idle.fields) - set(Role)):
        idle.problem(name, f"is not a role; choose from {', '.join(Role)}")
    warn_s = table.whole("idle_warn_s", 10, 3600)
    idle_s = {role: idle.whole(role.value, 0, 7 * 86_400) for role in Role}
    for role, limit in idle_s.items():
        if 0 < limit < 2 * warn_s:
            idle.problem(role.value, f"must be 0 or at least twice idle_warn_s ({warn_s}); raise it")
    return SignInPolicy(
        min_length=table.whole("min_length", 8, 64),
        second_factor=frozenset(Role(name) for name in second_factor if name in list(Role)),
        token_days=table.whole("token_days", 0, 3660),
        known_browser_days=table.whole("known_browser_days", 1, 3660),
        attempts_kept_hours=table.whole("attempts_kept_hours", 1, 8760),
        longest_wait_s=table.whole("longest_wait_s", 15, 3600),
        stranger_wait_s=table.whole("stranger_wait_s", 1, 60),
        hashing_wait_s=table.number("hashing_wait_s", 0.5, 30),
        idle_warn_s=warn_s,
        idle_s=MappingProxyType(idle_s),
    )


def harmless_sign_in_policy() -> SignInPolicy:
    """What stands in where the whole file could not be read; the pack is refused anyway."""
    return SignInPolicy(8, frozenset(), 0, 1, 1, 15, 1, 0.5, 10, MappingProxyType(dict.fromkeys(Role, 0)))
