"""What the exchange and the callback list bring about, at any time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dispatch.callbacks.commands import close_callback, record_callback_attempt
from dispatch.calls.pickups import return_unanswered
from dispatch.calls.progress import end_call_by_hand, exchange_started
from dispatch.errors import ClaimedByOther, InvalidValue, NotPermitted, TransitionRefused
from dispatch.people.commands import note_presence
from dispatch.phone_numbers import normalise_number
from dispatch.storage.tables import WebSession
from dispatch.tickets.call_times import SAME_INSTANT_S
from tests.dispatch.shift import SYSTEM_NAME
from tests.dispatch.tickets.lifecycle_model import MOST_ATTEMPTS, OPERATORS, SUPERVISOR, Case, Refused
from tests.dispatch.tickets.lifecycle_steps import (
    CALLER_MARKS,
    LINKEDIDS,
    NOTE,
    NUMBERS,
    Steps,
    linkedids,
    picks,
    refused,
)


class CallSteps(Steps):
    """Calls ring, are answered, are over; callers are called back; time passes."""

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
            lambda: case.ended(self.now_s, "by_hand") if who == SUPERVISOR else refused(NotPermitted),
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

    def _callback(self, pick: int) -> tuple[int, list[Case]]:
        self._check_the_list()
        waiting = self._waiting()
        callback_id = waiting[pick % len(waiting)]
        return callback_id, [self.cases[row.number] for row in self.before["tickets"] if row.callback_id == callback_id]

    # --- The agencies.

    @rule(seconds=st.sampled_from([1, 9, 11, 300]))
    def time_passes(self, seconds: int) -> None:
        self.clock.step(seconds)
        # Their browsers are open: that is noted as it goes, and nothing else.
        self.shift.run(note_presence, session_ids=self.sessions)
        self.before["web_sessions"] = self.shift.rows(WebSession)
