"""Shift times as the city's wall says them, and the instants that they mean: also on days when clocks are changed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from dispatch.errors import InvalidValue

#: A shift that lasts longer is a slip of the pen; hospitals and crews have some of 24 hours.
LONGEST_SHIFT = timedelta(hours=36)
_FORM = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2})[:.](\d{2})")


@dataclass(frozen=True, slots=True)
class WallShift:
    """A shift as it is kept: `2026-11-25T07:00` in `zone`, and the instants that this means."""

    starts_local: str
    ends_local: str
    zone: str
    starts_at: datetime
    ends_at: datetime

    @property
    def columns(self) -> dict[str, str | datetime]:
        """Its columns in `duties`."""
        return {
            "starts_local": self.starts_local,
            "ends_local": self.ends_local,
            "zone": self.zone,
            "starts_at": self.starts_at,
            "ends_at": self.ends_at,
        }

    def overlaps(self, starts_local: str, ends_local: str) -> bool:
        """Whether it shares time with another one of the same wall; one that only follows it does not."""
        return self.starts_local < ends_local and starts_local < self.ends_local


def wall_shift(starts_local: str, ends_local: str, zone: ZoneInfo) -> WallShift:
    """Read a shift of wall times (`2026-11-25T07:00`, also with a space or a dot).

    Where clocks are set back, an hour comes twice: a shift that begins in it begins the first time, one that ends in it
    ends the second time, so that two shifts which follow each other never leave a hole. Where clocks are set forward,
    a time that does not come means the instant of the change.

    Raises InvalidValue for `starts_local` or `ends_local`: form, not after the beginning, longer than a shift can be.
    """
    starts, ends = _wall(starts_local, "starts_local"), _wall(ends_local, "ends_local")
    if ends <= starts:
        raise InvalidValue("ends_local", "not_after")
    if ends - starts > LONGEST_SHIFT:
        raise InvalidValue("ends_local", "out_of_range")
    return WallShift(
        starts.isoformat(timespec="minutes"),
        ends.isoformat(timespec="minutes"),
        zone.key,
        starts_at := first_instant(starts, zone),
        # A shift within the hour that does not come at all would end where it begins.
        max(last_instant(ends, zone), starts_at + timedelta(minutes=1)),
    )


def first_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first instant at which the wall says so, or more where it skips that time."""
    instant = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if instant.astimezone(zone).replace(tzinfo=None) == wall:
        return instant
    change = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while change.astimezone(zone).replace(tzinfo=None) < wall:
        change += timedelta(minutes=1)
    return change


def last_instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The last instant at which the wall says so; of a time that is skipped the same as the first."""
    return max(first_instant(wall, zone), wall.replace(tzinfo=zone, fold=1).astimezone(UTC))


def _wall(text: str, field: str) -> datetime:
    found = _FORM.fullmatch(text.strip())
    if not found:
        raise InvalidValue(field, "form")
    day, hour, minute = found.groups()
    try:
        return datetime.fromisoformat(f"{day}T{hour}:{minute}")
    except ValueError:
        raise InvalidValue(field, "form") from None
