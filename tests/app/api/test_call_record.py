"""What Asterisk's record has and nobody told becomes a ticket: by command, by the API, and by itself."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import gevent
import pytest
from click.testing import Result
from sqlalchemy import select

from app.feed.alarms import RECORD_GAP, Alarms
from app.outside.record_keeping import SETTLED, RecordKeeper
from app.people.person import hash_scoped_token, new_token
from app.services import services_of
from dispatch.calls.answering import call_answered
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.calls.progress import exchange_started
from dispatch.clock import to_iso
from dispatch.people.commands import create_api_token
from dispatch.roles import Actor, TokenScope
from dispatch.storage.journal import newest_seq
from dispatch.storage.tables import Call, Ticket, User
from dispatch.tickets.lifecycle import EndedHow
from telephony.record.files import RECORD
from tests.app.house import House, Program
from tests.steppable_clock import SteppableClock
from tests.telephony.record.test_call_record import BEGAN, a_call, started

URL = "/api/v1/calls/record"


def lines_at(began: datetime, n: int, *, seats: tuple[str, ...] = (), ends: bool = True, ani: str = "") -> list[str]:
    """A call of 10 s that came at an instant, as Asterisk writes it."""
    shift = int(began.timestamp()) - (BEGAN + n)
    fields = {"num": ani} if ani else {}
    lines = []
    for text in a_call(n, seats=seats, ends=ends, **fields):
        text = text.replace(f"serang-1-{BEGAN + n}.", f"serang-1-{BEGAN + n + shift}.")
        kind, at, rest = text.split(",", 2)
        lines.append(f'{kind},"{float(at.strip(chr(34))) + shift:.6f}",{rest}')
    return lines


def in_file(path: Path, lines: list[str]) -> Path:
    text = "".join(each + "\n" for each in lines).encode()
    path.write_bytes(gzip.compress(text) if path.suffix == ".gz" else text)
    return path


def run(house: House, *arguments: str | Path) -> Result:
    return house.app.test_cli_runner().invoke(args=["calls", "reconcile", *map(str, arguments)])


def rows(house: House) -> list[Any]:
    columns = (Call.linkedid, Call.state, Call.number, Call.received_at, Call.answered_at, Call.ended_at)
    statement = select(*columns, Call.late, Call.ended_how, Call.cut_off, Call.seat, Ticket.state.label("ticket"))
    with house.centre.read() as connection:
        return list(connection.execute(statement.join(Ticket, Ticket.id == Call.ticket_id).order_by(Call.id)))


def newest(house: House) -> int:
    with house.centre.read() as connection:
        return newest_seq(connection)


@pytest.fixture
def hour_ago(clock: SteppableClock) -> datetime:
    return (clock.now() - timedelta(hours=1)).replace(microsecond=0)


def test_a_call_without_a_ticket_becomes_one_with_its_true_times_and_is_to_be_called_back(
    house: House, hour_ago: datetime, tmp_path: Path
) -> None:
    done = run(house, in_file(tmp_path / RECORD, lines_at(hour_ago, 1)))
    assert done.exit_code == 0, done.output
    assert done.output.startswith("1 calls: 1 had no ticket")
    (row,) = rows(house)
    assert (row.state, row.ticket, row.late, row.number) == ("abandoned", "callback", True, "081234567890")
    assert row.received_at == hour_ago + timedelta(seconds=0.25)
    assert row.ended_at == hour_ago + timedelta(seconds=10)
    assert "81234567890" not in done.output


def test_a_call_that_was_answered_is_no_callback(house: House, hour_ago: datetime, tmp_path: Path) -> None:
    run(house, in_file(tmp_path / RECORD, lines_at(hour_ago, 1, seats=("op1", "op2"))))
    (row,) = rows(house)
    assert (row.state, row.seat, row.ended_how) == ("ended", "2", EndedHow.RECORD)
    assert row.answered_at == hour_ago + timedelta(seconds=2)


def test_a_call_that_was_thought_to_be_up_ends(house: House, clock: SteppableClock, tmp_path: Path) -> None:
    began = clock.now().replace(microsecond=0)
    name = {"system_name": "serang-1", "linkedid": f"serang-1-{int(began.timestamp())}.1"}
    house.centre.run(register_call, call=IncomingCall(**name, age_s=0.0))
    clock.step(3)
    house.centre.run(call_answered, **name, extension="op1", age_s=0.0)
    clock.step(3600)
    done = run(house, in_file(tmp_path / RECORD, lines_at(began, 1, seats=("op1",))))
    assert "0 had no ticket, 1 were not known to be over" in done.output
    (row,) = rows(house)
    assert (row.state, row.ended_at) == ("ended", began + timedelta(seconds=10))


def test_running_it_again_changes_nothing(house: House, hour_ago: datetime, tmp_path: Path) -> None:
    lines = [line for n in range(40) for line in lines_at(hour_ago + timedelta(seconds=n), n, seats=("op1",) * (n % 2))]
    path = in_file(tmp_path / RECORD, [*lines, *lines_at(hour_ago, 50, ends=False), started(hour_ago.timestamp() + 99)])
    assert "41 calls: 41 had no ticket" in run(house, path).output
    before, seq = rows(house), newest(house)
    again = run(house, path)
    assert "41 calls: 0 had no ticket, 0 were not known to be over, 41 were right" in again.output
    assert (rows(house), newest(house)) == (before, seq)


def test_what_was_up_when_asterisk_started_anew_was_cut_off(house: House, hour_ago: datetime, tmp_path: Path) -> None:
    lines = [*lines_at(hour_ago, 1, seats=("op1",), ends=False), started(hour_ago.timestamp() + 30)]
    run(house, in_file(tmp_path / RECORD, lines))
    (row,) = rows(house)
    assert (row.cut_off, row.ended_how, row.ticket) == (True, EndedHow.RESTART, "callback")
    assert row.ended_at == hour_ago + timedelta(seconds=30)


def test_a_call_that_an_ordered_restart_cut_off_stays_on_the_callback_list(
    house: House, clock: SteppableClock, tmp_path: Path
) -> None:
    """`core restart now` records the end of a call like any other, a few seconds before Asterisk tells of its start."""
    began = clock.now().replace(microsecond=0)
    name = {"system_name": "serang-1", "linkedid": f"serang-1-{int(began.timestamp())}.1"}
    house.centre.run(register_call, call=IncomingCall(**name, age_s=0.0))
    clock.step(2)
    house.centre.run(call_answered, **name, extension="op1", age_s=0.0)
    clock.step(12)
    house.centre.run(exchange_started, system_name="serang-1", age_s=1.0)
    clock.step(3600)
    done = run(house, in_file(tmp_path / RECORD, lines_at(began, 1, seats=("op1",))))
    assert "1 were right" in done.output
    (row,) = rows(house)
    assert (row.cut_off, row.ended_how, row.ticket) == (True, EndedHow.RESTART, "callback")


def test_a_call_without_an_end_in_the_record_is_left_alone(house: House, clock: SteppableClock, tmp_path: Path) -> None:
    began = clock.now().replace(microsecond=0)
    name = {"system_name": "serang-1", "linkedid": f"serang-1-{int(began.timestamp())}.1"}
    house.centre.run(register_call, call=IncomingCall(**name, age_s=0.0))
    seq = newest(house)
    done = run(house, in_file(tmp_path / RECORD, lines_at(began, 1, ends=False)))
    assert "1 have no end in the record" in done.output
    assert newest(house) == seq


def test_several_files_are_one_record_and_a_rotated_one_may_be_compressed(
    house: House, hour_ago: datetime, tmp_path: Path
) -> None:
    lines = lines_at(hour_ago, 1, seats=("op2",))
    files = in_file(tmp_path / f"{RECORD}.1.gz", lines[:2]), in_file(tmp_path / RECORD, lines[2:])
    assert "1 calls: 1 had no ticket" in run(house, *files).output
    assert rows(house)[0].received_at == hour_ago + timedelta(seconds=0.25)


def test_garbage_and_a_half_written_end_are_counted_and_not_fatal(
    house: House, hour_ago: datetime, tmp_path: Path
) -> None:
    path = tmp_path / RECORD
    path.write_bytes(b"\xff\xfe\n" + "\n".join(["kebakaran", *lines_at(hour_ago, 1), '"CHAN_ST']).encode())
    done = run(house, path)
    assert done.exit_code == 0
    assert "1 calls: 1 had no ticket" in done.output
    assert "2 of 7 lines are no events" in done.output


@pytest.mark.parametrize("content", [b"", b"\0" * 1000, b'"' * 10_000, b"\x1f\x8b broken"])
def test_a_file_that_is_no_record_changes_nothing_and_is_said(house: House, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / f"{RECORD}.gz" if content.startswith(b"\x1f") else tmp_path / RECORD
    path.write_bytes(content)
    done = run(house, path)
    assert done.exit_code == (1 if content.startswith(b"\x1f") else 0)
    assert not isinstance(done.exception, Exception) or isinstance(done.exception, SystemExit)
    assert rows(house) == []


def test_a_call_from_the_future_is_one_of_now(house: House, clock: SteppableClock, tmp_path: Path) -> None:
    run(house, in_file(tmp_path / RECORD, lines_at(clock.now() + timedelta(days=400), 1)))
    (row,) = rows(house)
    assert row.received_at == row.ended_at == clock.now()


def token_for(house: House, username: str, scope: TokenScope) -> Program:
    made = new_token()
    with house.centre.read() as connection:
        user_id = connection.execute(select(User.id).where(User.username == username)).scalar_one()
    house.centre.run(
        create_api_token, actor=Actor.system(), user_id=user_id, token_hash=hash_scoped_token(made), scope=scope
    )
    return Program(house.app.test_client(), made)


def test_the_record_comes_from_another_machine_with_a_token_of_that_scope_alone(
    staffed: House, hour_ago: datetime
) -> None:
    poster = token_for(staffed, "dewi", TokenScope.CALL_RECORD)
    answer = poster.post(URL, {"lines": [*lines_at(hour_ago, 1), "kebakaran", *lines_at(hour_ago, 2, ends=False)]})
    assert answer.status_code == 200
    assert answer.get_json() == {"calls": 1, "opened": 1, "ended": 0, "garbage": 1, "still_up": 1}
    assert poster.post(URL, {"lines": lines_at(hour_ago, 1)}).get_json()["opened"] == 0
    for path in ("/api/v1/tickets", "/api/v1/snapshot", "/api/v1/journal", "/api/v1/calls?linkedid=x"):
        assert poster.get(path).status_code in (401, 403)


def test_who_may_not_hand_it_in_is_refused(staffed: House, dewi: Program, damkar: Program, hour_ago: datetime) -> None:
    for program in (dewi, damkar):
        assert program.post(URL, {"lines": lines_at(hour_ago, 1)}).status_code == 403
    assert staffed.app.test_client().post(URL, json={"lines": []}).status_code == 401
    assert staffed.program("ratna").post(URL, {"lines": []}).status_code == 200
    assert rows(staffed) == []


def test_an_asterisk_without_a_name_gets_the_one_that_is_told(staffed: House, hour_ago: datetime) -> None:
    lines = [text.replace("serang-1-", "") for text in lines_at(hour_ago, 1)]
    staffed.program("ratna").post(URL, {"system": "serang-2", "lines": lines})
    with staffed.centre.read() as connection:
        assert connection.execute(select(Call.system_name)).scalar_one() == "serang-2"


@pytest.mark.parametrize(
    "body", [{"lines": "x"}, {"lines": [7]}, {"lines": ["x"] * 1001}, {"lines": ["x" * 16_001]}, {}, {"more": 1}]
)
def test_what_is_no_list_of_lines_is_refused(staffed: House, body: dict[str, Any]) -> None:
    assert staffed.program("ratna").post(URL, body).status_code in (400, 422)


def keeper_of(house: House, folder: Path) -> RecordKeeper:
    return RecordKeeper(house.centre, folder, every_s=0.01)


def test_the_node_reads_the_record_by_itself_and_waits_until_a_call_could_have_been_told(
    house: House, clock: SteppableClock, tmp_path: Path
) -> None:
    keeper = keeper_of(house, tmp_path)
    in_file(tmp_path / RECORD, lines_at(clock.now() - timedelta(seconds=10), 1))
    assert keeper.look().opened == 0
    clock.step(SETTLED.total_seconds() + 1)
    assert keeper.look().opened == 1
    assert keeper.look().calls == 0
    keeper.stop()


def test_a_record_that_cannot_be_read_is_read_later(house: House, hour_ago: datetime, tmp_path: Path) -> None:
    keeper = keeper_of(house, tmp_path)
    (tmp_path / RECORD).mkdir()
    keeper.start()
    gevent.sleep(0.05)
    (tmp_path / RECORD).rmdir()
    in_file(tmp_path / RECORD, lines_at(hour_ago, 1))
    with gevent.Timeout(5):
        while not rows(house):
            gevent.sleep(0.01)
    keeper.stop()


def test_an_alarm_says_on_every_node_how_many_had_no_ticket(
    house: House, clock: SteppableClock, hour_ago: datetime, tmp_path: Path
) -> None:
    """The node that follows the journal is another one than the command line that reads the record."""
    feed, alarms = services_of(house.app).live_feed, services_of(house.app).alarms
    lines = [line for n in range(30) for line in lines_at(hour_ago + timedelta(seconds=n), n)]
    run(house, in_file(tmp_path / RECORD, lines))
    while feed.send_new():
        pass
    since = to_iso(clock.now())
    assert alarms.current() == [{"code": RECORD_GAP, "since": since, "n": 30}]
    run(house, tmp_path / RECORD)
    while feed.send_new():
        pass
    assert alarms.current() == [{"code": RECORD_GAP, "since": since, "n": 30}]
    clock.step(house.centre.city.policy.calls.gap_shown_s + 1)
    assert alarms.current() == []


def test_an_alarm_that_counts_goes_on_from_the_last_of_them(house: House, clock: SteppableClock) -> None:
    alarms = Alarms(house.centre)
    alarms.count(RECORD_GAP, 2, timedelta(minutes=10))
    clock.step(540)
    alarms.count(RECORD_GAP, 3, timedelta(minutes=10))
    clock.step(540)
    assert [alarm["n"] for alarm in alarms.current()] == [5]
    clock.step(61)
    assert alarms.current() == []
