"""Any sequence of pranks, undos, decisions and waiting: no block without a supervisor, none beyond its time."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import reopen_ticket
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.errors import CommandRefused, NotPermitted
from dispatch.nuisance.commands import block_caller, decide_flag, lift_block
from dispatch.nuisance.reading import flags_of_centre
from dispatch.storage.tables import NumberFlag
from tests.dispatch.shift import Shift
from tests.dispatch.tickets.lifecycle_steps import empty
from tests.steppable_clock import SteppableClock
from tests.thoroughness import examples

#: The first two are one subscriber; the last three are nobody.
SENT = ["081298765001", "+62 812-9876-5001", "081298765002", "", "anonymous", "Unavailable"]
NATIONAL = {"081298765001": "081298765001", "+62 812-9876-5001": "081298765001", "081298765002": "081298765002"}
LIMIT, MINISTRY_LIMIT, BLOCK_H, WINDOW_DAYS = 1, 3, 2, 2


@dataclass
class Caller:
    """What the model knows of one number."""

    pranks: dict[str, datetime] = field(default_factory=dict)  #: by ticket, when it called
    blocks: dict[int, datetime] = field(default_factory=dict)  #: flags a supervisor approved, until when


class Flagging(RuleBasedStateMachine):
    """Two numbers and three that are none, an operator, a supervisor, an admin."""

    def __init__(self, centre: Centre, clock: SteppableClock, shift: Shift) -> None:
        super().__init__()
        self.centre, self.clock, self.shift = centre, clock, shift

    @initialize()
    def begin(self) -> None:
        empty(self.centre)
        self.callers = {number: Caller() for number in set(NATIONAL.values())}
        self.undone: list[str] = []

    @rule(ani=st.sampled_from(SENT[:3] * 2 + SENT[3:]), times=st.integers(1, 3))
    def pranks(self, ani: str, times: int) -> None:
        for _ in range(times):
            self.clock.step(1)
            number = self.shift.claimed(ani=ani)
            self.shift.run(classify_ticket, actor=self.shift.dewi, number=number, classification="prank")
            if ani in NATIONAL:
                self.callers[NATIONAL[ani]].pranks[number] = self.clock.now()

    @precondition(lambda self: any(caller.pranks for caller in self.callers.values()))
    @rule(pick=st.integers(0, 20))
    def operator_undoes(self, pick: int) -> None:
        found = [(caller, ticket) for caller in self.callers.values() for ticket in caller.pranks]
        caller, ticket = found[pick % len(found)]
        self.shift.run(reopen_ticket, actor=self.shift.dewi, number=ticket, reason="salah tekan")
        del caller.pranks[ticket]
        since = self.clock.now() - timedelta(days=WINDOW_DAYS)
        count = sum(at >= since for at in caller.pranks.values())
        number = next(number for number, one in self.callers.items() if one is caller)
        waiting = {row.kind for row in self._flags() if row.number == number and row.state == "proposed"}
        assert count > LIMIT or "block" not in waiting
        assert count > MINISTRY_LIMIT or "total_block" not in waiting

    @precondition(lambda self: self._flags())
    @rule(
        pick=st.integers(0, 20),
        who=st.sampled_from(["ratna", "ratna", "ratna", "dewi", "admin"]),
        what=st.sampled_from(["approve", "approve", "reject", "lift"]),
    )
    def somebody_decides(self, pick: int, who: str, what: str) -> None:
        flags = self._flags()
        flag = flags[-1 - pick % len(flags)]
        command, more = (lift_block, {}) if what == "lift" else (decide_flag, {"decision": what})
        actor = self.shift.people[who]
        refusal, outcome = None, None
        try:
            outcome = self.shift.run(command, actor=actor, flag_id=flag.id, reason="alasan", **more)
        except CommandRefused as refused:
            refusal = refused
        assert isinstance(refusal, NotPermitted) == (who != "ratna")
        if outcome is None:
            assert self._flags() == flags
            return
        if outcome.changed and flag.kind == "block":
            blocks = self.callers[flag.number].blocks
            if what == "approve":
                blocks[flag.id] = self.clock.now() + timedelta(hours=BLOCK_H)
            else:
                blocks.pop(flag.id, None)

    @precondition(lambda self: any(caller.pranks for caller in self.callers.values()))
    @rule(pick=st.integers(0, 20))
    def supervisor_blocks_by_hand(self, pick: int) -> None:
        found = [(caller, ticket) for caller in self.callers.values() for ticket in caller.pranks]
        caller, ticket = found[pick % len(found)]
        outcome = self.shift.run(block_caller, actor=self.shift.ratna, number=ticket, reason="alasan")
        in_force = [until for until in caller.blocks.values() if self.clock.now() < until]
        assert outcome.changed == (not in_force)
        if outcome.changed:
            newest = max(
                (row for row in self._flags() if row.state == "approved" and row.decided_at == self.clock.now()),
                key=lambda row: (row.decided_at, row.id),
            )
            caller.blocks[newest.id] = self.clock.now() + timedelta(hours=BLOCK_H)

    @rule(seconds=st.sampled_from([1, 1800, BLOCK_H * 3600 - 1, BLOCK_H * 3600, WINDOW_DAYS * 86_400]))
    def time_passes(self, seconds: int) -> None:
        self.clock.step(seconds)

    @invariant()
    def a_call_is_treated_as_a_supervisor_decided_and_no_longer(self) -> None:
        now = self.clock.now()
        waiting = {row.number for row in self._flags() if row.kind == "block" and row.state == "proposed"}
        for number, caller in self.callers.items():
            blocked = any(now < until for until in caller.blocks.values())
            expected = "blocked" if blocked else "gate" if number in waiting else "normal"
            assert self.shift.ring(ani=number).treatment == expected
        assert self.shift.ring(ani=SENT[3 + now.second % 3]).treatment == "normal"

    @invariant()
    def what_is_deserved_waits_once(self) -> None:
        since = self.clock.now() - timedelta(days=WINDOW_DAYS)
        flags = self._flags()
        assert {row.number for row in flags} <= set(self.callers)
        for number, caller in self.callers.items():
            waiting = [row.kind for row in flags if row.number == number and row.state == "proposed"]
            assert len(waiting) == len(set(waiting))
            count = sum(at >= since for at in caller.pranks.values())
            decided = any(row.number == number and row.decided_at is not None for row in flags)
            if count > LIMIT and not decided:
                assert "block" in waiting
            if count > MINISTRY_LIMIT and not decided:
                assert "total_block" in waiting

    @invariant()
    def counts_are_those_of_the_classifications(self) -> None:
        now = self.clock.now()
        since = now - timedelta(days=WINDOW_DAYS)
        with self.centre.read() as connection:
            shown = flags_of_centre(connection, self.centre.city, now)
        for flag in [*shown["proposed"], *shown["blocks"], *shown["ministry"], *shown["decided"]]:
            caller = self.callers[flag["number"]]
            assert flag["count_now"] == sum(at >= since for at in caller.pranks.values())
        in_force = {id_ for caller in self.callers.values() for id_, until in caller.blocks.items() if now < until}
        assert {flag["id"] for flag in shown["blocks"]} == in_force

    def _flags(self) -> list[Any]:
        return list(self.shift.rows(NumberFlag)) if hasattr(self, "callers") else []


@pytest.mark.timeout(120)
def test_no_block_without_a_supervisor_and_none_beyond_its_time(
    city: CityPack, sqlite_url: str, clock: SteppableClock
) -> None:
    nuisance = replace(
        city.policy.nuisance,
        limit=LIMIT,
        ministry_limit=MINISTRY_LIMIT,
        block_hours=BLOCK_H,
        window_days=WINDOW_DAYS,
        enforce=True,
        gate_undecided=True,
    )
    centre = open_centre(sqlite_url, replace(city, policy=replace(city.policy, nuisance=nuisance)), clock=clock)
    shift = Shift.begin(centre, clock)
    try:
        run_machine(
            lambda: Flagging(centre, clock, shift),
            settings=settings(
                max_examples=examples(8),
                stateful_step_count=20,
                deadline=None,
                derandomize=True,
                phases=[Phase.explicit, Phase.generate],  # shrinking takes minutes; a failure prints its steps
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        centre.close()
