"""Asterisk's own record, read back: every call that is over comes out once, and nothing that stands there is fatal."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.calls.recorded import RecordedCall
from telephony.record import call_record
from telephony.record.call_record import FIELDS, RecordReader, lines_of

BEGAN = 1795485240


def line(kind: str, at: float, linkedid: str, **fields: str) -> str:
    """One line as Asterisk writes it; the caller's own channel unless told."""
    event = dict.fromkeys(FIELDS, "") | {
        "eventtype": kind,
        "eventtime": f"{at:.6f}",
        "linkedid": linkedid,
        "uniqueid": linkedid,
        "channame": "PJSIP/trunk-00000001",
        "num": "081234567890",
        "name": 'Budi "Si Api"',
        "dnid": "112",
        "exten": "112",
        "context": "siaga-112",
    }
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="").writerow((event | fields)[name] for name in FIELDS)
    return out.getvalue()


def a_call(n: int = 1, *, seats: tuple[str, ...] = (), ends: bool = True, **fields: str) -> list[str]:
    """A call of 10 s from second BEGAN + n on; each seat takes it a second after the one before."""
    at = BEGAN + n
    linkedid = f"serang-1-{at}.{n}"
    lines = [
        line("CHAN_START", at + 0.25, linkedid, **fields),
        line("APP_START", at + 0.5, linkedid, appname="Queue", **fields),
    ]
    for place, seat in enumerate(seats):
        at_seat = {"channame": f"PJSIP/{seat}-0000000a", "uniqueid": f"serang-1-{at}.{n + 500 + place}"}
        lines.append(line("BRIDGE_ENTER", at + 2 + place, linkedid, **at_seat))
    if ends:
        extra = '{"dialstatus":"","hangupcause":16,"hangupsource":""}'
        lines.append(line("HANGUP", at + 10, linkedid, eventextra=extra, **fields))
        lines.append(line("CHAN_END", at + 10, linkedid, **fields))
        lines.append(line("LINKEDID_END", at + 10, linkedid, **fields))
    return lines


def started(at: float) -> str:
    return line("CHAN_START", at, "serang-1-1.1", channame="Local/s@siaga-112-started-00000001;1", context="default")


def read(lines: list[str]) -> list[RecordedCall]:
    return list(RecordReader().read(lines))


def instant(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def test_a_call_comes_out_with_its_times_its_caller_and_its_seat() -> None:
    (call,) = read(a_call(seats=("op2",)))
    assert call == RecordedCall(
        system_name="serang-1",
        linkedid=f"serang-1-{BEGAN + 1}.1",
        channel="PJSIP/trunk-00000001",
        number="081234567890",
        name='Budi "Si Api"',
        dialled="112",
        began_at=instant(BEGAN + 1.25),
        ended_at=instant(BEGAN + 11),
        answered_at=instant(BEGAN + 3),
        seat="op2",
        cause="16",
        cut_off=False,
    )


def test_a_call_that_nobody_took_has_no_answer() -> None:
    (call,) = read(a_call())
    assert (call.answered_at, call.seat) == (None, "")


def test_a_call_that_was_passed_on_was_answered_first_and_is_at_its_last_seat() -> None:
    (call,) = read(a_call(seats=("op1", "op3")))
    assert (call.answered_at, call.seat) == (instant(BEGAN + 3), "op3")


def test_a_call_that_is_still_up_is_left_alone() -> None:
    reader = RecordReader()
    assert list(reader.read(a_call(ends=False) + a_call(5))) == read(a_call(5))
    assert reader.still_up == 1


def test_what_was_up_when_asterisk_started_anew_was_cut_off() -> None:
    calls = read([*a_call(1, seats=("op1",), ends=False), *a_call(2), started(BEGAN + 60), *a_call(70, ends=False)])
    assert [(call.cut_off, call.ended_at, call.seat) for call in calls] == [
        (False, instant(BEGAN + 12), ""),
        (True, instant(BEGAN + 60), "op1"),
    ]


def test_a_call_whose_beginning_is_in_an_older_file_has_the_second_of_its_linkedid() -> None:
    (call,) = read(a_call(3)[1:])
    assert (call.began_at, call.ended_at) == (instant(BEGAN + 3), instant(BEGAN + 13))


def test_a_call_of_which_an_older_file_has_all_but_the_very_end_is_no_call() -> None:
    assert read(a_call()[-1:]) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"context": "siaga-operators", "channame": "PJSIP/op1-00000003"},
        {"context": "siaga-112-tell", "channame": "Local/s@siaga-112-tell-00000001;2"},
        {"context": "default"},
    ],
    ids=["between seats", "messenger", "elsewhere"],
)
def test_what_is_no_call_of_112_does_not_come_out(fields: dict[str, str]) -> None:
    assert read(a_call(**fields)) == []


@pytest.mark.parametrize(
    "trunk", ["PJSIP/carrier-00000001", "PJSIP/telkom-2-0000000a", "DAHDI/i1/0812-1", "IAX2/x-1", "SIP/t-1"]
)
def test_a_trunk_may_have_any_name(trunk: str) -> None:
    assert len(read(a_call(channame=trunk))) == 1


def test_an_asterisk_without_a_name_is_read_too() -> None:
    (call,) = read([text.replace("serang-1-", "") for text in a_call()])
    assert (call.system_name, call.linkedid) == ("", f"{BEGAN + 1}.1")


GARBAGE = [
    "",
    "kebakaran di pasar",
    '"CHAN_START","1795485241.25"',
    line("CHAN_START", BEGAN, "x")[:-30],
    line("CHAN_START", BEGAN, "x") + ',"one more"',
    line("CHAN_START", BEGAN, "x").replace(f"{BEGAN}.000000", "yesterday"),
    line("CHAN_START", BEGAN, "x").replace(f"{BEGAN}.000000", "nan"),
    line("CHAN_START", BEGAN, "x").replace(f"{BEGAN}.000000", "1" * 40),
    line("CHAN_START", BEGAN, ""),
    line("CHAN_START", BEGAN, "x y"),
    line("LINKEDID_END", BEGAN, "!?"),  # nothing of it is left as the dialplan names calls
    "\0" * 20,
    '"' * 1001,
    "," * 5000,
    "x" * (call_record.MAX_LINE_CHARS + 5),
]


@pytest.mark.parametrize("garbage", GARBAGE, ids=range(len(GARBAGE)))
def test_a_line_that_is_none_is_counted_and_harms_no_other(garbage: str) -> None:
    reader = RecordReader()
    first, *rest = a_call()
    assert list(reader.read([first, garbage, *rest, garbage])) == read(a_call())
    assert reader.garbage == (2 if garbage else 0)
    assert reader.lines == 7


@given(st.lists(st.one_of(st.sampled_from(a_call(1, seats=("op1",)) + a_call(2) + [started(BEGAN + 5)]), st.text())))
def test_whatever_stands_in_the_record_nothing_is_raised_and_no_call_ends_before_it_began(lines: list[str]) -> None:
    for call in read(lines):
        assert call.began_at <= call.ended_at


@given(st.data())
def test_where_the_stream_is_cut_into_pieces_makes_no_difference(data: Any) -> None:
    whole = ("\n".join(a_call(1, seats=("op1",)) + a_call(2)) + "\n").encode()
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)), max_size=6)))
    pieces = [whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)]
    assert list(RecordReader().read(lines_of(pieces))) == read(a_call(1, seats=("op1",)) + a_call(2))


def test_a_last_line_that_is_half_written_is_left_for_the_next_time() -> None:
    whole = "\n".join(a_call()).encode()
    assert len(list(lines_of([whole]))) == 4
    assert read(list(lines_of([whole]))) == []


def test_the_record_is_read_in_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(call_record, "MAX_OPEN", 10)
    reader = RecordReader()
    for n in range(100):
        assert list(reader.read(a_call(n, ends=False))) == []
    assert reader.still_up == 10


@pytest.mark.parametrize("extra", ["", "{", "[]", "7", '{"hangupcause":"16"}', '{"hangupcause":-1}', "[" * 5000])
def test_an_end_without_a_cause_is_an_end(extra: str) -> None:
    lines = [text for text in a_call() if not text.startswith('"HANGUP"')]
    linkedid = f"serang-1-{BEGAN + 1}.1"
    lines.insert(2, line("HANGUP", BEGAN + 9, linkedid, eventextra=extra))
    (call,) = read(lines)
    assert (call.cause, call.ended_at) == (None, instant(BEGAN + 10 - 1))
