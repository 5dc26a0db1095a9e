"""What operators do with tickets, whether or not they may."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import close_ticket, reopen_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.drafts import save_draft
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket, release_ticket, take_over_ticket
from dispatch.errors import InvalidValue, RequirementMissing
from dispatch.incidents.commands import add_caller_words, attach_ticket, detach_ticket
from tests.dispatch.shift import AGENCIES, CIPARE, FIRE, IN_CIPARE
from tests.dispatch.tickets.lifecycle_model import DISPOSITIONS, NUISANCES, OPERATORS, Case
from tests.dispatch.tickets.lifecycle_steps import NOTE, PLACE, REASON, WORDS, Steps, operators, picks, refused


class TicketSteps(Steps):
    """Tickets are taken, sorted, placed, sent, closed, attached and detached."""

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
                refused(InvalidValue)
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
                return refused(RequirementMissing)
            return words != has

        self._give(predict, add_caller_words, who, number=number, words=words)

    def _attached(self, pick: int, who: str) -> tuple[str, Case, str]:
        attached = [(number, case) for number, case in self.cases.items() if case.parent]
        number, case = attached[pick % len(attached)]
        return number, case, (case.owner or "dewi") if who == "owner" else who
