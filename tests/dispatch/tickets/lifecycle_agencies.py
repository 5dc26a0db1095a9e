"""What agencies report, whether or not it leads on."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from dispatch.agencies.assignments import (
    acknowledge_assignment,
    clear_assignment,
    decline_assignment,
    set_en_route,
    set_on_scene,
)
from dispatch.errors import InvalidValue, RequirementMissing
from dispatch.tickets.lifecycle import ASSIGNMENT_RULES
from tests.dispatch.tickets.lifecycle_model import LIVE, STEPS
from tests.dispatch.tickets.lifecycle_steps import NOTE, Steps, picks, refused, reporters


class AgencySteps(Steps):
    """Agencies acknowledge, decline, go, arrive and clear."""

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
                return refused(InvalidValue)
            if not valid and step == "cleared":
                return refused(RequirementMissing)
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
