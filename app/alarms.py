"""What every screen has to be told at once: faults of this node, each with the instant since when it lasts."""

from __future__ import annotations

from datetime import datetime

from dispatch.centre import Centre
from dispatch.clock import to_iso

STORAGE_FAILING = "storage_failing"  #: commands are refused; calls still ring
FEED_FAILING = "feed_failing"  #: screens may be behind


class Alarms:
    """The alarms that last; raising one that lasts already changes nothing."""

    def __init__(self, centre: Centre) -> None:
        self._centre = centre
        self._since: dict[str, datetime] = {}

    def start(self, code: str) -> None:
        """Raise an alarm."""
        self._since.setdefault(code, self._centre.clock.now())

    def stop(self, code: str) -> None:
        """End an alarm."""
        self._since.pop(code, None)

    def current(self) -> list[dict[str, str]]:
        """The alarms that last, oldest first, as the heartbeat carries them."""
        lasting = dict(self._since)
        failing_since = self._centre.writer.failing_since
        if failing_since is not None:
            lasting[STORAGE_FAILING] = failing_since
        return [{"code": code, "since": to_iso(at)} for code, at in sorted(lasting.items(), key=lambda item: item[1])]
