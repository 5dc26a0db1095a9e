"""The one clock: every instant is an aware UTC datetime, and whoever needs `now` is handed a Clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the present instant."""

    def now(self) -> datetime:
        """Return the present instant as an aware datetime in UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Return the present instant as an aware datetime in UTC."""
        return datetime.now(UTC)


def to_iso(instant: datetime) -> str:
    """Write an instant as browsers and programs receive it: `2026-11-24T02:14:36.120Z`, UTC, milliseconds."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def to_iso_if_any(instant: datetime | None) -> str | None:
    """Do what `to_iso` does where there is an instant."""
    return to_iso(instant) if instant is not None else None
