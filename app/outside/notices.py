"""The worker that brings notices to people: each channel with a pool and a breaker of its own.

A carrier that hangs fills its own pool and nobody else's; one that is down is asked now and then. What is due is found
by a look through indexes that hold only what waits; nothing is written while there is nothing to do.
"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import gevent
from gevent.event import Event
from gevent.pool import Pool

from app.outside.carriers.breaker import Breaker
from app.outside.carriers.message import Carrier, NotConfigured
from app.outside.carriers.words import LinkFor, message_of
from dispatch.centre import Centre
from dispatch.city.ladders import Channel
from dispatch.deliveries.inbound import settle_event, waiting_events
from dispatch.deliveries.outbox import LeasedNotice, due_work
from dispatch.deliveries.rules import Attempt, AttemptResult
from dispatch.errors import StorageUnavailable
from dispatch.ladders.carrying import finish_sending, go_on_to_next_channels, lease_due
from dispatch.replies.handling import handle_event
from dispatch.storage.journal import Entry
from dispatch.storage.journal_kinds import JournalKind

log = logging.getLogger(__name__)

POLL_S = 0.5  #: how soon a message is found that another node queued; our own wake us
AT_ONCE = {Channel.WHATSAPP: 8, Channel.PUSH: 8, Channel.TELEGRAM: 4}
AT_ONCE_ELSE = 2
GRACE_S = 1.0  #: beyond a port's own limit, before it is cut off
NEXT_CHANNELS = 50  #: notices of one command
EVENTS = 50  #: of what carriers told, in one round
_LEASE_OVER = "lease_over"
#: After these something may be due.
_WAKING = frozenset({JournalKind.LADDER_FIRED, JournalKind.NOTICE_FAILED})


class _Line:
    """One channel: its carrier, its pool, its breaker."""

    def __init__(self, channel: Channel, carrier: Carrier) -> None:
        self.channel, self.carrier = channel, carrier
        self.pool = Pool(AT_ONCE.get(channel, AT_ONCE_ELSE))
        self.breaker = Breaker(time.monotonic)

    def room(self) -> int:
        """How many sends may begin now."""
        return self.breaker.room(self.pool.free_count())


class NoticeWorker:
    """Leases what is due on each channel, sends it, and notes how it ended. Any number of nodes may run one."""

    def __init__(
        self,
        centre: Centre,
        carriers: Mapping[Channel, Carrier],
        link_for: LinkFor,
        *,
        limit_s: float | None = None,
        on_refused: Callable[[int], None] = lambda channels: None,
    ) -> None:
        """`on_refused` is told on how many channels our own settings are refused.

        `limit_s` is the hard limit of one send; by default a little more than the ports' own.
        """
        self._centre, self._link_for = centre, link_for
        self._lines = {channel: _Line(channel, carriers.get(channel) or NotConfigured()) for channel in Channel}
        self._limit_s = limit_s or centre.city.policy.deliveries.timeout_s + GRACE_S
        self._on_refused, self._refused = on_refused, set[Channel]()
        self._wake = Event()
        self.ends: Counter[tuple[str, str]] = Counter()  #: sends by channel and how they ended
        self._greenlets: list[gevent.Greenlet] = []

    def start(self) -> None:
        """Begin."""
        self._centre.journal_followers.append(self._follow)
        self._greenlets = [gevent.spawn(self._work)]

    def stop(self) -> None:
        """Take no more; what is under way is either marked, or sent again, marked as possibly twice."""
        gevent.killall(self._greenlets)
        for line in self._lines.values():
            line.pool.join(timeout=0.2)
            line.pool.kill()

    def standing(self) -> dict[str, tuple[int, bool]]:
        """For /metrics: by channel how many sends are under way, and whether its breaker is open."""
        return {line.channel.value: (len(line.pool), line.breaker.is_open) for line in self._lines.values()}

    def wake(self) -> None:
        """Look now: something has come in."""
        self._wake.set()

    def look(self) -> None:
        """Start to send what is due, as far as there is room; raises StorageUnavailable."""
        with self._centre.read() as connection:
            due = due_work(connection, self._centre.clock.now())
        if due.events:
            self._understand()
        if due.next_channels:
            self._centre.run(go_on_to_next_channels, limit=NEXT_CHANNELS)
        for name in due.channels:
            line = self._lines[Channel(name)]
            room = line.room()
            if not room:
                continue
            for leased in self._centre.run(lease_due, channel=line.channel, limit=room):
                line.breaker.began()
                line.pool.spawn(self._attempt, line, leased)

    def _understand(self) -> None:
        """Do what carriers have told, each in a commit of its own; what cannot be understood is put aside."""
        with self._centre.read() as connection:
            waiting = waiting_events(connection, EVENTS)
        for event_id in waiting:
            try:
                self._centre.run(handle_event, event_id=event_id)
            except StorageUnavailable:
                raise
            except Exception as error:  # noqa: BLE001  its text may hold what somebody wrote
                log.error("inbound event=%d cannot be understood error=%s", event_id, type(error).__name__)
                self._centre.run(settle_event, event_id=event_id, outcome="broken")

    def wait_until_sent(self, timeout_s: float) -> None:
        """Wait until nothing is under way; for tests."""
        for line in self._lines.values():
            line.pool.join(timeout=timeout_s)

    def _work(self) -> None:
        while True:
            self._wake.clear()
            try:
                self.look()
            except StorageUnavailable:
                pass  # the alarm stands already; what is due stays due
            except Exception:
                log.exception("notices cannot be sent")
            self._wake.wait(POLL_S)

    def _follow(self, entries: Sequence[Entry]) -> None:
        if any(entry.kind in _WAKING for entry in entries):
            self._wake.set()

    def _attempt(self, line: _Line, leased: LeasedNotice) -> None:
        """Send one message and note how it ended."""
        result = self._send(line, leased)
        self.ends[line.channel.value, result.attempt.value] += 1
        if result.problem == _LEASE_OVER:
            line.breaker.gave_up_trying()
        else:
            whole_channel = result.attempt in (Attempt.LATER, Attempt.UNKNOWN) and not result.this_person
            line.breaker.ended(well=not whole_channel, wait_s=result.wait_s)
        self._note_refusal(line.channel, result)
        log.info(
            "notice delivery=%d channel=%s attempt=%s problem=%s",
            leased.delivery_id,
            line.channel,
            result.attempt,
            result.problem or "-",
        )
        try:
            self._centre.run(finish_sending, attempt_id=leased.attempt_id, lease=leased.lease, result=result)
        except StorageUnavailable:
            log.warning("notice delivery=%d could not be marked; it may be sent twice", leased.delivery_id)
        self._wake.set()

    def _note_refusal(self, channel: Channel, result: AttemptResult) -> None:
        """A channel on which our settings are refused reaches nobody, until a message is accepted again."""
        before = len(self._refused)
        if result.ours:
            self._refused.add(channel)
        elif result.attempt is Attempt.ACCEPTED:
            self._refused.discard(channel)
        if len(self._refused) != before:
            self._on_refused(len(self._refused))

    def _send(self, line: _Line, leased: LeasedNotice) -> AttemptResult:
        """Try once, within a hard limit of time."""
        now = self._centre.clock.now()
        if now >= leased.until:  # the machine stood still: another node has sent it meanwhile
            return AttemptResult(Attempt.LATER, _LEASE_OVER)
        limit = gevent.Timeout(self._limit_s)
        try:
            with limit:
                message = message_of(leased, self._centre.city, now, self._link_for)
                return line.carrier.send(message)
        except gevent.Timeout as late:
            if late is not limit:
                raise
            return AttemptResult(Attempt.UNKNOWN, "timeout")
        except Exception as error:  # noqa: BLE001  logged by its name alone
            # A port that breaks must not take its channel along, and its error may hold an address.
            log.error("channel=%s broke error=%s", line.channel, type(error).__name__)
            return AttemptResult(Attempt.UNKNOWN, "broken")
