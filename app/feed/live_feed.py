"""The live feed: the one place that sends journal entries to browsers.

One greenlet per node reads what was committed after the last number it sent, whichever node committed it, and sends it
to the streams of the people connected here. The writer of this node hands it what it has committed, which spares the
database the question; other nodes' commits are found by looking again every quarter of a second. The numbers are the
truth: whatever does not follow the last number sent without a gap is read from the database.
"""

from __future__ import annotations

import json
import logging
from collections import defaultdict, deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from time import perf_counter

import gevent
from gevent.event import Event
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from app.feed.alarms import FEED_FAILING, RECORD_GAP, Alarms
from app.feed.place_follower import PlaceFollower
from app.feed.shapes import Heartbeat
from app.feed.sockets import Sockets
from app.reading.readers import Readers
from dispatch.centre import Centre
from dispatch.clock import to_iso, to_iso_if_any
from dispatch.errors import StorageUnavailable
from dispatch.feed.audiences import publish
from dispatch.feed.streams import Stream, newest_in, streams_with
from dispatch.storage.epochs import read_epoch, read_start
from dispatch.storage.journal import Entry, newest_seq, read_entries
from dispatch.storage.journal_kinds import JournalKind
from dispatch.tickets.agency_past import past_since

log = logging.getLogger(__name__)

POLL_S = 0.25  #: how soon an entry of another node is found
#: After a round the feed rests, at least for a moment that nobody sees, and three times as long as the round took: in a
#: surge, with hundreds of commits a second, most of the time is the calls'.
SHORTEST_REST_S, REST_TO_ROUND, LONGEST_REST_S = 0.01, 3.0, 0.1
HEARTBEAT_S = 2.0
BATCH = 500
#: Entries of this node that are kept until they are sent; the database has them too.
KEPT = 4 * BATCH


class LiveFeed:
    """Follows the journal and sends what it reads, with a heartbeat in between."""

    def __init__(self, centre: Centre, sockets: Sockets, alarms: Alarms, readers: Readers) -> None:
        self._centre = centre
        self._sockets = sockets
        self._alarms = alarms
        self._places = PlaceFollower(readers)
        self._wake = Event()
        self._greenlets: list[gevent.Greenlet] = []
        self._newest_sent: dict[Stream, int] = {}
        self._probe: gevent.Greenlet | None = None
        self._committed: deque[Entry] = deque(maxlen=KEPT)  #: by this node, and not sent yet
        self.position = 0  #: journal number up to which everything was sent
        self._epoch: str | None = None  #: the database's, as the heartbeat names it
        self._began_after: int | None = None  #: the database went back meanwhile, and goes on after this number

    def start(self) -> None:
        """Follow from the newest entry on; whoever connects later asks for what came before."""
        with self._centre.read() as connection:
            self.position = newest_seq(connection)
            self._epoch = read_epoch(connection)
        self._centre.journal_followers.append(self.take)
        self._places.start()
        self._greenlets = [gevent.spawn(self._follow), gevent.spawn(self._beat)]

    def stop(self) -> None:
        """Send nothing more."""
        if self.take in self._centre.journal_followers:
            self._centre.journal_followers.remove(self.take)
        self._places.stop()
        gevent.killall(self._greenlets)

    def take(self, entries: Sequence[Entry]) -> None:
        """Note what this node has committed; it is sent in the next round."""
        self._committed += entries
        self._wake.set()

    def _follow(self) -> None:
        while True:
            self._wake.wait(POLL_S)
            self._wake.clear()
            began = perf_counter()
            try:
                while self.send_new() == BATCH:
                    gevent.sleep(0)
                self._alarms.stop(FEED_FAILING)
            except Exception:
                # The position stands: as soon as this works again, everything is sent, in order. Until then the alarm
                # stays on every screen; the feed itself must never end.
                log.exception("the live feed cannot send")
                self._alarms.start(FEED_FAILING)
                gevent.sleep(POLL_S)
            gevent.sleep(min(max(REST_TO_ROUND * (perf_counter() - began), SHORTEST_REST_S), LONGEST_REST_S))

    def send_new(self) -> int:
        """Send the entries after the last number sent, at most BATCH of them; return how many there were."""
        if self._began_after is not None:
            self.position, self._began_after = min(self.position, self._began_after), None
            self._newest_sent.clear()
            self._committed.clear()
        entries = self._handed_over() or self._read()
        if not entries:
            return 0
        texts = self._texts(entries)
        self.position = entries[-1].seq
        for stream, payloads in texts.items():
            self._sockets.send(stream, "journal", payloads)
        self._end_what_ended(entries)
        self._places.notice(entries)
        return len(entries)

    def _handed_over(self) -> list[Entry]:
        """What this node committed right after the last number sent; nothing where another node came between."""
        entries: list[Entry] = []
        committed, seq = self._committed, self.position
        while committed and committed[0].seq <= seq + 1 and len(entries) < BATCH:
            entry = committed.popleft()
            if entry.seq == seq + 1:
                entries.append(entry)
                seq += 1
        return entries

    def _read(self) -> list[Entry]:
        with self._centre.read() as connection:
            return read_entries(connection, self.position, BATCH)

    def _texts(self, entries: Sequence[Entry]) -> dict[Stream, list[str]]:
        """Each stream's events as JSON; an event is put into JSON once per audience, only its `prev` differs.

        Nothing is made for a stream that nobody here receives; what `prev` it would have is then found when needed.
        """
        received = self._sockets.streams()
        self._newest_sent = {stream: seq for stream, seq in self._newest_sent.items() if stream in received}
        texts: dict[Stream, list[str]] = defaultdict(list)
        newest: dict[Stream, int] = {}
        audiences = {audience for stream in received for audience in stream.audiences}
        if not audiences:
            return texts
        with self._centre.read() as connection:
            for published in publish(connection, self._centre.city, entries, audiences, self._past_since()):
                event = json.dumps(published.event, separators=(",", ":"))
                for stream in received.intersection(streams_with(published.audience)):
                    if stream not in newest:
                        newest[stream] = self._newest_in(connection, stream)
                    texts[stream].append(f'{{"prev":{newest[stream]},{event[1:]}')
                    newest[stream] = published.event["seq"]
        # Only now: a round that fails half-way must leave no trace, because it is done again.
        self._newest_sent.update(newest)
        return texts

    def _newest_in(self, connection: Connection, stream: Stream) -> int:
        if stream not in self._newest_sent:
            self._newest_sent[stream] = newest_in(connection, stream, self.position, self._past_since())
        return self._newest_sent[stream]

    def _past_since(self) -> datetime:
        return past_since(self._centre.city, self._centre.clock.now())

    def _end_what_ended(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            match entry.kind:
                case JournalKind.SESSION_CLOSED | JournalKind.SESSION_REVOKED:
                    self._sockets.end_sessions(entry.data["session_ids"])
                case JournalKind.USER_DEACTIVATED:
                    self._sockets.end_user(entry.data["user_id"])
                case JournalKind.TOKEN_REVOKED:
                    self._sockets.end_token(entry.data["token_id"])
                case JournalKind.CALLS_RECONCILED:  # by whichever node, or by the command line
                    shown = timedelta(seconds=self._centre.city.policy.calls.gap_shown_s)
                    self._alarms.count(RECORD_GAP, entry.data["opened"], shown)

    def _beat(self) -> None:
        while True:
            gevent.sleep(HEARTBEAT_S)
            try:
                self.send_heartbeat()
                if not self._centre.writer.healthy and (self._probe is None or self._probe.ready()):
                    # Beside the beat: a probe may hang as long as the database does.
                    self._probe = gevent.spawn(self._probe_storage)
            except Exception:
                log.exception("no heartbeat")

    def _probe_storage(self) -> None:
        with suppress(StorageUnavailable):  # The alarm stands, and a later beat tries again.
            self._centre.probe_storage()

    def send_heartbeat(self) -> None:
        """Tell every stream its newest number, the server's time and what is wrong; cut sockets whose time is over."""
        now = self._centre.clock.now()
        self._sockets.sweep(now)
        self._alarms.read_exchange()
        self._see_epoch()
        server_time, alarms = to_iso(now), self._alarms.current()
        for stream in self._sockets.streams():
            beat: Heartbeat = {
                "newest": self._newest_for(stream),
                "epoch": self._epoch,
                "server_time": server_time,
                "alarms": alarms,
                "deadlines_checked_at": to_iso_if_any(self._alarms.deadlines_checked_at),
            }
            text = json.dumps(beat, separators=(",", ":"))
            self._sockets.send(stream, "heartbeat", (text,))

    def _see_epoch(self) -> None:
        """See whether the database was brought back: what it numbers from then on was never sent."""
        try:
            with self._centre.read() as connection:
                start = read_start(connection)
        except SQLAlchemyError:
            return
        if start is not None and start[0] != self._epoch:
            self._epoch, self._began_after = start

    def _newest_for(self, stream: Stream) -> int:
        """What the heartbeat names; without a database the alarm still has to arrive, so then it names nothing new."""
        try:
            with self._centre.read() as connection:
                return self._newest_in(connection, stream)
        except SQLAlchemyError:
            return self._newest_sent.get(stream, 0)
