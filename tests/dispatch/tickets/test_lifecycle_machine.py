"""Any sequence of commands, by anybody, valid or not: the product does what the model says, and loses nothing."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Row, event, text

from dispatch.agencies.assignments import (
    acknowledge_assignment,
    clear_assignment,
    decline_assignment,
    set_en_route,
    set_on_scene,
)
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket, reopen_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.drafts import save_draft
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket, take_over_ticket
from dispatch.callbacks.commands import close_callback, record_callback_attempt
from dispatch.callbacks.reading import callback_list
from dispatch.calls.pickups import return_unanswered
from dispatch.calls.progress import end_call_by_hand, exchange_started
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.errors import (
    ClaimedByOther,
    CommandRefused,
    InvalidValue,
    NotPermitted,
    RequirementMissing,
    TransitionRefused,
)
from dispatch.feed.audiences import publish
from dispatch.incidents.commands import add_caller_words, attach_ticket, detach_ticket
from dispatch.people.commands import note_presence
from dispatch.phone_numbers import normalise_number
from dispatch.storage.journal import GENESIS_HASH, entry_hash, verify
from dispatch.storage.tables import Base, WebSession
from dispatch.tickets.call_times import SAME_INSTANT_S
from dispatch.tickets.lifecycle import ASSIGNMENT_RULES
from dispatch.tickets.views import TicketReader
from tests.dispatch.shift import AGENCIES, CIPARE, FIRE, IN_CIPARE, SYSTEM_NAME, Shift
from tests.dispatch.tickets.lifecycle_model import (
    DISPOSITIONS,
    LIVE,
    MOST_ATTEMPTS,
    NUISANCES,
    OPERATORS,
    STEPS,
    SUPERVISOR,
    Case,
    Refused,
    Task,
)
from tests.dispatch.touched import TouchedTables
from tests.steppable_clock import SteppableClock
from tests.thoroughness import examples

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

_TICKET_STATES = {"new", "callback", "claimed", "dispatched", "in_progress", "verify", "closed"}
_OWN_CLOCK = {"new": "answer", "callback": "callback", "claimed": "first_dispatch", "verify": "verify"}
_TASK_CLOCK = {"sent": "acknowledge", "acknowledged": "move", "en_route": "arrive", "on_scene": "clear"}


class Dispatching(RuleBasedStateMachine):
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
        _empty(self.centre)
        self.sessions = [
            self.shift.seat(self.shift.people[username], seat) for username, seat in (("dewi", "1"), ("rizki", "2"))
        ]
        self.before = self.shift.everything()
        self._everything()

    @property
    def now_s(self) -> float:
        return (self.clock.now() - self.start).total_seconds()

    # --- The telephone exchange.

    @rule(linkedid=st.sampled_from(LINKEDIDS), ani=st.sampled_from(NUMBERS))
    def call_comes_in(self, linkedid: str, ani: str) -> None:
        known = self.calls.get(linkedid)
        answer = self.shift.ring(linkedid, ani=ani, caller_name=CALLER_MARKS[0])
        assert answer.created == (known is None)
        if known is None:
            assert answer.ticket_number not in self.cases
            self._remember(linkedid, answer.ticket_number, normalise_number(ani))
            self._check_written(changed=True)
            return
        assert answer.ticket_number == known
        case = self.cases[known]
        late = not case.announced
        if late:
            number = normalise_number(ani)
            case.announce(number, self.now_s, self.cases.values(), self._waits_since(number))
        self._check_written(changed=late)

    @rule(linkedid=linkedids, extension=st.sampled_from(["op1", "op2", "op9"]))
    def seat_answers(self, linkedid: str, extension: str) -> None:
        self._hook(
            linkedid,
            lambda: self.shift.answer(linkedid, extension),
            lambda case: case.picked_up(extension, self.now_s, self.cases.values(), self._waits_since(case.number)),
        )

    def _waits_since(self, number: str | None) -> float:
        """When the newest call came for which a number is to be called back."""
        waiting = [row.last_at for row in self.before["callbacks"] if row.closed_at is None and row.number == number]
        return max(((at - self.start).total_seconds() for at in waiting), default=0)

    @precondition(lambda self: self.calls)
    @rule()
    def exchange_starts(self) -> None:
        ended = [case.ended(self.now_s, "restart") for case in self.cases.values() if not case.over] != []
        known = self.started_s
        noted = known is None or self.now_s - known > SAME_INSTANT_S
        if noted:
            self.started_s = self.now_s
        self._give(
            lambda: ended or noted,
            exchange_started,
            None,
            system_name=SYSTEM_NAME,
        )

    @precondition(lambda self: self.cases)
    @rule(pick=picks, who=st.sampled_from(["ratna", "ratna", "dewi", "admin"]))
    def call_is_ended_by_hand(self, pick: int, who: str) -> None:
        number, case = self._case(pick)
        self._give(
            lambda: case.ended(self.now_s, "by_hand") if who == SUPERVISOR else _refused(NotPermitted),
            end_call_by_hand,
            who,
            number=number,
        )

    @rule()
    def nobody_picked_up(self) -> None:
        changed = sum(case.given_back(self.now_s) for case in self.cases.values()) > 0
        self.shift.run(return_unanswered)
        if changed:
            self.before = self._everything()
            self._check_entries(self.before["journal"])

    @rule(linkedid=linkedids, duration_s=st.sampled_from([None, 0, 42, -1, 10**12]))
    def call_ends(self, linkedid: str, duration_s: int | None) -> None:
        self._hook(
            linkedid,
            lambda: self.shift.hang_up(linkedid, cause="Normal Clearing", duration_s=duration_s),
            lambda case: case.ended(self.now_s),
        )

    def _hook(self, linkedid: str, give: Callable[[], Any], predict: Callable[[Case], bool]) -> None:
        late = linkedid not in self.calls
        outcome = give()
        if late:
            self._remember(linkedid, outcome.ticket_number, announced=False)
        changed = predict(self.cases[self.calls[linkedid]])
        assert (outcome.changed, outcome.ticket_number) == (changed, self.calls[linkedid])
        self._check_written(changed=changed or late)

    def _remember(self, linkedid: str, number: str, caller: str | None = None, announced: bool = True) -> None:
        self.calls[linkedid] = number
        self.cases[number] = Case(caller, announced)

    # --- The callback list.

    @precondition(lambda self: self._waiting())
    @rule(
        pick=picks,
        who=st.sampled_from(["dewi", "dewi", "rizki", "ratna", "admin", "damkar"]),
        outcome=st.sampled_from(["reached", "reached", "no_answer", "busy", "wrong_number", "refused", "bogus"]),
    )
    def dial_back(self, pick: int, who: str, outcome: str) -> None:
        callback_id, cases = self._callback(pick)

        def predict() -> bool:
            if outcome == "bogus":
                raise Refused(InvalidValue)
            if who not in OPERATORS:
                raise Refused(NotPermitted)
            if cases[0].number is None:
                raise Refused(InvalidValue)
            if outcome == "reached":
                worked = [case for case in cases if case.state not in ("callback", "closed")]
                taken = [case for case in worked if case.owner not in (None, who)]
                free = [case for case in cases if case.waits and case not in taken]
                if not free:
                    raise Refused(ClaimedByOther)
                free[-1].take_up(who)
                for case in cases:
                    case.got_through(self.now_s)
            return True

        self._give(predict, record_callback_attempt, who, callback_id=callback_id, outcome=outcome, note=NOTE)

    @precondition(lambda self: self._waiting())
    @rule(pick=picks, who=st.sampled_from(["dewi", "rizki", "ratna", "admin"]))
    def give_a_callback_up(self, pick: int, who: str) -> None:
        callback_id, cases = self._callback(pick)
        self.somebody_types(list(self.cases.values()).index(cases[-1]), "dewi")
        row = next(row for row in self.before["callbacks"] if row.id == callback_id)

        def predict() -> bool:
            if who not in OPERATORS:
                raise Refused(NotPermitted)
            tried = row.last_attempt_at is not None and row.last_attempt_at >= row.last_at
            enough = row.last_outcome == "wrong_number" or row.attempts >= MOST_ATTEMPTS
            if row.number is not None and who != SUPERVISOR and not (tried and enough):
                raise Refused(TransitionRefused)
            for case in cases:
                mine = case.state == "claimed" and case.owner == who and case.classification is None
                if case.state == "callback" or mine:
                    ending = "wrong_number" if row.last_outcome == "wrong_number" else "unreachable"
                    case._close(who, ending, self.now_s)
                case.on_list = False
            return True

        self._give(predict, close_callback, who, callback_id=callback_id, note=NOTE)

    def _waiting(self) -> list[int]:
        """The ids of the callbacks that are to be seen on the list."""
        tickets = [row for row in self.before.get("tickets", ()) if row.callback_id is not None]
        return sorted({row.callback_id for row in tickets if self.cases[row.number].waits})

    def _callback(self, pick: int) -> tuple[int, list[Case]]:
        self._check_the_list()
        waiting = self._waiting()
        callback_id = waiting[pick % len(waiting)]
        return callback_id, [self.cases[row.number] for row in self.before["tickets"] if row.callback_id == callback_id]

    # --- The operators.

    @precondition(lambda self: self.cases)
    @rule(pick=picks, who=st.sampled_from(["dewi", "rizki", "ratna", "damkar"]))
    def claim(self, pick: int, who: str) -> None:
        number, case = self._case(pick)
        self._give(lambda: case.claim(who, self.now_s), claim_ticket, who, number=number)

    @precondition(lambda self: self.cases)
    @rule(pick=picks, who=operators)
    def release(self, pick: int, who: str) -> None:
        number, case, who = self._case_and_operator(pick, who)
        self._give(lambda: case.release(who), release_ticket, who, number=number)

    @precondition(lambda self: self.cases)
    @rule(pick=picks, who=st.sampled_from(["dewi", "rizki", "ratna", "admin"]), reason=st.sampled_from([REASON, " "]))
    def take_over(self, pick: int, who: str, reason: str) -> None:
        number, case = self._case(pick)
        self._give(lambda: case.take_over(who, reason, self.now_s), take_over_ticket, who, number=number, reason=reason)

    @precondition(lambda self: self.cases)
    @rule(pick=picks, who=operators, kind=st.sampled_from([*NUISANCES, "bogus"]), words=st.sampled_from([None, WORDS]))
    def classify_with_one_key(self, pick: int, who: str, kind: str, words: str | None) -> None:
        number, case, who = self._case_and_operator(pick, who)
        self._give(
            lambda: (
                _refused(InvalidValue)
                if kind == "bogus"
                else case.classify(who, kind, typed=False, worded=bool(words), valid=True, now_s=self.now_s)
            ),
            classify_ticket,
            who,
            number=number,
            classification=kind,
            words=words,
        )

    @precondition(lambda self: self.cases)
    @rule(
        pick=picks,
        who=operators,
        type_code=st.sampled_from([None, FIRE, FIRE, "pohon-tumbang", "bogus"]),
        priority=st.sampled_from([None, None, "P1", "P3", "P9"]),
        words=st.sampled_from([None, WORDS, f"{WORDS}\nlagi"]),
    )
    def classify_as_genuine(
        self, pick: int, who: str, type_code: str | None, priority: str | None, words: str | None
    ) -> None:
        number, case, who = self._case_and_operator(pick, who)
        valid = type_code != "bogus" and priority != "P9"
        self._give(
            lambda: case.classify(
                who, "genuine", typed=bool(type_code), worded=bool(words), valid=valid, now_s=self.now_s
            ),
            classify_ticket,
            who,
            number=number,
            classification="genuine",
            type_code=type_code,
            priority=priority,
            words=words,
        )

    @precondition(lambda self: self.cases)
    @rule(
        pick=picks,
        who=operators,
        place=st.sampled_from(
            [
                (True, {"kelurahan_code": CIPARE, "text": PLACE}),
                (True, {"lat": IN_CIPARE[0], "lon": IN_CIPARE[1], "text": PLACE, "accuracy_m": 40.0}),
                (False, {"kelurahan_code": "99.99.99.9999"}),
                (False, {"lat": -6.2, "lon": 106.8, "text": PLACE}),  # Jakarta
                (False, {"lat": float("nan"), "lon": 106.1, "kelurahan_code": CIPARE}),
                (False, {"lat": -6.1}),
                (False, {"text": PLACE}),
            ]
        ),
    )
    def locate(self, pick: int, who: str, place: tuple[bool, dict[str, Any]]) -> None:
        number, case, who = self._case_and_operator(pick, who)
        valid, arguments = place
        self._give(lambda: case.locate(who, valid=valid), locate_ticket, who, number=number, **arguments)

    @precondition(lambda self: self.cases)
    @rule(
        pick=picks,
        who=operators,
        agencies=st.one_of(
            st.lists(st.sampled_from(AGENCIES), min_size=1, max_size=3),
            st.sampled_from([[], ["DISKOMINFO"], ["DAMKAR", "KUA"]]),
        ),
    )
    def dispatch(self, pick: int, who: str, agencies: list[str]) -> None:
        number, case, who = self._case_and_operator(pick, who)
        fresh: list[str] = []

        def predict() -> bool:
            fresh.extend(case.dispatch(who, agencies, valid=set(agencies) <= set(AGENCIES)))
            return bool(fresh)

        outcome = self._give(predict, dispatch_ticket, who, number=number, agencies=agencies)
        if outcome is not None and outcome.changed:
            case.sent(dict(zip(outcome.assignment_ids, fresh, strict=True)))

    @precondition(lambda self: any(case.state == "claimed" for case in self.cases.values()))
    @rule(pick=picks, agencies=st.lists(st.sampled_from(AGENCIES), min_size=1, max_size=2, unique=True))
    def work_a_claimed_ticket_up_to_its_dispatch(self, pick: int, agencies: list[str]) -> None:
        mine = [number for number, case in self.cases.items() if case.state == "claimed"]
        number = mine[pick % len(mine)]
        index = list(self.cases).index(number)
        self.classify_as_genuine(index, "owner", FIRE, None, WORDS)
        self.locate(index, "owner", (True, {"kelurahan_code": CIPARE, "text": PLACE}))
        self.dispatch(index, "owner", agencies)

    @precondition(lambda self: self.cases)
    @rule(
        pick=picks,
        who=operators,
        disposition=st.sampled_from([*DISPOSITIONS, "prank", "bogus"]),
        note=st.sampled_from([None, NOTE]),
    )
    def close(self, pick: int, who: str, disposition: str, note: str | None) -> None:
        number, case, who = self._case_and_operator(pick, who)
        self._give(
            lambda: case.close(who, disposition, self.now_s),
            close_ticket,
            who,
            number=number,
            disposition=disposition,
            note=note,
        )

    @precondition(lambda self: self._under_way())
    @rule(
        pick=picks,
        disposition=st.sampled_from(["cancelled", "duplicate", "handled"]),
        note=st.sampled_from([None, NOTE]),
    )
    def close_what_is_under_way(self, pick: int, disposition: str, note: str | None) -> None:
        under_way = self._under_way()
        number = under_way[pick % len(under_way)]
        who = self.cases[number].owner or "ratna"
        self.close(list(self.cases).index(number), who, disposition, note)

    @precondition(lambda self: any(case.state == "closed" for case in self.cases.values()))
    @rule(pick=picks, who=operators, reason=st.sampled_from([None, REASON]))
    def reopen(self, pick: int, who: str, reason: str | None) -> None:
        number, case, who = self._case_and_operator(pick, who)
        self._give(lambda: case.reopen(who, reason, self.now_s), reopen_ticket, who, number=number, reason=reason)

    @precondition(lambda self: self.cases)
    @rule(pick=picks, who=st.sampled_from(["owner", "owner", *OPERATORS]))
    def somebody_types(self, pick: int, who: str) -> None:
        """A text comes from a screen that knows of no other; it is saved, and not sent."""
        number, _, who = self._case_and_operator(pick, who)
        self.typed.append((number, f"{WORDS} {len(self.typed)}."))
        self.shift.run(save_draft, actor=self.shift.people[who], number=number, words=self.typed[-1][1], choices={})
        after = self._everything()
        written = {name for name, rows in after.items() if rows != self.before[name]}
        assert written <= {"ticket_drafts", "ticket_notes", "journal"}
        self.before = after
        self._check_entries(after["journal"])

    # --- Many callers, one event.

    @precondition(lambda self: len(self.cases) > 1)
    @rule(pick=picks, to=picks, who=operators, words=st.sampled_from([None, WORDS, f"{WORDS} lagi"]))
    def attach(self, pick: int, to: int, who: str, words: str | None) -> None:
        number, case, who = self._case_and_operator(pick, who)
        event_number, event = self._case(to)
        sent = len(self.before["assignments"])
        outcome = self._give(
            lambda: case.attach(who, event, self.now_s),
            attach_ticket,
            who,
            number=number,
            to=event_number,
            words=words,
        )
        case.worded |= bool(words) and outcome is not None and outcome.changed
        assert len(self.before["assignments"]) == sent, "an agency was alerted again"

    @precondition(lambda self: any(case.state == "claimed" for case in self.cases.values()))
    @rule(pick=picks, to=picks)
    def attach_what_somebody_works(self, pick: int, to: int) -> None:
        claimed = [index for index, case in enumerate(self.cases.values()) if case.state == "claimed"]
        number = claimed[pick % len(claimed)]
        self.somebody_types(number, "owner")
        self.attach(number, to, "owner", None)

    @precondition(lambda self: any(case.parent for case in self.cases.values()))
    @rule(pick=picks, who=operators)
    def detach(self, pick: int, who: str) -> None:
        number, case, who = self._attached(pick, who)
        self._give(lambda: case.detach(who, self.now_s), detach_ticket, who, number=number)

    @precondition(lambda self: self.cases)
    @rule(pick=picks, who=operators)
    def detach_anything(self, pick: int, who: str) -> None:
        number, case, who = self._case_and_operator(pick, who)
        self._give(lambda: case.detach(who, self.now_s), detach_ticket, who, number=number)

    @precondition(lambda self: any(case.parent for case in self.cases.values()))
    @rule(pick=picks, who=operators, words=st.sampled_from([WORDS, f"{WORDS} lagi", " "]))
    def caller_says_more(self, pick: int, who: str, words: str) -> None:
        number, case, who = self._attached(pick, who)
        has = next(row.words for row in self.before["tickets"] if row.number == number)

        def predict() -> bool:
            was_worded = case.worded
            case.add_words(who)
            if not words.strip():
                case.worded = was_worded
                return _refused(RequirementMissing)
            return words != has

        self._give(predict, add_caller_words, who, number=number, words=words)

    def _attached(self, pick: int, who: str) -> tuple[str, Case, str]:
        attached = [(number, case) for number, case in self.cases.items() if case.parent]
        number, case = attached[pick % len(attached)]
        return number, case, (case.owner or "dewi") if who == "owner" else who

    # --- The agencies.

    @precondition(lambda self: any(case.tasks for case in self.cases.values()))
    @rule(
        pick=picks,
        who=reporters,
        step=st.sampled_from([*STEPS]),
        valid=st.sampled_from([True, True, True, False]),
        minutes_ago=st.sampled_from([None, 0, 30, -30]),
    )
    def agency_reports(self, pick: int, who: str, step: str, valid: bool, minutes_ago: int | None) -> None:
        case, id_, task = self._task(pick)
        who = task.agency.lower() if who == "agency" else who
        ago = timedelta(minutes=minutes_ago or 0)
        occurred = {"occurred_at": self.clock.now() - ago if minutes_ago is not None else None}
        command, arguments = {
            "acknowledged": (acknowledge_assignment, {}),
            "declined": (decline_assignment, {"reason_code": "no_unit" if valid else "lazy", "note": NOTE}),
            "en_route": (set_en_route, occurred),
            "on_scene": (set_on_scene, occurred),
            "cleared": (clear_assignment, {"note": NOTE if valid else " \n", **occurred}),
        }[step]

        def predict() -> bool:
            if not valid and step == "declined":
                return _refused(InvalidValue)
            if not valid and step == "cleared":
                return _refused(RequirementMissing)
            return case.report(task, who, step)

        self._give(predict, command, who, assignment_id=id_, **arguments)

    @precondition(lambda self: any(task.state in LIVE for case in self.cases.values() for task in case.tasks.values()))
    @rule(picked=st.lists(picks, min_size=1, max_size=5))
    def agencies_get_on_with_it(self, picked: list[int]) -> None:
        for pick in picked:
            live = [task for case in self.cases.values() for task in case.tasks.values() if task.state in LIVE]
            if not live:
                return
            task = live[pick % len(live)]
            steps = [step for step, command in STEPS.items() if task.state in ASSIGNMENT_RULES[command].states]
            tasks = [task for case in self.cases.values() for task in case.tasks.values()]
            self.agency_reports(len(tasks) - 1 - tasks.index(task), "agency", steps[pick % len(steps)], True, None)

    @rule(seconds=st.sampled_from([1, 9, 11, 300]))
    def time_passes(self, seconds: int) -> None:
        self.clock.step(seconds)
        # Their browsers are open: that is noted as it goes, and nothing else.
        self.shift.run(note_presence, session_ids=self.sessions)
        self.before["web_sessions"] = self.shift.rows(WebSession)

    # --- What holds after every step.

    @invariant()
    def tickets_are_as_the_model_has_them(self) -> None:
        tickets = {row.number: row for row in self.before.get("tickets", ())}
        assert set(tickets) == set(self.cases)
        people = {actor.user_id: name for name, actor in self.shift.people.items()}
        for number, case in self.cases.items():
            row = tickets[number]
            found = (row.state, people.get(row.owner_id), row.classification, row.disposition)
            assert found == (case.state, case.owner, case.classification, case.disposition)
        calls = {row.linkedid: row.state for row in self.before.get("calls", ())}
        assert calls == {linkedid: self.cases[number].call for linkedid, number in self.calls.items()}
        tasks = {row.id: row.state for row in self.before.get("assignments", ())}
        assert tasks == {id_: task.state for case in self.cases.values() for id_, task in case.tasks.items()}

    @invariant()
    def every_open_ticket_has_an_owner_or_a_running_clock(self) -> None:
        live: dict[int, list[Row[Any]]] = {}
        for task in self.before.get("assignments", ()):
            clock = (task.clock_kind, task.clock_started_at is not None, task.clock_due_at is not None)
            if task.state in LIVE:
                assert clock == (_TASK_CLOCK[task.state], True, True)
                live.setdefault(task.ticket_id, []).append(task)
            else:
                assert clock == (None, False, False)
        for ticket in self.before.get("tickets", ()):
            assert ticket.state in _TICKET_STATES
            assert ticket.clock_kind == _OWN_CLOCK.get(ticket.state)
            assert (ticket.clock_kind is None) == (ticket.clock_due_at is None) == (ticket.clock_started_at is None)
            if ticket.state == "closed":
                assert ticket.disposition is not None
                assert ticket.closed_at is not None
                assert ticket.id not in live
                assert ticket.pickup_due_at is None
            else:
                assert ticket.disposition is None
                assert ticket.closed_at is None
                assert ticket.owner_id is not None or ticket.clock_kind is not None or ticket.id in live
                assert (ticket.id in live) == (ticket.state in ("dispatched", "in_progress"))

    @invariant()
    def no_caller_is_lost(self) -> None:
        """Whoever was not spoken to is on the list, one line per number, until a person or the caller ends it."""
        open_ones = {row.id: row for row in self.before.get("callbacks", ()) if row.closed_at is None}
        numbers = [row.number for row in open_ones.values() if row.number is not None]
        assert len(numbers) == len(set(numbers))
        tickets = {row.number: row for row in self.before.get("tickets", ())}
        for number, case in self.cases.items():
            row = tickets[number]
            assert (row.callback_id is not None) == case.on_list
            if case.on_list:
                assert open_ones[row.callback_id].number == case.number
            assert (row.state == "callback") <= case.on_list
        assert set(open_ones) == {row.callback_id for row in tickets.values() if row.callback_id is not None}

    def _check_the_list(self) -> None:
        """What operators are shown is what waits; looked at before each callback and at the end."""
        with self.centre.read() as connection:
            listed = callback_list(connection, self.centre.city, self.clock)
        shown = {number for line in listed["items"] for number in line["tickets"]}
        assert shown == {number for number, case in self.cases.items() if case.waits}
        assert listed["total"] == len(listed["items"]) == len(self._waiting())

    @invariant()
    def callers_of_one_event_are_all_there(self) -> None:
        rows = {row.id: row for row in self.before.get("tickets", ())}
        numbers = {row.number: row for row in rows.values()}
        ids = {id(case): numbers[number].id for number, case in self.cases.items()}
        for number, case in self.cases.items():
            row = numbers[number]
            attached = case.parent is not None
            assert row.duplicate_of_id == (ids[id(case.parent)] if attached else None)
            assert row.incident_id == (ids[id(case.event)] if attached else None)
            assert (row.attached_at is not None) == attached
            members = [other for other in self.cases.values() if other.parent and other.event is case]
            assert row.joined_count == (0 if attached else len(members))
            assert row.incident_id is None or rows[row.incident_id].incident_id is None, "a chain leads on"

    @invariant()
    def no_call_and_no_word_is_lost(self) -> None:
        roots = [row.id for row in self.before.get("tickets", ()) if row.incident_id is None]
        with self.centre.read() as connection:
            reader = TicketReader(connection, self.centre.city, roots)
            events = [reader.for_centre(id_) for id_ in roots]
            for event in events:
                for task in event["assignments"]:
                    told = json.dumps(reader.for_agency(self._id(event["number"]), task["agency"]))
                    assert not _marks_in(told, CALLER_MARKS)
        callers = [(event["number"], event) for event in events]
        callers += [(joined["number"], joined) for event in events for joined in event["joined"]]
        found = sorted((call["linkedid"], number) for number, caller in callers for call in caller["calls"])
        assert found == sorted(self.calls.items())
        words = {number: caller["words"] for number, caller in callers}
        assert words == {row.number: row.words for row in self.before.get("tickets", ())}

    @invariant()
    def a_closed_ticket_has_no_draft_and_what_was_typed_is_kept(self) -> None:
        tickets = {row.number: row for row in self.before.get("tickets", ())}
        drafts = self.before.get("ticket_drafts", ())
        closed = {row.id for row in tickets.values() if row.state == "closed"}
        assert not closed & {draft.ticket_id for draft in drafts}
        kept = [(row.ticket_id, row.text) for row in self.before.get("ticket_notes", ()) if row.kind == "draft"]
        kept += [(draft.ticket_id, draft.words) for draft in drafts]
        for number, words in self.typed:
            ticket = tickets[number]
            assert words in (ticket.words or "") or (ticket.id, words) in kept
        assert len(kept) == len(set(kept)) <= len(self.typed), "kept once"

    @invariant()
    def an_agency_that_is_out_of_it_sees_the_ticket_as_it_was_then(self) -> None:
        newest = {(row.ticket_id, row.agency_code): row for row in self.before.get("assignments", ())}
        left = {key: row.id for key, row in newest.items() if row.state in ("declined", "cancelled")}
        with self.centre.read() as connection:
            reader = TicketReader(connection, self.centre.city, [ticket for ticket, _ in left])
        for (ticket, agency), assignment in left.items():
            seen = reader.for_agency(ticket, agency)
            assert self.as_it_was.setdefault(assignment, seen) == seen

    def _id(self, number: str) -> int:
        return int(next(row.id for row in self.before["tickets"] if row.number == number))

    def teardown(self) -> None:
        self._check_the_list()
        with self.centre.read() as connection:
            assert verify(connection).broken is None

    # --- How a step is made and compared.

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
            assert not _marks_in(json.dumps([str(value) for value in entry]), MARKS)
        with self.centre.read() as connection:
            for published in publish(connection, self.centre.city, journal[-1:]):
                told = json.dumps(published.event, allow_nan=False)
                assert not published.audience.startswith("agency:") or not _marks_in(told, CALLER_MARKS)


def _refused(kind: type[CommandRefused]) -> bool:
    raise Refused(kind)


def _marks_in(told: str, marks: tuple[str, ...]) -> list[str]:
    return [mark for mark in marks if mark in told]


def _empty(centre: Centre) -> None:
    """Take all rows away but the people."""
    tables = [table.name for table in reversed(Base.metadata.sorted_tables) if table.name != "users"]
    with centre.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"TRUNCATE {', '.join(tables)}"))
        else:
            for table in tables:
                connection.execute(text(f"DELETE FROM {table}"))


def _run(centre: Centre, clock: SteppableClock, tries: int, steps: int) -> None:
    shift = Shift.begin(centre, clock)
    touched = TouchedTables(centre.engine)
    run_state_machine_as_test(
        lambda: Dispatching(centre, clock, shift, touched),
        settings=settings(
            max_examples=tries,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        ),
    )


@pytest.fixture
def hasty_sqlite_centre(sqlite_url: str, city: CityPack, clock: SteppableClock) -> Iterator[Centre]:
    """SQLite that does not wait for the disk: thousands of commands, none of which has to survive a power cut."""
    opened = open_centre(sqlite_url, city, clock=clock)
    event.listen(opened.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF").close())
    yield opened
    opened.close()


#: Thousands of commands: more than a test's usual minute on a busy machine.
LONG = pytest.mark.timeout(150)


@LONG
def test_no_sequence_of_commands_leaves_a_ticket_without_an_owner_or_a_clock(
    hasty_sqlite_centre: Centre, clock: SteppableClock
) -> None:
    _run(hasty_sqlite_centre, clock, tries=examples(45), steps=50)


@LONG
def test_the_same_on_postgresql(postgres_url: str, city: CityPack, clock: SteppableClock) -> None:
    centre = open_centre(postgres_url, city, clock=clock)
    try:
        _run(centre, clock, tries=examples(8), steps=50)
    finally:
        centre.close()
