"""What an agency reports: it takes the task up or declines it, is on its way, is there, is done."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatch.agencies.assignments import (
    acknowledge_assignment,
    clear_assignment,
    decline_assignment,
    set_en_route,
    set_on_scene,
)
from dispatch.call_taking.ownership import release_ticket
from dispatch.errors import CommandRefused, InvalidValue, NotFound, NotPermitted, RequirementMissing, TransitionRefused
from dispatch.storage.tables import Assignment, TicketNote
from tests.dispatch.shift import Shift

EVERY_STEP: tuple[tuple[Any, dict[str, Any]], ...] = (
    (acknowledge_assignment, {}),
    (decline_assignment, {"reason_code": "no_unit"}),
    (set_en_route, {}),
    (set_on_scene, {}),
    (clear_assignment, {"note": "padam"}),
)


def refusal(shift: Shift, command: Any, **arguments: Any) -> CommandRefused:
    """Give a command that has to be refused, see that it left nothing, and return the refusal."""
    before = shift.everything()
    with pytest.raises(CommandRefused) as refused:
        shift.run(command, **arguments)
    assert shift.everything() == before
    return refused.value


def test_each_step_stops_one_clock_and_starts_the_next(shift: Shift) -> None:
    number, [damkar] = shift.sent("DAMKAR")
    told = []
    for command, arguments in (EVERY_STEP[0], *EVERY_STEP[2:]):
        shift.clock.step(30)
        assert shift.run(command, actor=shift.damkar, assignment_id=damkar, **arguments).changed
        task, ticket = shift.assignment(number, damkar), shift.ticket(number)
        told.append((task["state"], task["due_kind"], task["clock_started_at"], ticket["state"]))
    assert told == [
        ("acknowledged", "move", "2026-11-24T02:14:30.000Z", "in_progress"),
        ("en_route", "arrive", "2026-11-24T02:15:00.000Z", "in_progress"),
        ("on_scene", "clear", "2026-11-24T02:15:30.000Z", "in_progress"),
        ("cleared", None, None, "verify"),
    ]
    task = shift.assignment(number, damkar)
    assert [task[f"{step}_at"] for step in ("sent", "acknowledged", "en_route", "on_scene", "cleared")] == [
        f"2026-11-24T02:{time}.000Z" for time in ("14:00", "14:30", "15:00", "15:30", "16:00")
    ]
    entry = shift.entries()[-1]
    assert (entry.kind, entry.assignment_id, entry.actor_id) == ("assignment.cleared", damkar, shift.damkar.user_id)
    assert entry.data == {"agency": "DAMKAR", "ticket_state": "verify"}


def test_a_clock_is_as_long_as_the_policy_says_for_the_ticket_s_priority(shift: Shift) -> None:
    clocks = shift.centre.city.policy.clocks
    for_today = next(code for code, each in shift.centre.city.incident_types.items() if each.priority == "P3")
    number, [dlh] = shift.sent("DLH", type_code=for_today)
    priority = shift.ticket(number)["priority"]
    task = shift.assignment(number, dlh)
    due = datetime.fromisoformat(task["due_at"]) - shift.clock.now()
    assert priority == "P3"
    assert due == timedelta(seconds=clocks["acknowledge", priority])
    shift.run(acknowledge_assignment, actor=shift.dewi, assignment_id=dlh)
    due = datetime.fromisoformat(shift.assignment(number, dlh)["due_at"]) - shift.clock.now()
    assert due == timedelta(seconds=clocks["move", priority]) != timedelta(seconds=clocks["move", "P1"])


def test_a_ticket_is_done_when_the_last_agency_is(shift: Shift) -> None:
    number, [damkar, psc] = shift.taken_up("DAMKAR", "PSC119")
    shift.run(clear_assignment, actor=shift.damkar, assignment_id=damkar, note="padam")
    assert shift.ticket(number)["state"] == "in_progress"
    shift.run(clear_assignment, actor=shift.psc119, assignment_id=psc, note="tidak ada korban")
    ticket = shift.ticket(number)
    assert ticket["state"] == "verify"
    assert [clock["kind"] for clock in ticket["clocks"]] == ["verify"]


@pytest.mark.parametrize(
    ("released", "state", "waits_for"), [(False, "claimed", "first_dispatch"), (True, "new", "answer")]
)
def test_a_ticket_that_everybody_declined_goes_back_to_the_operators(
    shift: Shift, released: bool, state: str, waits_for: str
) -> None:
    number, [damkar, psc] = shift.sent("DAMKAR", "PSC119")
    if released:
        shift.run(release_ticket, actor=shift.dewi, number=number)
    shift.run(decline_assignment, actor=shift.damkar, assignment_id=damkar, reason_code="no_unit")
    assert shift.ticket(number)["state"] == "dispatched"
    declined = shift.run(
        decline_assignment, actor=shift.psc119, assignment_id=psc, reason_code="other", note="ban bocor\x00"
    )
    assert declined.changed
    ticket = shift.ticket(number)
    assert (ticket["state"], [each["kind"] for each in ticket["clocks"]]) == (state, [waits_for])
    task = shift.assignment(number, psc)
    assert (task["state"], task["reason"], task["note"], task["due_at"]) == ("declined", "other", "ban bocor", None)
    assert shift.entries()[-1].data == {"agency": "PSC119", "ticket_state": state, "reason_code": "other"}
    assert [(note.kind, note.text) for note in shift.rows(TicketNote)] == [("decline", "ban bocor")]


def test_declining_needs_one_of_the_city_s_reasons(shift: Shift) -> None:
    _, [damkar] = shift.sent("DAMKAR")
    for reason in ("", "lazy", "NO_UNIT", "\x00"):
        refused = refusal(shift, decline_assignment, actor=shift.damkar, assignment_id=damkar, reason_code=reason)
        assert refused.details == {"field": "reason_code", "problem": "unknown"}


def test_clearing_needs_a_report_of_what_was_done(shift: Shift) -> None:
    number, [damkar] = shift.taken_up("DAMKAR")
    for note in ("", " \r\n ", "\x00\x1f"):
        refused = refusal(shift, clear_assignment, actor=shift.damkar, assignment_id=damkar, note=note)
        assert isinstance(refused, RequirementMissing)
        assert (refused.details, refused.allowed) == ({"missing": ["note"]}, ("clear",))
    assert isinstance(
        refusal(shift, clear_assignment, actor=shift.damkar, assignment_id=damkar, note="x" * 4001), InvalidValue
    )
    shift.run(clear_assignment, actor=shift.damkar, assignment_id=damkar, note="padam,\r\n1 rumah ‘rusak’ 🔥")
    assert shift.assignment(number, damkar)["note"] == "padam,\n1 rumah ‘rusak’ 🔥"
    assert not [entry for entry in shift.entries() if "rumah" in str(entry.data)]


def test_a_step_that_lies_behind_changes_nothing_and_says_so(shift: Shift) -> None:
    _, [damkar] = shift.taken_up("DAMKAR")
    shift.run(set_on_scene, actor=shift.damkar, assignment_id=damkar)
    before = shift.everything()
    for command in (acknowledge_assignment, set_en_route, set_on_scene):
        again = shift.run(command, actor=shift.damkar, assignment_id=damkar)
        assert (again.changed, again.state) == (False, "on_scene")
    assert shift.everything() == before


def test_a_refused_step_says_which_ones_lead_on(shift: Shift) -> None:
    _, [damkar] = shift.sent("DAMKAR")
    early = refusal(shift, set_on_scene, actor=shift.damkar, assignment_id=damkar)
    assert isinstance(early, TransitionRefused)
    assert early.details == {"entity": "assignment", "state": "sent", "command": "on-scene"}
    assert early.allowed == ("acknowledge", "decline")
    shift.run(acknowledge_assignment, actor=shift.damkar, assignment_id=damkar)
    late = refusal(shift, decline_assignment, actor=shift.damkar, assignment_id=damkar, reason_code="no_unit")
    assert late.allowed == ("en-route", "on-scene", "clear")


def test_the_centre_reports_for_an_agency_that_telephones(shift: Shift) -> None:
    number, [damkar] = shift.sent("DAMKAR")
    shift.run(acknowledge_assignment, actor=shift.rizki, assignment_id=damkar)  # not the ticket's owner
    shift.run(set_en_route, actor=shift.ratna, assignment_id=damkar)
    assert shift.assignment(number, damkar)["state"] == "en_route"
    assert [entry.actor_id for entry in shift.entries()[-2:]] == [shift.rizki.user_id, shift.ratna.user_id]


def test_another_agency_s_task_does_not_exist_for_a_responder(shift: Shift) -> None:
    _, [damkar, _psc] = shift.sent("DAMKAR", "PSC119")
    for assignment_id in (damkar, 99, 0, -1, 2**63, 10**30):
        for command, arguments in EVERY_STEP:
            refused = refusal(shift, command, actor=shift.dishub, assignment_id=assignment_id, **arguments)
            assert isinstance(refused, NotFound)
            assert refused.details == {"entity": "assignment", "key": str(assignment_id)}


def test_an_admin_reads_but_never_reports_not_even_a_step_that_lies_behind(shift: Shift) -> None:
    _, [damkar] = shift.taken_up("DAMKAR")
    for command, arguments in EVERY_STEP:
        refused = refusal(shift, command, actor=shift.admin, assignment_id=damkar, **arguments)
        assert isinstance(refused, NotPermitted)


# --- A crew without signal reports afterwards.


def test_the_time_a_crew_reports_is_kept_where_it_is_plausible(shift: Shift) -> None:
    number, [damkar] = shift.taken_up("DAMKAR")
    shift.clock.step(600)
    moved = shift.clock.now() - timedelta(seconds=400)
    shift.run(set_en_route, actor=shift.damkar, assignment_id=damkar, occurred_at=moved)
    task = shift.assignment(number, damkar)
    assert task["en_route_at"] == "2026-11-24T02:17:20.000Z"
    # The clock runs from the server's own time: what the phone says moves no deadline.
    assert task["clock_started_at"] == "2026-11-24T02:24:00.000Z"


@pytest.mark.parametrize(
    ("said_s", "kept_s"),
    [
        pytest.param(-86400, 0, id="before the step before it"),
        pytest.param(0, 0, id="at the same moment"),
        pytest.param(150, 150, id="in between"),
        pytest.param(300, 300, id="now"),
        pytest.param(301, 300, id="in a moment"),
        pytest.param(86400, 300, id="tomorrow"),
    ],
)
def test_a_phone_s_clock_is_bounded_by_the_step_before_and_by_now(
    sqlite_shift: Shift, said_s: int, kept_s: int
) -> None:
    number, [damkar] = sqlite_shift.taken_up("DAMKAR")
    acknowledged = sqlite_shift.clock.now()
    sqlite_shift.clock.step(300)
    said = acknowledged + timedelta(seconds=said_s)
    for command, arguments in EVERY_STEP[2:]:
        sqlite_shift.run(command, actor=sqlite_shift.damkar, assignment_id=damkar, occurred_at=said, **arguments)
    row = sqlite_shift.rows(Assignment)[-1]
    kept = acknowledged + timedelta(seconds=kept_s)
    assert (row.en_route_at, row.on_scene_at, row.cleared_at) == (kept, kept, kept)
    assert sqlite_shift.entries()[-1].at == sqlite_shift.clock.now()
    assert sqlite_shift.ticket(number)["state"] == "verify"


def test_a_time_without_a_zone_is_refused(shift: Shift) -> None:
    _, [damkar] = shift.taken_up("DAMKAR")
    naive = shift.clock.now().replace(tzinfo=None)
    refused = refusal(shift, set_en_route, actor=shift.damkar, assignment_id=damkar, occurred_at=naive)
    assert refused.details == {"field": "occurred_at", "problem": "no_time_zone"}


def test_a_crew_that_forgot_a_step_still_arrives_and_one_that_helped_by_phone_still_finishes(shift: Shift) -> None:
    number, [damkar, psc] = shift.taken_up("DAMKAR", "PSC119")
    shift.run(set_on_scene, actor=shift.damkar, assignment_id=damkar)
    shift.run(clear_assignment, actor=shift.psc119, assignment_id=psc, note="dibantu lewat telepon")
    assert shift.assignment(number, damkar)["en_route_at"] is None
    assert shift.assignment(number, psc)["state"] == "cleared"
