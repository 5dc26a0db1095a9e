"""Any sequence of sending, answering, pausing, hiring and time: whoever should have been told was, once, and no more.

What should have been told is worked out here from the pack's own file and from nothing of the product's; the auditor
has to agree with it at every step.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import event, text, update

from dispatch.agencies.assignments import (
    acknowledge_assignment,
    clear_assignment,
    decline_assignment,
    set_en_route,
    set_on_scene,
)
from dispatch.audit.auditor import audit
from dispatch.call_taking.close import close_ticket, reopen_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.deliveries.notices import use_next_channels
from dispatch.errors import CommandRefused
from dispatch.ladders.firing import fire_due_rungs
from dispatch.ladders.pausing import pause_clock, resume_clock
from dispatch.storage.tables import Base, Contact, Ladder, LadderStep, Notice, NoticeDelivery, Ticket
from tests.dispatch.ladders.test_firing import add_contact, rows
from tests.dispatch.shift import Shift
from tests.steppable_clock import SteppableClock
from tests.thoroughness import examples

ROOT = Path(__file__).resolve().parents[3]
AGENCIES = ("DAMKAR", "PLN")
OUTSIDE = {"PLN"}
OFFICES = [(agency, role) for agency in AGENCIES for role in ("duty", "chief", "head")]
OFFICES += [("DISKOMINFO", "supervisor"), ("SETDA", "leader"), ("WALIKOTA", "leader")]
STEPS = (acknowledge_assignment, set_en_route, set_on_scene)
UNSAFE = "lokasi-tidak-aman"


def _written() -> dict[tuple[str, bool], list[tuple[int, set[tuple[str | None, str]]]]]:
    """By clock and whether the agency is an outside one: after how many seconds who is told (None: its own agency)."""
    ladders = tomllib.loads((ROOT / "city/serang/ladders.toml").read_text("utf-8"))
    clocks = tomllib.loads((ROOT / "city/serang/policy.toml").read_text("utf-8"))["clocks"]
    found = {}
    for outside in (False, True):
        for ladder in ladders["ladders"]:
            if "P1" not in ladder["priorities"] or ("kinds" in ladder) is not outside:
                continue
            lasts = clocks.get(ladder["clock"], {})
            over_s = lasts.get("P1", lasts.get("all", 0))
            found[ladder["clock"], outside] = [
                (
                    rung["after_s"] if "after_s" in rung else over_s + rung["late_s"],
                    {_office(role, rung, ladders["centre"]) for role in rung["roles"]},
                )
                for rung in ladder["rungs"]
            ]
    return found


def _office(role: str, rung: dict[str, Any], centre: str) -> tuple[str | None, str]:
    if role == "leader":
        return rung.get("office"), role
    return (centre if role in ("supervisor", "desk") else None), role


WRITTEN = _written()


@dataclass
class Climb:
    """What should have become of one ladder."""

    kind: str
    agency: str | None
    started_at: datetime
    shift_s: float = 0.0
    at_once: bool = False
    fired: list[bool] = field(default_factory=list)  #: of each rung that should have fired, whether it reached nobody

    @property
    def rungs(self) -> list[tuple[int, set[tuple[str | None, str]]]]:
        own = WRITTEN.get((self.kind, self.agency in OUTSIDE))
        return own if own is not None else WRITTEN[self.kind, False]


class Climbing(RuleBasedStateMachine):
    """One centre, a few tickets, and whoever happens to be reachable."""

    def __init__(self, centre: Centre, clock: SteppableClock, shift: Shift) -> None:
        super().__init__()
        self.centre, self.clock, self.shift = centre, clock, shift
        self.tickets: list[str] = []
        self.contacts: dict[int, tuple[str, str]] = {}
        self.climbs: dict[str, Climb] = {}
        self.told_after_the_end = False

    @initialize(offices=st.sets(st.sampled_from(OFFICES), max_size=6))
    def start(self, offices: set[tuple[str, str]]) -> None:
        _empty(self.centre)
        for office in sorted(offices):
            self.hire(office, ("whatsapp",))
        self.send(AGENCIES)

    # What people do.

    @rule(office=st.sampled_from(OFFICES), channels=st.sampled_from([(), ("whatsapp",), ("whatsapp", "sms")]))
    def hire(self, office: tuple[str, str], channels: tuple[str, ...]) -> None:
        contact_id = add_contact(self.shift, *office, *channels)
        if channels:
            self.contacts[contact_id] = office

    @rule(pick=st.integers(0, 50))
    def dismiss(self, pick: int) -> None:
        if self.contacts:
            contact_id = sorted(self.contacts)[pick % len(self.contacts)]
            del self.contacts[contact_id]
            with self.centre.engine.begin() as connection:
                gone = update(Contact).where(Contact.id == contact_id).values(removed_at=self.clock.now())
                connection.execute(gone)

    @rule(agencies=st.sampled_from([("DAMKAR",), ("PLN",), AGENCIES]))
    def send(self, agencies: tuple[str, ...]) -> None:
        if len(self.tickets) < 4:
            number, _ = self.shift.sent(*agencies)
            self.tickets.append(number)

    @rule(pick=st.integers(0, 50), agency=st.sampled_from(AGENCIES))
    def send_again(self, pick: int, agency: str) -> None:
        self._try(dispatch_ticket, actor=self.shift.dewi, number=self._number(pick), agencies=[agency])

    @rule(pick=st.integers(0, 50), step=st.integers(0, len(STEPS)))
    def advance(self, pick: int, step: int) -> None:
        command = STEPS[step] if step < len(STEPS) else clear_assignment
        note = {"note": "selesai"} if command is clear_assignment else {}
        self._try(command, actor=self.shift.ratna, assignment_id=self._assignment(pick), **note)

    @rule(pick=st.integers(0, 50))
    def decline(self, pick: int) -> None:
        self._try(
            decline_assignment, actor=self.shift.ratna, assignment_id=self._assignment(pick), reason_code="no_unit"
        )

    @rule(pick=st.integers(0, 50), disposition=st.sampled_from(["cancelled", "handled"]))
    def close(self, pick: int, disposition: str) -> None:
        self._try(close_ticket, actor=self.shift.ratna, number=self._number(pick), disposition=disposition, note="ya")

    @rule(pick=st.integers(0, 50))
    def reopen(self, pick: int) -> None:
        self._try(reopen_ticket, actor=self.shift.dewi, number=self._number(pick), reason="lagi")

    @rule(pick=st.integers(0, 50), of=st.booleans(), seconds=st.integers(1, 3600))
    def pause(self, pick: int, of: bool, seconds: int) -> None:
        number, assignment = self._clock(pick) if of else (self._number(pick), None)
        before = self._shift_s(number, assignment)
        until = self.clock.now() + timedelta(seconds=seconds)
        if self._try(
            pause_clock, actor=self.shift.ratna, number=number, reason=UNSAFE, until=until, assignment=assignment
        ):
            self._moved(number, assignment, before)

    @rule(pick=st.integers(0, 50), of=st.booleans())
    def resume(self, pick: int, of: bool) -> None:
        number, assignment = self._clock(pick) if of else (self._number(pick), None)
        before = self._shift_s(number, assignment)
        if self._try(resume_clock, actor=self.shift.ratna, number=number, assignment=assignment):
            self._moved(number, assignment, before)

    # What the machine does.

    @rule(seconds=st.sampled_from([0, 1, 29, 60, 120, 300, 899, 1800, 7200, 86400]))
    def time_goes_on(self, seconds: int) -> None:
        self.deliver()
        self.clock.step(seconds)
        self.work()

    @rule()
    def work(self) -> None:
        """What the workers of the nodes do: fire what is due, and send."""
        self.fire()
        self.deliver()

    @rule()
    def fire(self) -> None:
        while self.centre.run(fire_due_rungs, limit=3).ladders == 3:
            pass
        self._climb()

    def deliver(self) -> None:
        with self.centre.engine.begin() as connection:
            # Each message is accepted and opened: a rung whose messages are lost has tests of its own.
            sent = update(NoticeDelivery).where(NoticeDelivery.ended_at.is_(None))
            connection.execute(sent.values(attempts=1, ended_at=self.clock.now(), outcome="accepted"))
            connection.execute(update(Notice).where(Notice.level == "queued").values(level="opened"))
        while self.centre.run(use_next_channels):
            pass

    def _climb(self) -> None:
        """What should have fired by now, as the pack says and with whom there is."""
        reachable = set(self.contacts.values())
        for climb in self.climbs.values():
            forced = climb.at_once
            climb.at_once = False
            while len(climb.fired) < len(climb.rungs):
                after_s, offices = climb.rungs[len(climb.fired)]
                due_at = climb.started_at + timedelta(seconds=after_s + climb.shift_s)
                if due_at > self.clock.now() and not forced:
                    break
                told = {(agency or climb.agency, role) for agency, role in offices}
                forced = not told & reachable
                climb.fired.append(forced)

    # What must be true, always.

    @invariant()
    def every_clock_has_its_ladder_and_every_ladder_its_clock(self) -> None:
        clocks = self._clocks()
        ladders = {row.subject: row for row in rows(self.shift, Ladder) if row.ended_at is None}
        assert ladders.keys() == clocks.keys()
        for subject, (kind, _, started_at, _) in clocks.items():
            assert (ladders[subject].clock_kind, ladders[subject].started_at) == (kind, started_at)

    @invariant()
    def nobody_is_told_after_the_end(self) -> None:
        ended = {row.id: row.ended_at for row in rows(self.shift, Ladder) if row.ended_at is not None}
        for step in rows(self.shift, LadderStep):
            assert step.ladder_id not in ended or step.fired_at <= ended[step.ladder_id]
        waiting = {row.notice_id for row in rows(self.shift, NoticeDelivery) if row.ended_at is None}
        for notice in rows(self.shift, Notice):
            assert notice.id not in waiting or notice.ladder_id not in ended

    def _follow_the_clocks(self) -> None:
        """A clock that starts has a ladder from now on, one that stops has none."""
        clocks = self._clocks()
        for subject, climb in list(self.climbs.items()):
            runs = clocks.get(subject)
            if runs is None or (runs[0], runs[2]) != (climb.kind, climb.started_at):
                del self.climbs[subject]
        for subject, (kind, agency, started_at, nobody_comes) in clocks.items():
            if subject not in self.climbs:
                self.climbs[subject] = Climb(kind, agency, started_at, at_once=nobody_comes)

    @invariant()
    def whoever_should_have_been_told_was_and_the_auditor_agrees(self) -> None:
        self._follow_the_clocks()
        steps: dict[int, list[Any]] = {}
        for step in rows(self.shift, LadderStep):
            steps.setdefault(step.ladder_id, []).append(step)
        for ladder in rows(self.shift, Ladder):
            if ladder.ended_at is None:
                mine = sorted(steps.get(ladder.id, []), key=lambda step: step.rung)
                assert [step.rung for step in mine] == list(range(len(mine)))
                assert [step.hole for step in mine] == self.climbs[ladder.subject].fired, ladder.subject
        found = audit(self.centre.read, self.centre.city, self.clock.now())
        assert found.clocks == len(self.climbs)
        late = [self._is_late(climb) for climb in self.climbs.values()]
        assert found.clean is not any(late), found.findings

    def _is_late(self, climb: Climb) -> bool:
        """Whether a rung should have fired, and more than a moment ago; the workers have not looked since."""
        if len(climb.fired) == len(climb.rungs):
            return False
        after_s, _ = climb.rungs[len(climb.fired)]
        due_at = climb.started_at + timedelta(seconds=after_s + climb.shift_s)
        return due_at < self.clock.now() - timedelta(seconds=15)

    # Bookkeeping.

    def _clocks(self) -> dict[str, tuple[str, str | None, datetime, bool]]:
        """Every running clock: its kind, its agency, its start, and whether all agencies have declined."""
        found = {}
        for row in rows(self.shift, Ticket):
            if row.clock_kind is not None:
                states = [one["state"] for one in self.shift.ticket(row.number)["assignments"]]
                given_up = row.state in ("claimed", "new") and "declined" in states
                found[f"ticket:{row.id}"] = (row.clock_kind, None, row.clock_started_at, given_up)
        with self.centre.read() as connection:
            running = connection.execute(
                text("SELECT id, clock_kind, agency_code FROM assignments WHERE clock_kind IS NOT NULL")
            ).all()
        starts = {row.subject: row.started_at for row in rows(self.shift, Ladder) if row.ended_at is None}
        for row in running:
            subject = f"assignment:{row.id}"
            found[subject] = (row.clock_kind, row.agency_code, starts.get(subject, self.clock.now()), False)
        return found

    def _number(self, pick: int) -> str:
        return self.tickets[pick % len(self.tickets)] if self.tickets else "261124-999"

    def _assignment(self, pick: int) -> int:
        with self.centre.read() as connection:
            ids = connection.execute(text("SELECT id FROM assignments WHERE clock_kind IS NOT NULL ORDER BY id"))
            live = list(ids.scalars())
        return live[pick % len(live)] if live else 1

    def _clock(self, pick: int) -> tuple[str, int]:
        """An assignment's clock, as it is paused: by the ticket and the assignment."""
        assignment = self._assignment(pick)
        with self.centre.read() as connection:
            number = connection.execute(
                text("SELECT t.number FROM tickets t JOIN assignments a ON a.ticket_id = t.id WHERE a.id = :id"),
                {"id": assignment},
            ).scalar()
        return number or "261124-999", assignment

    def _subject(self, number: str, assignment: int | None) -> str:
        if assignment is not None:
            return f"assignment:{assignment}"
        return next((f"ticket:{row.id}" for row in rows(self.shift, Ticket) if row.number == number), "")

    def _shift_s(self, number: str, assignment: int | None) -> int:
        subject = self._subject(number, assignment)
        own = [row.shift_s for row in rows(self.shift, Ladder) if row.subject == subject and row.ended_at is None]
        return own[0] if own else 0

    def _moved(self, number: str, assignment: int | None, before: int) -> None:
        self._follow_the_clocks()
        subject = self._subject(number, assignment)
        self.climbs[subject].shift_s += self._shift_s(number, assignment) - before

    def _try(self, command: Any, **arguments: Any) -> bool:
        self._follow_the_clocks()
        try:
            return bool(self.shift.run(command, **arguments).changed)
        except CommandRefused:
            return False


def _empty(centre: Centre) -> None:
    tables = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name not in ("users", "epochs")]
    with centre.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY"))
        else:
            for table in tables:
                connection.execute(text(f"DELETE FROM {table}"))
            connection.execute(text("DELETE FROM sqlite_sequence"))


@pytest.fixture
def hasty_centre(sqlite_url: str, city: CityPack, clock: SteppableClock) -> Iterator[Centre]:
    opened = open_centre(sqlite_url, city, clock=clock)
    event.listen(opened.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF").close())
    yield opened
    opened.close()


@pytest.mark.timeout(150)
def test_whoever_should_have_been_told_was_told_once_and_nobody_after_the_end(
    hasty_centre: Centre, clock: SteppableClock
) -> None:
    shift = Shift.begin(hasty_centre, clock)
    run_state_machine_as_test(
        lambda: Climbing(hasty_centre, clock, shift),
        settings=settings(
            max_examples=examples(60),
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )
