"""Who sits at a seat: whoever signed in there, as long as that browser is alive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select

from dispatch.city.pack import CityPack
from dispatch.storage.tables import SeatOccupancy, WebSession
from dispatch.storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Sitting:
    """A seat and the person there; `absent_id` is whoever signed in there and is gone."""

    seat: str | None
    user_id: int | None = None
    absent_id: int | None = None
    since: datetime | None = None

    def as_at(self, instant: datetime) -> Sitting:
        """The same as far as it held at an earlier instant: nobody who sat down later."""
        if self.since is None or self.since <= instant:
            return self
        return replace(self, user_id=None, absent_id=None)


def is_there(now: datetime, city: CityPack) -> ColumnElement[bool]:
    """The condition that a session (joined with its seat) has not expired and its browser was seen lately.

    Sitting down counts as being seen. A session of a release that did not note it counts while it lasts.
    """
    seen_since = now - timedelta(seconds=city.policy.presence.seen_within_s)
    lately = or_(
        WebSession.last_seen_at.is_(None), WebSession.last_seen_at >= seen_since, SeatOccupancy.since >= seen_since
    )
    return (WebSession.expires_at > now) & lately


def who_sits_at(tx: Transaction, extension: str) -> Sitting:
    """The seat whose telephone this is, and who sits there now."""
    seat = next((s.code for s in tx.city.seats.values() if s.extension == extension), None)
    if seat is None:
        return Sitting(None)
    there = is_there(tx.now, tx.city).label("there")
    row = tx.connection.execute(
        select(SeatOccupancy.user_id, SeatOccupancy.since, func.coalesce(there, False).label("there"))
        .join(WebSession, WebSession.id == SeatOccupancy.session_id)
        .where(SeatOccupancy.seat == seat, WebSession.expires_at > tx.now)
    ).first()
    if row is None:
        return Sitting(seat)
    # Whoever left without signing out sits there no longer.
    return Sitting(seat, row.user_id, None, row.since) if row.there else Sitting(seat, None, row.user_id, row.since)
