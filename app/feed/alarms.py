"""What every screen has to be told at once, each with the instant since when it lasts.

Faults of this node, what was found missing, and what every node reads in the newest calls: what is wrong with the
exchange.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError

from app.feed.shapes import Alarm
from dispatch.calls.exchange_alarms import exchange_alarms
from dispatch.centre import Centre
from dispatch.clock import to_iso

STORAGE_FAILING = "storage_failing"  #: commands are refused; calls still ring
FEED_FAILING = "feed_failing"  #: screens may be behind

RECORD_GAP = "record_gap"  #: Asterisk's record had calls (`n`) without a ticket; they have one now, to be called back
DEADLINES_MISSED = "deadlines_missed"  #: the auditor found steps (`n`) that nobody has taken
CARRIER_REFUSES = "carrier_refuses"  #: on so many channels (`n`) our own settings are refused, so they reach nobody
HELD_AFTER_RESTORE = "held_after_restore"  #: ladders (`n`) of before the database was brought back wait for a person


@dataclass(slots=True)
class _Raised:
    since: datetime
    until: datetime | None = None
    n: int = 0


class Alarms:
    """The alarms that last; raising one that lasts already changes nothing."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._raised: dict[str, _Raised] = {}
        self._exchange: dict[str, datetime] = {}
        self._deadlines_checked_at: datetime | None = None

    def start(self, code: str) -> None:
        """Raise an alarm."""
        self._raised.setdefault(code, _Raised(self._centre.clock.now()))

    def count(self, code: str, n: int, lasts: timedelta) -> None:
        """Raise an alarm that says how many, and that ends by itself so long after the last of them."""
        now = self._centre.clock.now()
        raised = self._lasting(now).setdefault(code, _Raised(now))
        raised.n, raised.until = raised.n + n, now + lasts

    def standing(self, code: str, n: int) -> None:
        """Say how many there are at present; none ends the alarm."""
        if not n:
            self.stop(code)
            return
        self._raised.setdefault(code, _Raised(self._centre.clock.now())).n = n

    def deadlines_checked(self, at: datetime) -> None:
        """Note when the auditor last looked."""
        self._deadlines_checked_at = at

    @property
    def deadlines_checked_at(self) -> datetime | None:
        """When this node's auditor last looked over all clocks; None: not since it started."""
        return self._deadlines_checked_at

    def stop(self, code: str) -> None:
        """End an alarm."""
        self._raised.pop(code, None)

    def read_exchange(self) -> None:
        """See what the newest calls show; while that cannot be read, the last that was known stands."""
        if self._centre.writer.healthy:
            with suppress(SQLAlchemyError), self._centre.read() as connection:
                self._exchange = exchange_alarms(connection)

    def current(self) -> list[Alarm]:
        """The alarms that last, oldest first, as the heartbeat carries them."""
        lasting = dict(self._lasting(self._centre.clock.now()))
        lasting |= {code: _Raised(since) for code, since in self._exchange.items()}
        failing_since = self._centre.writer.failing_since
        if failing_since is not None:
            lasting[STORAGE_FAILING] = _Raised(failing_since)
        return [_alarm(code, raised) for code, raised in sorted(lasting.items(), key=lambda item: item[1].since)]

    def _lasting(self, now: datetime) -> dict[str, _Raised]:
        self._raised = {
            code: raised for code, raised in self._raised.items() if raised.until is None or raised.until > now
        }
        return self._raised


def _alarm(code: str, raised: _Raised) -> Alarm:
    alarm: Alarm = {"code": code, "since": to_iso(raised.since)}
    if raised.n:
        alarm["n"] = raised.n
    return alarm
