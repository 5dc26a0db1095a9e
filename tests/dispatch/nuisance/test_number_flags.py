"""Flags propose, a supervisor decides, blocks expire; on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Row

from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.close import reopen_ticket
from dispatch.call_taking.ownership import claim_ticket
from dispatch.calls.gate import call_gated
from dispatch.calls.history import caller_history
from dispatch.centre import open_centre
from dispatch.city.pack import CityPack
from dispatch.city.policy import NuisancePolicy
from dispatch.clock import to_iso
from dispatch.errors import InvalidValue, NotFound, NotPermitted, RequirementMissing, TransitionRefused
from dispatch.feed.board import board
from dispatch.nuisance.commands import block_caller, decide_flag, lift_block
from dispatch.nuisance.reading import flags_of_centre, ministry_rows
from dispatch.nuisance.rules import Decided, FlagKind, FlagState, GateResult, deserves, is_let_go
from dispatch.storage.tables import Call, NumberFlag, Ticket
from tests.dispatch.shift import SYSTEM_NAME, Shift
from tests.steppable_clock import A_TUESDAY_MORNING as START
from tests.steppable_clock import SteppableClock

NUMBER = "081298765001"
DAY_S = 86_400


def prank(shift: Shift, times: int = 1, number: str = NUMBER) -> list[str]:
    """Calls that Dewi marks as pranks; their tickets."""
    tickets = []
    for _ in range(times):
        shift.clock.step(60)
        ticket = shift.claimed(ani=number)
        shift.run(classify_ticket, actor=shift.dewi, number=ticket, classification="prank")
        tickets.append(ticket)
    return tickets


def flags(shift: Shift, kind: str = "block") -> list[Row[Any]]:
    return [row for row in shift.rows(NumberFlag) if row.kind == kind]


def decide(shift: Shift, flag_id: int, decision: str = "approve", reason: str = "iseng berulang") -> Any:
    return shift.run(decide_flag, actor=shift.ratna, flag_id=flag_id, decision=decision, reason=reason)


def overview(shift: Shift) -> dict[str, Any]:
    with shift.centre.read() as connection:
        return flags_of_centre(connection, shift.centre.city, shift.clock.now())


def test_the_sixth_prank_asks_for_a_block_and_the_eleventh_for_the_ministry(shift: Shift) -> None:
    tickets = prank(shift, 5)
    assert flags(shift) == []
    tickets += prank(shift, 5)
    (block,) = flags(shift)
    assert (block.number, block.state, block.prank_count) == (NUMBER, "proposed", 6)
    assert len(block.evidence) == 6
    assert flags(shift, "total_block") == []
    prank(shift, 2)
    assert [row.prank_count for row in flags(shift, "total_block")] == [11]
    assert len(flags(shift)) == 1
    assert shift.kinds().count("number.flagged") == 2


def test_the_journal_names_flags_by_id_and_never_the_number(shift: Shift) -> None:
    prank(shift, 6)
    decide(shift, flags(shift)[0].id)
    entries = [entry for entry in shift.entries() if entry.kind.startswith("number.")]
    assert [entry.kind for entry in entries] == ["number.flagged", "number.flag_approved"]
    assert all(NUMBER not in str(entry.data) and "iseng" not in str(entry.data) for entry in entries)


def test_a_block_holds_for_a_day_and_ends_by_itself(shift: Shift) -> None:
    prank(shift, 6)
    assert shift.ring(ani=NUMBER).treatment == "gate"
    outcome = decide(shift, flags(shift)[0].id)
    assert outcome.changed
    assert (flags(shift)[0].expires_at - shift.clock.now()) == timedelta(hours=24)
    blocked = shift.ring(ani="+62 812-9876-5001")
    assert (blocked.treatment, blocked.priority) == ("blocked", 1)
    shift.clock.step(DAY_S - 1)
    assert shift.ring(ani=NUMBER).treatment == "blocked"
    shift.clock.step(1)
    assert shift.ring(ani=NUMBER).treatment == "normal"
    assert overview(shift)["blocks"] == []
    assert overview(shift)["decided"][0]["state"] == "expired"


def test_after_a_block_has_run_out_the_next_prank_asks_again(shift: Shift) -> None:
    prank(shift, 6)
    decide(shift, flags(shift)[0].id)
    prank(shift)
    assert len(flags(shift)) == 1
    shift.clock.step(DAY_S)
    prank(shift)
    assert [row.state for row in flags(shift)] == ["approved", "proposed"]
    decide(shift, flags(shift)[1].id)
    assert [row.state for row in flags(shift)] == ["expired", "approved"]
    assert "number.block_expired" in shift.kinds()


def test_a_rejected_number_is_normal_and_asked_about_again_only_over_new_pranks(shift: Shift) -> None:
    prank(shift, 6)
    decide(shift, flags(shift)[0].id, "reject", "rumah sakit jiwa, ada panggilan sah")
    assert shift.ring(ani=NUMBER).treatment == "normal"
    prank(shift, 5)
    assert [row.state for row in flags(shift)] == ["rejected"]
    prank(shift)
    assert [row.state for row in flags(shift)] == ["rejected", "proposed"]


def test_undoing_the_prank_withdraws_what_nobody_has_decided(shift: Shift) -> None:
    last = prank(shift, 6)[-1]
    shift.run(reopen_ticket, actor=shift.dewi, number=last)
    assert [row.state for row in flags(shift)] == ["withdrawn"]
    assert shift.ring(ani=NUMBER).treatment == "normal"
    with pytest.raises(TransitionRefused):
        decide(shift, flags(shift)[0].id)
    shift.run(classify_ticket, actor=shift.dewi, number=last, classification="prank")
    assert [row.state for row in flags(shift)] == ["withdrawn", "proposed"]


def test_a_prank_key_while_it_rang_counts_no_more_once_the_caller_is_heard(shift: Shift) -> None:
    prank(shift, 5)
    number = shift.claimed(linkedid="heard.after.all", ani=NUMBER)
    shift.run(classify_ticket, actor=shift.dewi, number=number, classification="prank")
    assert [row.state for row in flags(shift)] == ["proposed"]
    shift.answer("heard.after.all")
    assert shift.ticket(number)["classification"] is None
    assert [row.state for row in flags(shift)] == ["withdrawn"]


def test_undoing_a_prank_after_the_decision_leaves_the_block_and_shows_it(shift: Shift) -> None:
    last = prank(shift, 6)[-1]
    decide(shift, flags(shift)[0].id)
    shift.run(reopen_ticket, actor=shift.dewi, number=last)
    assert shift.ring(ani=NUMBER).treatment == "blocked"
    (block,) = overview(shift)["blocks"]
    assert (block["count"], block["count_now"], block["undone"]) == (6, 5, 1)
    assert shift.kinds()[-2:] == ["number.evidence_undone", "call.registered"]


def test_a_supervisor_ends_a_block_and_the_number_is_normal_at_once(shift: Shift) -> None:
    prank(shift, 6)
    flag = flags(shift)[0].id
    decide(shift, flag)
    assert shift.run(lift_block, actor=shift.ratna, flag_id=flag, reason="salah orang").changed
    assert not shift.run(lift_block, actor=shift.ratna, flag_id=flag, reason="salah orang").changed
    assert shift.ring(ani=NUMBER).treatment == "normal"
    shown = overview(shift)["decided"][0]
    assert (shown["state"], shown["lifted_by"], shown["lift_reason"]) == ("lifted", "Ratna", "salah orang")


def test_deciding_twice_changes_nothing_and_deciding_otherwise_is_refused(shift: Shift) -> None:
    prank(shift, 6)
    flag = flags(shift)[0].id
    decide(shift, flag)
    before = shift.everything()
    assert not decide(shift, flag).changed
    with pytest.raises(TransitionRefused):
        decide(shift, flag, "reject")
    assert shift.everything() == before


@pytest.mark.parametrize("who", ["dewi", "admin", "damkar"])
def test_only_a_supervisor_decides(shift: Shift, who: str) -> None:
    (ticket, *_), actor = prank(shift, 6), shift.people[who]
    flag, before = flags(shift)[0].id, shift.everything()
    with pytest.raises(NotPermitted):
        shift.run(decide_flag, actor=actor, flag_id=flag, decision="approve", reason="x")
    with pytest.raises(NotPermitted):
        shift.run(lift_block, actor=actor, flag_id=flag, reason="x")
    with pytest.raises(NotPermitted):
        shift.run(block_caller, actor=actor, number=ticket, reason="x")
    assert shift.everything() == before


def test_a_decision_needs_a_reason_and_a_flag_that_exists(shift: Shift) -> None:
    prank(shift, 6)
    flag = flags(shift)[0].id
    for reason, error in ((" \n", RequirementMissing), ("x" * 1001, InvalidValue)):
        with pytest.raises(error):
            decide(shift, flag, reason=reason)
    with pytest.raises(InvalidValue):
        decide(shift, flag, "block for ever")
    with pytest.raises(NotFound):
        decide(shift, flag + 1)
    with pytest.raises(TransitionRefused):
        shift.run(lift_block, actor=shift.ratna, flag_id=flag, reason="belum diblokir")
    assert flags(shift)[0].state == "proposed"


def test_a_block_by_hand_rests_on_a_prank(shift: Shift) -> None:
    unsorted = shift.claimed(ani=NUMBER)
    with pytest.raises(RequirementMissing):
        shift.run(block_caller, actor=shift.ratna, number=unsorted, reason="mengancam")
    (ticket,) = prank(shift)
    assert shift.run(block_caller, actor=shift.ratna, number=ticket, reason="mengancam operator").changed
    assert not shift.run(block_caller, actor=shift.ratna, number=ticket, reason="mengancam operator").changed
    assert shift.ring(ani=NUMBER).treatment == "blocked"
    assert [(row.state, row.prank_count) for row in flags(shift)] == [("approved", 1)]


def test_a_block_by_hand_decides_the_proposal_that_waits(shift: Shift) -> None:
    ticket = prank(shift, 6)[0]
    shift.run(block_caller, actor=shift.ratna, number=ticket, reason="iseng")
    assert [row.state for row in flags(shift)] == ["approved"]


@pytest.mark.parametrize("absent", ["", "anonymous", "unknown", "unavailable", "12", "abc"])
def test_numbers_that_are_none_are_never_flagged_or_blocked(shift: Shift, absent: str) -> None:
    ticket = prank(shift, 12, absent)[-1]
    assert shift.rows(NumberFlag) == []
    with pytest.raises(InvalidValue):
        shift.run(block_caller, actor=shift.ratna, number=ticket, reason="x")
    assert shift.ring(ani=absent).treatment == "normal"


def test_the_supervisor_sees_genuine_calls_beside_the_proposal(shift: Shift) -> None:
    shift.ready(ani=NUMBER)
    prank(shift, 6)
    (proposed,) = overview(shift)["proposed"]
    assert (proposed["genuine"], proposed["count"], proposed["limit"]) == (1, 6, 5)
    assert [call["counted"] for call in proposed["calls"]] == [True] * 6 + [False]
    assert {call["operator"] for call in proposed["calls"][:6]} == {"Dewi"}


def test_the_ministry_list_holds_what_was_approved(shift: Shift) -> None:
    prank(shift, 11)
    (total,) = flags(shift, "total_block")
    with shift.centre.read() as connection:
        assert ministry_rows(connection, shift.centre.city) == []
    decide(shift, total.id, reason="sebelas kali")
    with shift.centre.read() as connection:
        (row,) = ministry_rows(connection, shift.centre.city)
    assert (row["nomor"], row["jumlah_panggilan_iseng"], row["alasan"]) == (NUMBER, "11", "sebelas kali")
    assert shift.rows(NumberFlag)[1].expires_at is None
    prank(shift, 1)
    assert len(flags(shift, "total_block")) == 1


def test_the_operator_sees_how_the_callers_number_stands(shift: Shift) -> None:
    prank(shift, 6)

    def standing() -> dict[str, Any]:
        shift.ring(ani=NUMBER)
        with shift.centre.read() as connection:
            history = caller_history(
                connection, shift.centre.city, shift.clock.now(), max(row.id for row in shift.rows(Ticket))
            )
        assert history is not None
        return dict(history["nuisance"])

    assert (standing()["standing"], standing()["count"]) == ("proposed", 6)
    decide(shift, flags(shift)[0].id)
    assert standing()["standing"] == "blocked"
    assert standing()["expires_at"] is not None


def test_without_enforcement_everything_is_proposed_and_nobody_is_gated(
    city: CityPack, database_url: str, clock: SteppableClock
) -> None:
    nuisance = replace(city.policy.nuisance, enforce=False)
    lenient = replace(city, policy=replace(city.policy, nuisance=nuisance))
    centre = open_centre(database_url, lenient, clock=clock)
    shift = Shift.begin(centre, clock)
    prank(shift, 6)
    decide(shift, flags(shift)[0].id)
    assert shift.ring(ani=NUMBER).treatment == "normal"
    assert len(overview(shift)["blocks"]) == 1
    centre.close()


# -- the gate --------------------------------------------------------------------------------------------------------


def blocked_call(shift: Shift, linkedid: str = "1795485240.999") -> str:
    """A call from a blocked number, at the gate; its ticket."""
    (ticket,) = prank(shift)
    shift.hang_up(next(row.linkedid for row in shift.rows(Call)))
    shift.run(block_caller, actor=shift.ratna, number=ticket, reason="iseng")
    return shift.ring(linkedid, ani=NUMBER).ticket_number


def gate(shift: Shift, result: str, linkedid: str = "1795485240.999") -> Any:
    return shift.run(call_gated, system_name=SYSTEM_NAME, linkedid=linkedid, result=result)


def test_whoever_presses_1_waits_in_the_queue_with_a_fresh_clock(shift: Shift) -> None:
    ticket = blocked_call(shift)
    shift.clock.step(12)
    assert gate(shift, "passed").ticket_number == ticket
    shown = shift.ticket(ticket)
    assert (shown["state"], shown["calls"][0]["state"], shown["calls"][0]["gate"]) == ("new", "ringing", "passed")
    assert shift.rows(Ticket)[-1].clock_due_at - shift.clock.now() == timedelta(seconds=15)
    assert not gate(shift, "failed").changed
    assert shift.ticket(ticket)["calls"][0]["gate"] == "passed"


def test_nobody_waits_while_at_the_gate_and_the_wait_begins_after_it(shift: Shift) -> None:
    blocked_call(shift)

    def waiting() -> tuple[int, str | None]:
        with shift.centre.read() as connection:
            figures = board(connection, shift.centre.city, shift.clock)
        return figures["waiting"], figures["longest_wait_since"]

    assert waiting() == (0, None)
    shift.clock.step(12)
    gate(shift, "passed")
    assert waiting() == (1, to_iso(shift.clock.now()))
    shift.clock.step(10)
    shift.seat(shift.dewi, "1")
    shift.answer("1795485240.999")
    with shift.centre.read() as connection:
        answered = board(connection, shift.centre.city, shift.clock)["answered"]
    assert (answered["within"], answered["of"]) == (1, 2), "22 s after the first ring, 10 s after the gate"


def test_a_dialplan_without_a_gate_leaves_no_caller_out_of_sight(shift: Shift) -> None:
    blocked_call(shift)
    shift.clock.step(40)
    with shift.centre.read() as connection:
        assert board(connection, shift.centre.city, shift.clock)["waiting"] == 1


@pytest.mark.parametrize("result", ["failed", "left"])
def test_a_blocked_number_without_a_1_is_let_go_logged_and_never_called_back(shift: Shift, result: str) -> None:
    ticket = blocked_call(shift)
    gate(shift, result)
    shift.hang_up("1795485240.999", cause="21", duration_s=28)
    shown = shift.ticket(ticket)
    assert (shown["state"], shown["disposition"], shown["classification"]) == ("closed", "gate", None)
    assert (shown["calls"][0]["state"], shown["calls"][0]["number"]) == ("let_go", NUMBER)
    assert shown["clocks"] == []
    assert f"call.gate_{result}" in shift.kinds()
    assert flags(shift)[-1].prank_count == 1, "a machine counts no prank"


@pytest.mark.parametrize("result", ["failed", "left", "unheard"])
def test_a_doubtful_number_is_never_let_go(shift: Shift, result: str) -> None:
    prank(shift, 6)
    ticket = shift.ring("1795485240.999", ani=NUMBER).ticket_number
    gate(shift, result)
    assert shift.ticket(ticket)["state"] == "new"
    shift.hang_up("1795485240.999")
    assert shift.ticket(ticket)["state"] == "callback"


def test_a_ticket_that_somebody_took_at_the_gate_stays_theirs(shift: Shift) -> None:
    ticket = blocked_call(shift)
    shift.run(claim_ticket, actor=shift.dewi, number=ticket)
    gate(shift, "failed")
    assert shift.ticket(ticket)["state"] == "claimed"
    assert shift.ticket(ticket)["calls"][0]["state"] == "let_go"


def test_news_of_the_gate_that_comes_first_makes_the_call(shift: Shift) -> None:
    assert gate(shift, "passed", "1795485240.4711").changed
    assert [row.gate_result for row in shift.rows(Call)] == ["passed"]
    with pytest.raises(InvalidValue):
        gate(shift, "maybe", "1795485240.4711")


# -- the rules -------------------------------------------------------------------------------------------------------

MINUTES = [START + timedelta(minutes=n) for n in range(12)]
BEFORE, AFTER = START - timedelta(days=1), START + timedelta(days=1)


@pytest.mark.parametrize(
    ("kind", "pranks", "decided", "deserved"),
    [
        ("block", 5, None, False),
        ("block", 6, None, True),
        ("total_block", 10, None, False),
        ("total_block", 11, None, True),
        ("block", 12, Decided(FlagState.REJECTED, AFTER), False),
        ("block", 6, Decided(FlagState.REJECTED, BEFORE), True),
        ("block", 12, Decided(FlagState.LIFTED, MINUTES[8], AFTER), False),
        ("block", 12, Decided(FlagState.APPROVED, BEFORE, AFTER), False),
        ("block", 6, Decided(FlagState.APPROVED, BEFORE, MINUTES[3]), True),
        ("block", 6, Decided(FlagState.EXPIRED, BEFORE, MINUTES[3]), True),
        ("total_block", 12, Decided(FlagState.APPROVED, MINUTES[5]), False),
    ],
)
def test_what_deserves_a_decision(
    policy: NuisancePolicy, kind: str, pranks: int, decided: Decided | None, deserved: bool
) -> None:
    assert deserves(FlagKind(kind), MINUTES[:pranks], policy, decided, MINUTES[-1]) is deserved


@pytest.mark.parametrize("result", list(GateResult))
@pytest.mark.parametrize("treatment", ["normal", "gate", "blocked"])
def test_only_a_blocked_number_that_does_not_press_is_let_go(treatment: str, result: GateResult) -> None:
    expected = treatment == "blocked" and result in (GateResult.FAILED, GateResult.LEFT)
    assert is_let_go(treatment, result) is expected


@pytest.fixture
def policy(city: CityPack) -> NuisancePolicy:
    return city.policy.nuisance
