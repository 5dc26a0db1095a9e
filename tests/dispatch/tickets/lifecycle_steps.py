"""How a step of the state machine is made, given to the model and to the product, and compared."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize
from sqlalchemy import Row, text

from dispatch.callbacks.reading import callback_list
from dispatch.centre import Centre
from dispatch.errors import CommandRefused
from dispatch.feed.audiences import publish
from dispatch.storage.journal import GENESIS_HASH, entry_hash, verify
from dispatch.storage.tables import Base
from tests.dispatch.shift import Shift
from tests.dispatch.tickets.lifecycle_model import Case, Refused, Task
from tests.dispatch.touched import TouchedTables
from tests.steppable_clock import SteppableClock

#: Whatever a caller or an operator says holds one of these, so that it can be searched for.
NUMBERS = ["081298765001", "+6281298765002", "anonymous", ""]
CALLER_MARKS = ("PENELEPON-RAHASIA", "81298765001", "81298765002")
WORDS, PLACE, NOTE, REASON = "KATA-RAHASIA", "TEMPAT-RAHASIA", "CATATAN-RAHASIA", "ALASAN-RAHASIA"
MARKS = (*CALLER_MARKS, WORDS, PLACE, NOTE, REASON, "Dewi", "Rizki", "Ratna")

LINKEDIDS = ["1795485240.1", "1795485240.2", "1795485240.3"]
UNKNOWN = "1795485240.99"

linkedids = st.sampled_from([*LINKEDIDS, *LINKEDIDS, UNKNOWN])
#: Mostly the one who may, so that tickets get somewhere.
operators = st.sampled_from(["owner"] * 6 + ["dewi", "rizki", "ratna", "admin", "damkar"])
reporters = st.sampled_from(["agency"] * 6 + ["dewi", "ratna", "admin", "damkar", "dishub"])
picks = st.integers(0, 10)


class Steps(RuleBasedStateMachine):
    """Several calls, two operators, a supervisor, three agencies."""

    def __init__(self, centre: Centre, clock: SteppableClock, shift: Shift, touched: TouchedTables) -> None:
        super().__init__()
        self.touched = touched
        self.centre, self.clock, self.shift = centre, clock, shift
        self.start = clock.now()
        self.cases: dict[str, Case] = {}  # by ticket number
        self.calls: dict[str, str] = {}  # ticket number by linkedid
        self.before: dict[str, Any] = {}
        self.hash = GENESIS_HASH
        self.seen = 0
        self.started_s: float | None = None  #: when the exchange last said that it had started
        self.as_it_was: dict[int, Any] = {}  #: by assignment, what its agency saw when it was first out of it
        self.typed: list[tuple[str, str]] = []  #: (ticket number, text), no text twice

    @initialize()
    def begin(self) -> None:
        empty(self.centre)
        self.sessions = [
            self.shift.seat(self.shift.people[username], seat) for username, seat in (("dewi", "1"), ("rizki", "2"))
        ]
        self.before = self.shift.everything()
        self._everything()

    @property
    def now_s(self) -> float:
        return (self.clock.now() - self.start).total_seconds()

    def _waits_since(self, number: str | None) -> float:
        """When the newest call came for which a number is to be called back."""
        waiting = [row.last_at for row in self.before["callbacks"] if row.closed_at is None and row.number == number]
        return max(((at - self.start).total_seconds() for at in waiting), default=0)

    def _waiting(self) -> list[int]:
        """The ids of the callbacks that are to be seen on the list."""
        tickets = [row for row in self.before.get("tickets", ()) if row.callback_id is not None]
        return sorted({row.callback_id for row in tickets if self.cases[row.number].waits})

    def _check_the_list(self) -> None:
        """What operators are shown is what waits; looked at before each callback and at the end."""
        with self.centre.read() as connection:
            listed = callback_list(connection, self.centre.city, self.clock)
        shown = {number for line in listed["items"] for number in line["tickets"]}
        assert shown == {number for number, case in self.cases.items() if case.waits}
        assert listed["total"] == len(listed["items"]) == len(self._waiting())

    def _id(self, number: str) -> int:
        return int(next(row.id for row in self.before["tickets"] if row.number == number))

    def teardown(self) -> None:
        self._check_the_list()
        with self.centre.read() as connection:
            assert verify(connection).broken is None

    def _case(self, pick: int) -> tuple[str, Case]:
        number = list(self.cases)[pick % len(self.cases)]
        return number, self.cases[number]

    def _case_and_operator(self, pick: int, who: str) -> tuple[str, Case, str]:
        number, case = self._case(pick)
        return number, case, (case.owner or "dewi") if who == "owner" else who

    def _under_way(self) -> list[str]:
        return [number for number, case in self.cases.items() if case.state in ("dispatched", "in_progress")]

    def _task(self, pick: int) -> tuple[Case, int, Task]:
        tasks = [(case, id_, task) for case in self.cases.values() for id_, task in case.tasks.items()]
        # The newest ones are the likeliest to be live.
        return tasks[-1 - pick % len(tasks)]

    def _give(self, predict: Callable[[], bool], command: Any, who: str | None, **arguments: Any) -> Any:
        """Give one command to the model and to the product; return the product's outcome, None if it was refused."""
        expected: bool | type[CommandRefused]
        try:
            expected = predict()
        except Refused as refused:
            expected = refused.kind
        if who is not None:  # else the exchange
            arguments["actor"] = self.shift.people[who]
        refusal: CommandRefused | None = None
        outcome: Any = None
        try:
            outcome = self.centre.run(command, **arguments)
        except CommandRefused as error:
            refusal = error
        if isinstance(expected, type):
            assert isinstance(refusal, expected), f"{refusal or outcome!r} where {expected.__name__} was expected"
        else:
            assert refusal is None, f"{refusal!r} where changed={expected} was expected"
            assert outcome.changed is expected
        self._check_written(changed=refusal is None and outcome.changed)
        return outcome

    def _everything(self) -> dict[str, Any]:
        """All that the database holds; what nothing has been written to is as it was."""
        with self.centre.read() as connection:
            touched = self.touched.since_last_time(connection)
        return self.before | (self.shift.everything(touched) if touched else {})

    def _check_written(self, changed: bool) -> None:
        after = self._everything()
        if not changed:
            assert after == self.before
            return
        versions = {row.id: row for row in self.before["tickets"]}
        for ticket in after["tickets"]:
            earlier = versions.get(ticket.id)
            assert earlier is None or earlier == ticket or earlier.version < ticket.version
        entries = after["journal"][len(self.before["journal"]) :]
        assert entries
        assert after["journal"][: len(self.before["journal"])] == self.before["journal"]
        self._check_entries(after["journal"])
        self.before = after

    def _check_entries(self, journal: list[Row[Any]]) -> None:
        for entry in journal[self.seen :]:
            self.seen += 1
            assert entry.seq == self.seen
            assert entry.previous_hash == self.hash
            assert entry.hash == entry_hash(entry)
            self.hash = entry.hash
            assert not marks_in(json.dumps([str(value) for value in entry]), MARKS)
        with self.centre.read() as connection:
            for published in publish(connection, self.centre.city, journal[-1:]):
                told = json.dumps(published.event, allow_nan=False)
                assert not published.audience.startswith("agency:") or not marks_in(told, CALLER_MARKS)


def refused(kind: type[CommandRefused]) -> bool:
    raise Refused(kind)


def marks_in(told: str, marks: tuple[str, ...]) -> list[str]:
    return [mark for mark in marks if mark in told]


def empty(centre: Centre) -> None:
    """Take all rows away but the people."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name != "users"]
    with centre.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"TRUNCATE {', '.join(tables)}"))
        else:
            for table in tables:
                connection.execute(text(f"DELETE FROM {table}"))
