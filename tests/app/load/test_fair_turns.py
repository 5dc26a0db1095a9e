"""Whose turn it is: each in a line of their own, the centre before agencies, and nobody waits for ever."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.load.fair_turns import CENTRE_TURNS_IN_A_ROW, Asker, FairTurns, TooBusy, Turn

DAMKAR, POLRI = Asker("damkar", of_an_agency=True), Asker("polri", of_an_agency=True)
DEWI, RIZKI = Asker("dewi"), Asker("rizki")


class Desk:
    """Turns that are granted are noted in order, and end when the test says so."""

    def __init__(self, places: int = 2, for_agencies: int = 1, at_once: int = 1, waiting: int = 1000) -> None:
        self.turns = FairTurns(places, for_agencies=for_agencies, at_once=at_once, waiting=waiting)
        self.order: list[object] = []
        self.under_way: list[Turn] = []

    def ask(self, asker: Asker, times: int = 1, key: object = None) -> list[Turn]:
        return [self.turns.ask(asker, self._granted, key) for _ in range(times)]

    def _granted(self, turn: Turn) -> None:
        self.order.append(turn.asker.who)
        self.under_way.append(turn)

    def end_one(self) -> None:
        self.turns.end(self.under_way.pop(0))

    def end_all(self) -> None:
        while self.under_way:
            self.end_one()


def test_six_hundred_questions_of_one_responder_put_nobody_else_behind_more_than_one_of_them() -> None:
    desk = Desk()
    desk.ask(DAMKAR, 600)
    desk.ask(POLRI)
    desk.ask(DEWI)
    desk.ask(RIZKI)
    assert desk.order == ["damkar", "dewi"]  # the second thread was kept for the centre
    desk.end_all()
    assert desk.order[2:4] == ["rizki", "polri"]
    assert Counter(desk.order) == {"damkar": 600, "polri": 1, "dewi": 1, "rizki": 1}


def test_agencies_never_hold_every_place_however_many_of_them_ask() -> None:
    desk = Desk(places=2, for_agencies=1)
    for number in range(50):
        desk.ask(Asker(number, of_an_agency=True), 3)
    assert desk.turns.under_way == 1
    desk.ask(DEWI)
    assert desk.order == [0, "dewi"]


def test_an_agency_gets_its_turn_although_the_centre_never_stops_asking() -> None:
    desk = Desk(places=1)
    desk.ask(DEWI, 100)
    desk.ask(RIZKI, 100)
    desk.ask(DAMKAR, 3)
    for _ in range(40):
        desk.end_one()
    waits = [position for position, who in enumerate(desk.order) if who == "damkar"]
    assert waits[0] <= CENTRE_TURNS_IN_A_ROW + 1
    assert [later - sooner for sooner, later in pairwise(waits)] == [CENTRE_TURNS_IN_A_ROW + 1] * 2


def test_a_full_line_is_refused_at_once_and_has_room_again_later() -> None:
    desk = Desk(waiting=8)
    desk.ask(DAMKAR, 9)  # one runs, eight wait
    with pytest.raises(TooBusy):
        desk.ask(DAMKAR)
    desk.ask(POLRI)  # nobody else notices
    assert desk.turns.refused == 1
    desk.end_one()  # now it is the other agency's turn, and then this one's
    desk.end_one()
    desk.ask(DAMKAR)


def test_of_two_turns_with_one_key_the_second_waits_and_takes_no_place_meanwhile() -> None:
    desk = Desk(places=2)
    desk.ask(DEWI, key="board")
    desk.ask(RIZKI, key="board")
    desk.ask(DAMKAR)
    assert desk.order == ["dewi", "damkar"]
    desk.end_one()
    assert desk.order == ["dewi", "damkar", "rizki"]


def test_whoever_leaves_the_line_is_passed_over() -> None:
    desk = Desk(places=1)
    desk.ask(DEWI)
    gone, _ = desk.ask(RIZKI, 2)
    (blocked,) = desk.ask(Asker("ratna"), key="board")
    desk.turns.withdraw(gone)
    desk.turns.withdraw(gone)  # the second time changes nothing
    desk.turns.withdraw(blocked)
    desk.end_all()
    assert desk.order == ["dewi", "rizki"]
    assert (desk.turns.in_line, desk.turns.under_way) == (0, 0)


PEOPLE = [Asker(number, of_an_agency=number % 2 == 1) for number in range(6)]
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), st.sampled_from(PEOPLE), st.sampled_from([None, "snapshot", "board"])),
        st.tuples(st.just("end"), st.integers(0, 5), st.none()),
        st.tuples(st.just("withdraw"), st.integers(0, 50), st.none()),
    ),
    max_size=80,
)


@given(STEPS)
def test_whatever_is_asked_ended_and_withdrawn_no_limit_is_broken_and_nothing_is_forgotten(
    steps: list[tuple[str, object, object]],
) -> None:
    desk = Desk(places=3, for_agencies=2, at_once=2, waiting=4)
    asked: list[Turn] = []
    granted: set[Turn] = set()
    withdrawn: set[Turn] = set()
    for what, which, key in steps:
        if what == "ask":
            try:
                asked += desk.ask(which, key=key)  # type: ignore[arg-type]
            except TooBusy:
                assert sum(t.asker == which for t in set(asked) - granted - withdrawn) == 4
        elif what == "end" and desk.under_way:
            desk.turns.end(desk.under_way.pop(which % len(desk.under_way)))  # type: ignore[operator]
        elif what == "withdraw" and (waiting := [t for t in asked if t not in granted]):
            turn = waiting[which % len(waiting)]  # type: ignore[operator]
            desk.turns.withdraw(turn)
            withdrawn.add(turn)
        granted |= set(desk.under_way)
        running = desk.under_way
        keys = [turn.key for turn in running if turn.key is not None]
        assert len(running) == desk.turns.under_way <= 3
        assert sum(turn.asker.of_an_agency for turn in running) <= 2
        assert max(Counter(turn.asker for turn in running).values(), default=0) <= 2
        assert len(keys) == len(set(keys))
        assert desk.turns.in_line == len(set(asked) - granted - withdrawn)
    count = len(desk.order) + desk.turns.in_line
    desk.end_all()
    assert len(desk.order) == count  # everybody who waited had a turn
