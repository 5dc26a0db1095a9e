"""Due times that a leader is offered: soon, this evening, tomorrow, at the end of the week, by the city's own clock."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from dispatch.city.pack import CityPack

_FRIDAY = 4
_FIVE_MINUTES_S = 300


def due_choices(city: CityPack, now: datetime) -> list[datetime]:
    """Return them in order, each once; the evening only while it is still ahead."""
    policy, local = city.ladders.leader, now.astimezone(city.timezone)
    soon = now + timedelta(seconds=policy.soon_s)
    soon += timedelta(seconds=-soon.timestamp() % _FIVE_MINUTES_S)

    def on(days: int, at: time) -> datetime:
        """That wall time, so many days from today."""
        day = local.date() + timedelta(days=days)
        return datetime.combine(day, at, city.timezone).astimezone(now.tzinfo)

    to_friday = (_FRIDAY - local.weekday()) % 7
    if to_friday < 2:  # today and tomorrow have choices of their own
        to_friday += 7
    found = [on(0, policy.today_at), on(1, policy.tomorrow_at), on(to_friday, policy.friday_at)]
    return [soon.replace(microsecond=0), *(at for at in found if at > soon)]
