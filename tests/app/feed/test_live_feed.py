"""The live feed: what comes live, what is replayed after a lost connection, and who never receives what."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import OperationalError

from app.feed.alarms import Alarms
from app.feed.live_feed import LiveFeed
from app.feed.shapes import Heartbeat
from app.reading.readers import Readers
from app.services import services_of
from dispatch.agencies.assignments import acknowledge_assignment, decline_assignment
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket
from dispatch.calls.progress import call_ended
from dispatch.centre import Centre
from dispatch.errors import CommandRefused
from dispatch.feed.audiences import CENTRE, OVERSIGHT, agency_audience
from dispatch.feed.shapes import Event
from dispatch.feed.streams import Stream, newest_in, replay, stream_for
from dispatch.people.commands import deactivate_user, revoke_api_token, revoke_web_sessions, take_seat
from dispatch.roles import Actor, Role
from dispatch.storage.epochs import read_epoch
from dispatch.storage.journal import newest_seq
from dispatch.storage.tables import JournalEntry
from tests.app.described import check_payload
from tests.app.house import FIRE, KELURAHAN, House


class Screens:
    """Stands in for the sockets: remembers what each stream was sent, and who was cut."""

    def __init__(self) -> None:
        self.journal: defaultdict[Stream, list[dict[str, Any]]] = defaultdict(list)
        self.heartbeats: defaultdict[Stream, list[dict[str, Any]]] = defaultdict(list)
        self.cut: list[tuple[str, Any]] = []
        self.watched = {
            Stream((CENTRE,)),
            Stream((CENTRE, OVERSIGHT)),
            Stream((agency_audience("DAMKAR"),)),
            Stream((agency_audience("DISHUB"),)),
        }

    def send(self, stream: Stream, event: str, payloads: Iterable[str]) -> None:
        kept = self.journal if event == "journal" else self.heartbeats
        kept[stream] += [json.loads(payload) for payload in payloads]

    def streams(self) -> set[Stream]:
        return self.watched

    def sweep(self, now: datetime) -> None:
        del now

    def end_sessions(self, session_ids: Iterable[int]) -> None:
        self.cut.append(("sessions", list(session_ids)))

    def end_user(self, user_id: int) -> None:
        self.cut.append(("user", user_id))

    def end_token(self, token_id: int) -> None:
        self.cut.append(("token", token_id))


@pytest.fixture
def screens() -> Screens:
    return Screens()


@pytest.fixture
def feed(staffed: House, screens: Screens) -> LiveFeed:
    """A feed that a test moves on by hand, from the newest entry on."""
    return feed_of(staffed, screens)


def feed_of(house: House, screens: Screens) -> LiveFeed:
    made = LiveFeed(house.centre, screens, Alarms(house.centre), Readers(house.centre, None))  # type: ignore[arg-type]
    with house.centre.read() as connection:
        made.position = newest_seq(connection)
    return made


PEOPLE = {
    "dewi": (Role.CALL_TAKER, None),
    "ratna": (Role.SUPERVISOR, None),
    "damkar": (Role.RESPONDER, "DAMKAR"),
    "dishub": (Role.RESPONDER, "DISHUB"),
}


def stream_of(house: House, username: str) -> Stream:
    return stream_for(house.actor(username, *PEOPLE[username]))


class Shift:
    """An hour in the centre, at random: calls, claims, dispatches, agencies' answers, refusals."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.random = house, random.Random(seed)
        self.tickets: list[str] = []
        self.ringing: list[str] = []
        self.assignments: list[tuple[int, str]] = []
        self.dewi = house.actor("dewi", Role.CALL_TAKER)
        self.responders = {code: house.actor(code.lower(), Role.RESPONDER, code) for code in ("DAMKAR", "DISHUB")}

    def step(self) -> None:
        choice = self.random.choice(
            [self.ring, self.ring, self.hang_up, self.claim, self.sort, self.send, self.send, self.report, self.close]
        )
        try:
            choice()
        except CommandRefused:
            return  # People press what does not apply; nothing happens then.

    def ring(self) -> None:
        number, linkedid = self.house.call()
        self.tickets.append(number)
        self.ringing.append(linkedid)

    def hang_up(self) -> None:
        if self.ringing:
            self.run(call_ended, system_name="pbx", linkedid=self.ringing.pop())

    def claim(self) -> None:
        command = self.random.choice([claim_ticket, claim_ticket, release_ticket])
        self.run(command, actor=self.dewi, number=self.ticket())

    def sort(self) -> None:
        kind = self.random.choice(["genuine", "prank"])
        words = {"type_code": FIRE, "words": f"kata {self.random.random()}"} if kind == "genuine" else {}
        self.run(classify_ticket, actor=self.dewi, number=self.ticket(), classification=kind, **words)

    def send(self) -> None:
        number, to_whom = self.ticket(), self.random.sample(["DAMKAR", "DISHUB"], self.random.choice([1, 2]))
        self.run(claim_ticket, actor=self.dewi, number=number)
        self.run(classify_ticket, actor=self.dewi, number=number, classification="genuine", type_code=FIRE)
        self.run(locate_ticket, actor=self.dewi, number=number, kelurahan_code=KELURAHAN)
        sent = self.run(dispatch_ticket, actor=self.dewi, number=number, agencies=to_whom)
        self.assignments += [(key, code) for key, code in zip(sent.assignment_ids, to_whom, strict=False)]

    def report(self) -> None:
        if self.assignments:
            key, code = self.random.choice(self.assignments)
            if self.random.random() < 0.7:
                self.run(acknowledge_assignment, actor=self.responders[code], assignment_id=key)
            else:
                reason = {"reason_code": "no_unit"}
                self.run(decline_assignment, actor=self.responders[code], assignment_id=key, **reason)

    def close(self) -> None:
        self.run(close_ticket, actor=self.dewi, number=self.ticket(), disposition="cancelled")

    def ticket(self) -> str:
        if not self.tickets:
            self.ring()
        return self.random.choice(self.tickets)

    def run(self, command: Any, **arguments: Any) -> Any:
        return self.house.centre.run(command, **arguments)


def replayed(house: House, stream: Stream, after: int) -> list[dict[str, Any]]:
    with house.centre.read() as connection:
        found = replay(connection, house.centre.city, stream, after, limit=10_000, scan_limit=100_000)
    assert found.complete
    return json.loads(json.dumps(found.events))


def without_ticket(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An event carries the ticket as it was when it was sent: a replay sends it as it is now."""
    return [{key: value for key, value in event.items() if key != "ticket"} for event in events]


@pytest.mark.parametrize(("seed", "by_this_node"), [(1, 0.0), (2, 0.7), (3, 1.0)])
def test_what_is_replayed_is_exactly_what_came_live_whichever_node_wrote_it(
    staffed_on_both: House, screens: Screens, seed: int, by_this_node: float
) -> None:
    staffed = staffed_on_both
    feed = feed_of(staffed, screens)
    start = feed.position
    shift = Shift(staffed, seed)
    nodes = random.Random(seed)
    staffed.centre.journal_followers.append(
        lambda entries: feed.take(entries) if nodes.random() < by_this_node else None
    )
    for _ in range(80):
        shift.step()
        if shift.random.random() < 0.4:
            feed.send_new()
    while feed.send_new():
        pass
    for username in PEOPLE:
        stream = stream_of(staffed, username)
        live = screens.journal[stream]
        assert without_ticket(replayed(staffed, stream, start)) == without_ticket(live)
        for after in (start, *(event["seq"] for event in live[::7])):
            missed = [event for event in live if event["seq"] > after]
            assert without_ticket(replayed(staffed, stream, after)) == without_ticket(missed)


@pytest.mark.parametrize("seed", [4, 5, 6])
def test_a_screen_that_lost_its_connection_again_and_again_shows_the_same_as_a_fresh_one(
    staffed: House, feed: LiveFeed, screens: Screens, seed: int
) -> None:
    shift = Shift(staffed, seed)
    browser = staffed.program("dewi")
    for _ in range(20):
        shift.step()
    feed.send_new()
    snapshot = browser.get("/api/v1/snapshot").get_json()
    shown = {ticket["number"]: ticket for ticket in snapshot["tickets"]}
    last, connected, stream = snapshot["newest"], True, stream_of(staffed, "dewi")
    received = len(screens.journal[stream])

    def take(events: list[dict[str, Any]]) -> None:
        nonlocal last
        for event in events:
            if event["seq"] <= last:
                continue
            assert event["prev"] <= last, "a gap that the screen would have to notice"
            last = event["seq"]
            if event["ticket"]:
                shown[event["ticket"]["number"]] = event["ticket"]

    for _ in range(120):
        shift.step()
        feed.send_new()
        came = screens.journal[stream][received:]
        received += len(came)
        if connected:
            take(came)
        if shift.random.random() < 0.2:
            connected = not connected
            if connected:
                take(replayed(staffed, stream, last))
    take(replayed(staffed, stream, last))
    fresh = {t["number"]: t for t in browser.get("/api/v1/snapshot").get_json()["tickets"]}
    assert {number: ticket for number, ticket in shown.items() if ticket["state"] != "closed"} == fresh


@pytest.mark.parametrize("seed", [7, 8])
def test_an_agency_receives_nothing_of_tickets_that_were_not_sent_to_it(
    staffed: House, feed: LiveFeed, screens: Screens, seed: int
) -> None:
    shift = Shift(staffed, seed)
    for _ in range(120):
        shift.step()
        feed.send_new()
    for username in ("damkar", "dishub"):
        agency = username.upper()
        own = {t["number"] for t in staffed.program(username).get("/api/v1/tickets?limit=200").get_json()["items"]}
        events = screens.journal[stream_of(staffed, username)]
        assert events, "the shift has to send something for this test to mean anything"
        assert {event["ticket_number"] for event in events} <= own
        for event in events:
            assert event["kind"].startswith(("ticket.", "assignment."))
            if event["kind"].startswith("assignment."):
                assert event["data"]["agency"] == agency
            assert event["ticket"]["assignment"]["agency"] == agency
        text = json.dumps(events)
        assert "081200000417" not in text
        assert "Dewi" not in text


def test_an_agency_sees_a_ticket_from_its_own_dispatch_on_and_not_before(
    staffed: House, feed: LiveFeed, screens: Screens
) -> None:
    dewi = staffed.program("dewi")
    number, _ = staffed.dispatched(dewi, "DAMKAR")
    feed.send_new()
    dewi.post(f"/api/v1/tickets/{number}/dispatch", {"agencies": ["DISHUB"]})
    feed.send_new()
    told = [event["kind"] for event in screens.journal[stream_of(staffed, "dishub")]]
    assert told == ["assignment.sent", "ticket.dispatched"]
    first = screens.journal[stream_of(staffed, "damkar")]
    assert [event["kind"] for event in first] == [
        "assignment.sent",
        "ticket.state_changed",
        "ticket.dispatched",
        "ticket.dispatched",
    ]


def test_call_takers_do_not_receive_who_signed_in_and_supervisors_do(
    staffed: House, feed: LiveFeed, screens: Screens
) -> None:
    staffed.browser("rizki")
    staffed.call()
    feed.send_new()
    assert [e["kind"] for e in screens.journal[stream_of(staffed, "dewi")]] == ["call.registered"]
    assert [e["kind"] for e in screens.journal[stream_of(staffed, "ratna")]] == ["session.opened", "call.registered"]


def test_each_event_names_the_one_before_it_in_its_own_stream(staffed: House, feed: LiveFeed, screens: Screens) -> None:
    shift = Shift(staffed, 9)
    for _ in range(100):
        shift.step()
        staffed.browser("rizki") if shift.random.random() < 0.1 else None
        feed.send_new()
    for username in PEOPLE:
        events = screens.journal[stream_of(staffed, username)]
        assert [event["prev"] for event in events[1:]] == [event["seq"] for event in events[:-1]]


def test_a_node_that_starts_late_knows_what_its_streams_had_before(staffed: House, screens: Screens) -> None:
    _, ids = staffed.dispatched(staffed.program("dewi"), "DAMKAR")
    for _ in range(5):
        staffed.call()
    late = feed_of(staffed, screens)
    with staffed.centre.read() as connection:
        before = newest_in(connection, stream_of(staffed, "damkar"), late.position)
    damkar = staffed.actor("damkar", Role.RESPONDER, "DAMKAR")
    staffed.centre.run(acknowledge_assignment, actor=damkar, assignment_id=ids["DAMKAR"])
    late.send_new()
    first, second = screens.journal[stream_of(staffed, "damkar")]
    assert (first["kind"], first["prev"]) == ("ticket.state_changed", before)
    assert (second["kind"], second["prev"]) == ("assignment.acknowledged", first["seq"])
    assert before < late.position - 5


def test_entries_of_another_node_are_sent_too(staffed: House, feed: LiveFeed, screens: Screens) -> None:
    from dispatch.centre import open_centre

    other = open_centre(str(staffed.centre.engine.url), staffed.centre.city, clock=staffed.clock)
    staffed.call()
    house_there = House(staffed.app, other, staffed.clock, calls=100)
    house_there.call()
    staffed.call()
    other.close()
    feed.send_new()
    sequence = [event["seq"] for event in screens.journal[stream_of(staffed, "dewi")]]
    assert len(sequence) == 3
    assert sequence == sorted(sequence)


def test_a_round_that_fails_is_done_again_without_a_gap(
    staffed: House, feed: LiveFeed, screens: Screens, monkeypatch: pytest.MonkeyPatch
) -> None:
    staffed.call()
    staffed.call()

    def broken(*_: Any) -> None:
        raise OperationalError("SELECT", {}, Exception("disk I/O error"))

    with monkeypatch.context() as patched:
        patched.setattr("app.feed.live_feed.newest_in", broken)
        with pytest.raises(OperationalError):
            feed.send_new()
    assert not screens.journal
    feed.send_new()
    events = screens.journal[stream_of(staffed, "dewi")]
    assert [event["kind"] for event in events] == ["call.registered", "call.registered"]
    assert events[0]["prev"] < events[0]["seq"]
    assert events[1]["prev"] == events[0]["seq"]


def epoch_of(centre: Centre) -> str | None:
    with centre.read() as connection:
        return read_epoch(connection)


def test_what_a_database_that_went_back_numbers_anew_is_sent_and_the_heartbeat_names_its_epoch(
    staffed: House, feed: LiveFeed, screens: Screens
) -> None:
    dewi = stream_of(staffed, "dewi")
    screens.watched = {dewi}
    staffed.call()
    feed.send_new()
    feed.send_heartbeat()
    before = feed.position
    staffed.call()
    staffed.call()
    feed.send_new()
    with staffed.centre.engine.begin() as connection:
        connection.execute(delete(JournalEntry).where(JournalEntry.seq > before))
    screens.journal.clear()
    staffed.centre.probe_storage()
    feed.send_heartbeat()
    feed.send_new()
    staffed.call()
    feed.send_new()
    assert [event["kind"] for event in screens.journal[dewi]] == ["call.registered"]
    first, last = screens.heartbeats[dewi][0], screens.heartbeats[dewi][-1]
    assert last["epoch"] == epoch_of(staffed.centre) != first["epoch"]


def test_the_heartbeat_names_each_streams_newest_number_time_and_alarms(
    staffed: House, feed: LiveFeed, screens: Screens
) -> None:
    damkar, dewi = stream_of(staffed, "damkar"), stream_of(staffed, "dewi")
    screens.watched = {damkar, dewi}
    staffed.dispatched(staffed.program("dewi"), "DAMKAR")
    staffed.call()
    feed.send_new()
    feed.send_heartbeat()
    assert screens.heartbeats[dewi] == [
        {
            "newest": screens.journal[dewi][-1]["seq"],
            "epoch": epoch_of(staffed.centre),
            "server_time": "2026-11-24T02:14:00.000Z",
            "alarms": [],
            "deadlines_checked_at": None,
        }
    ]
    assert screens.heartbeats[damkar][0]["newest"] == screens.journal[damkar][-1]["seq"]


def test_a_storage_that_refuses_writes_is_an_alarm_on_every_screen(
    staffed: House, feed: LiveFeed, screens: Screens
) -> None:
    screens.watched = {stream_of(staffed, "dewi")}
    staffed.break_storage()
    feed.send_heartbeat()
    [beat] = screens.heartbeats[stream_of(staffed, "dewi")]
    assert beat["alarms"] == [{"code": "storage_failing", "since": "2026-11-24T02:14:00.000Z"}]


def test_events_and_heartbeats_are_what_their_types_say(staffed: House, feed: LiveFeed, screens: Screens) -> None:
    dewi, damkar = stream_of(staffed, "dewi"), stream_of(staffed, "damkar")
    screens.watched = {dewi, damkar}
    staffed.dispatched(staffed.program("dewi"), "DAMKAR")
    staffed.break_storage()
    feed.send_new()
    feed.send_heartbeat()
    for stream in (dewi, damkar):
        assert screens.journal[stream]
        for event in screens.journal[stream]:
            check_payload(Event, event)
        [beat] = screens.heartbeats[stream]
        assert beat["alarms"]
        check_payload(Heartbeat, beat)


def test_sockets_of_sessions_users_and_tokens_that_ended_are_cut(
    staffed: House, feed: LiveFeed, screens: Screens
) -> None:
    staffed.browser("rizki")
    staffed.program("adi")
    system = Actor.system()
    staffed.centre.run(revoke_web_sessions, actor=system, user_id=staffed.user_ids["rizki"])
    staffed.centre.run(revoke_api_token, actor=system, token_id=1)
    staffed.centre.run(deactivate_user, actor=system, user_id=staffed.user_ids["damkar"])
    feed.send_new()
    assert screens.cut == [("sessions", [1]), ("token", 1), ("user", staffed.user_ids["damkar"])]


def test_taking_a_seat_reaches_the_colleagues(staffed: House, feed: LiveFeed, screens: Screens) -> None:
    staffed.browser("rizki")
    rizki = staffed.actor("rizki", Role.CALL_TAKER)
    staffed.centre.run(take_seat, actor=rizki, session_id=1, seat="2")
    feed.send_new()
    assert [event["kind"] for event in screens.journal[stream_of(staffed, "dewi")]] == ["seat.taken"]


def test_a_page_of_the_journal_ends_where_the_next_begins(staffed: House) -> None:
    shift = Shift(staffed, 10)
    for _ in range(60):
        shift.step()
    for username in ("dewi", "damkar"):
        program, after, seen = staffed.program(username), 0, []
        while True:
            page = program.get(f"/api/v1/journal?after={after}&limit=7").get_json()
            assert len(page["items"]) <= 7
            seen += page["items"]
            if page["next"] is None:
                break
            after = page["next"]
        assert seen == replayed(staffed, stream_of(staffed, username), 0)


def test_a_quiet_agencys_last_entry_is_found_however_much_happened_since(staffed: House) -> None:
    staffed.dispatched(staffed.program("dewi"), "DAMKAR")
    damkar = stream_of(staffed, "damkar")
    with staffed.centre.read() as connection:
        last = newest_in(connection, damkar, newest_seq(connection))
    for _ in range(30):
        staffed.call()
    with staffed.centre.read() as connection:
        assert newest_in(connection, damkar, newest_seq(connection)) == last
        nobody = Stream((agency_audience("BPBD"),))
        assert newest_in(connection, nobody, newest_seq(connection)) == 0


def test_the_feed_of_an_application_is_not_started_by_making_it(staffed: House) -> None:
    assert staffed.centre.journal_followers == []
    assert services_of(staffed.app).live_feed.position == 0
