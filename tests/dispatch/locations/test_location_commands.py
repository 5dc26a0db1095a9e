"""A caller's telephone shares its position: every step as a command, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from dispatch.call_taking.close import close_ticket
from dispatch.call_taking.ownership import take_over_ticket
from dispatch.errors import ClaimedByOther, InvalidValue, NotFound, NotPermitted, TransitionRefused
from dispatch.locations.commands import (
    consent_to_location,
    end_location,
    forget_locations,
    open_location_link,
    report_location,
    request_location,
    stop_sharing,
)
from dispatch.locations.links import Fix, LinkRefused, token_hash
from dispatch.locations.reading import locations_of
from dispatch.storage.tables import Delivery, LocationLink, LocationReport, Ticket
from tests.dispatch.shift import Shift

FIX = Fix(lat=-6.1201, lon=106.1503, accuracy_m=12.0, age_s=1.5, sequence=1)
TOKEN = token_hash("7K3M9Q2XTD")
PHONE, OTHER = "a" * 64, "b" * 64
MOBILE = "081200000417"


def ask(shift: Shift, number: str, token: str = TOKEN, message: str | None = None, **more: Any) -> Any:
    actor = more.pop("actor", shift.dewi)
    return shift.run(request_location, actor=actor, number=number, token_hash=token, message=message, **more)


def consent(shift: Shift, device: str = PHONE, token: str = TOKEN) -> Any:
    return shift.run(consent_to_location, token_hash=token, device_hash=device)


def report(shift: Shift, fix: Fix = FIX, device: str | None = PHONE, token: str = TOKEN) -> Any:
    return shift.run(report_location, token_hash=token, device_hash=device, fix=fix)


def seen(shift: Shift, number: str) -> dict[str, Any]:
    with shift.centre.read() as connection:
        id_ = connection.exec_driver_sql(f"SELECT id FROM tickets WHERE number = '{number}'").scalar_one()
        return locations_of(connection, shift.centre.city, shift.centre.places, id_, shift.clock.now())


def test_from_the_question_to_the_pin(shift: Shift) -> None:
    number = shift.claimed(ani=MOBILE)
    before = shift.newest()
    ask(shift, number)
    assert seen(shift, number)["link"]["state"] == "sent"
    shift.run(open_location_link, token_hash=TOKEN, device_hash=None)
    assert seen(shift, number)["link"]["state"] == "opened"
    assert consent(shift).changed
    assert report(shift).stored
    [row] = shift.rows(LocationReport)
    assert (row.lat, row.lon, row.accuracy_m) == (-6.1201, 106.1503, 12.0)
    assert (row.received_at - row.measured_at).total_seconds() == 0  # nobody had agreed to anything earlier
    shift.clock.step(5)
    report(shift, replace(FIX, lat=-6.121, sequence=2))
    view = seen(shift, number)
    assert view["link"]["state"] == "sharing"
    assert [r["lat"] for r in view["reports"]] == [-6.121, -6.1201]
    assert view["reports"][0]["kelurahan_code"]
    assert shift.rows(LocationReport)[1].measured_at == shift.clock.now().replace(second=3, microsecond=500_000)
    shift.run(stop_sharing, token_hash=TOKEN, device_hash=PHONE)
    assert seen(shift, number)["link"]["ended_by"] == "phone"
    assert shift.kinds(before) == [
        "call.location_requested",
        "call.location_opened",
        "call.location_shared",
        "call.location_reported",
        "call.location_reported",
        "call.location_ended",
    ]
    journal = json.dumps([[e.kind, e.data, e.actor_kind] for e in shift.entries(before)])
    assert "6.12" not in journal
    assert "106.15" not in journal
    assert MOBILE not in journal
    assert {entry.actor_kind for entry in shift.entries(before)} == {"user", "caller"}


def test_opening_binds_nothing_and_the_first_who_consents_has_it(shift: Shift) -> None:
    ask(shift, shift.claimed(ani=MOBILE))
    for device in (None, OTHER, PHONE):
        shift.run(open_location_link, token_hash=TOKEN, device_hash=device)
    assert consent(shift, PHONE).changed
    assert not consent(shift, PHONE).changed  # a repeat after a lost answer
    for command, arguments in (
        (consent_to_location, {}),
        (open_location_link, {}),
        (report_location, {"fix": FIX}),
        (stop_sharing, {}),
    ):
        with pytest.raises(LinkRefused, match="location_link_used"):
            shift.run(command, token_hash=TOKEN, device_hash=OTHER, **arguments)
    assert report(shift).stored


def test_a_link_that_nobody_used_in_time_is_over(shift: Shift) -> None:
    number = shift.claimed(ani=MOBILE)
    ask(shift, number)
    shift.clock.step(shift.centre.city.policy.location.open_within_s + 1)
    with pytest.raises(LinkRefused, match="location_link_expired"):
        consent(shift)
    assert seen(shift, number)["link"]["state"] == "expired"


def test_sharing_ends_by_its_time_and_with_the_ticket(shift: Shift) -> None:
    number = shift.claimed(ani=MOBILE)
    ask(shift, number)
    consent(shift)
    shift.clock.step(shift.centre.city.policy.location.share_s + 1)
    with pytest.raises(LinkRefused, match="location_link_ended"):
        report(shift)
    ask(shift, number, token_hash("0000000001"))
    consent(shift, token=token_hash("0000000001"))
    shift.run(close_ticket, actor=shift.dewi, number=number, disposition="handled_by_phone")
    with pytest.raises(LinkRefused, match="location_link_ended"):
        report(shift, token=token_hash("0000000001"))
    assert seen(shift, number)["link"]["ended_by"] == "ticket"
    with pytest.raises(TransitionRefused):
        ask(shift, number, token_hash("0000000002"))
    assert shift.rows(LocationReport) == []


def test_nothing_is_reported_without_consent_and_a_forged_token_is_nobody(shift: Shift) -> None:
    ask(shift, shift.claimed(ani=MOBILE))
    with pytest.raises(NotFound):
        report(shift)
    with pytest.raises(LinkRefused, match="location_link_unknown"):
        consent(shift, token=token_hash("ZZZZZZZZZZ"))
    assert shift.rows(LocationReport) == []


def test_a_new_link_ends_the_one_before(shift: Shift) -> None:
    number = shift.claimed(ani=MOBILE)
    ask(shift, number)
    consent(shift)
    ask(shift, number, token_hash("0000000001"))
    with pytest.raises(LinkRefused, match="location_link_ended"):
        report(shift)
    assert [row.ended_by for row in shift.rows(LocationLink)] == ["replaced", None]
    assert shift.run(end_location, actor=shift.dewi, number=number).changed
    assert not shift.run(end_location, actor=shift.dewi, number=number).changed


def test_repeated_late_and_hasty_fixes_are_not_stored_twice(shift: Shift) -> None:
    ask(shift, shift.claimed(ani=MOBILE))
    consent(shift)
    assert report(shift).changed
    assert not report(shift).changed  # the answer was lost
    hasty = report(shift, replace(FIX, sequence=2))
    assert (hasty.changed, hasty.stored, hasty.too_soon) == (False, False, True)
    shift.clock.step(3)
    assert report(shift, replace(FIX, sequence=3)).changed
    assert not report(shift, replace(FIX, sequence=2)).changed  # overtaken on the way
    with pytest.raises(InvalidValue):
        report(shift, replace(FIX, lat=91.0, sequence=4))
    assert len(shift.rows(LocationReport)) == 2


def test_outside_of_the_city_is_kept_and_said(shift: Shift) -> None:
    number = shift.claimed(ani=MOBILE)
    ask(shift, number)
    consent(shift)
    report(shift, replace(FIX, lat=-6.9147, lon=107.6098))  # Bandung
    [only] = seen(shift, number)["reports"]
    assert (only["outside_city"], only["kelurahan_code"]) == (True, None)


def test_a_position_never_moves_the_place_and_no_agency_sees_it(shift: Shift) -> None:
    number, _ = shift.sent("DAMKAR", ani=MOBILE)
    place = shift.ticket(number)["place"]
    after = shift.newest()
    ask(shift, number)
    consent(shift)
    report(shift)
    assert shift.ticket(number)["place"] == place
    assert "6.1201" not in json.dumps(shift.agency_ticket(number, "DAMKAR"))
    from dispatch.feed.audiences import agency_audience, publish

    with shift.centre.read() as connection:
        told = publish(connection, shift.centre.city, shift.entries(after), [agency_audience("DAMKAR")])
    assert told == []


def test_who_may_ask(shift: Shift) -> None:
    number = shift.ring(ani=MOBILE).ticket_number
    with pytest.raises(TransitionRefused):
        ask(shift, number)
    number = shift.claimed(ani=MOBILE)
    with pytest.raises(ClaimedByOther):
        ask(shift, number, actor=shift.rizki)
    for stranger in (shift.admin, shift.damkar):
        with pytest.raises(NotPermitted):
            ask(shift, number, actor=stranger)
    assert ask(shift, number, actor=shift.ratna).changed
    shift.run(take_over_ticket, actor=shift.rizki, number=number, reason="istirahat")
    assert ask(shift, number, token_hash("0000000001"), actor=shift.rizki).changed
    with pytest.raises(NotFound):
        ask(shift, number, token_hash("0000000002"), actor=shift.rizki, call_id=999)


@pytest.mark.parametrize(
    ("ani", "message", "queued"),
    [(MOBILE, "buka https://x/l/T", True), (MOBILE, None, False), ("", "x", False), ("0254200112", "x", False)],
)
def test_an_sms_is_queued_where_the_number_can_receive_one(
    shift: Shift, ani: str, message: str | None, queued: bool
) -> None:
    number = shift.claimed(ani=ani)
    ask(shift, number, message=message)
    deliveries = shift.rows(Delivery)
    assert [(d.recipient, d.body) for d in deliveries] == ([(MOBILE, message)] if queued else [])
    assert (seen(shift, number)["link"]["delivery"] is not None) is queued


def test_a_link_that_was_read_out_takes_its_sms_back(shift: Shift) -> None:
    ask(shift, shift.claimed(ani=MOBILE), message="buka https://x/l/T")
    consent(shift)
    [delivery] = shift.rows(Delivery)
    assert (delivery.problem, delivery.body) == ("not_needed", None)
    assert delivery.failed_at is not None


def test_old_positions_of_closed_tickets_are_deleted(shift: Shift) -> None:
    policy = shift.centre.city.policy
    open_one, closed_one = shift.claimed(ani=MOBILE), shift.claimed(ani="081200000418")
    for number, token in ((open_one, TOKEN), (closed_one, token_hash("0000000001"))):
        ask(shift, number, token, message="x")
        consent(shift, token=token)
        report(shift, token=token)
    shift.run(close_ticket, actor=shift.dewi, number=closed_one, disposition="handled_by_phone")
    assert not shift.run(forget_locations).changed
    shift.clock.step(86_400 * max(policy.location.kept_days, policy.deliveries.recipient_kept_days) + 60)
    erased = shift.run(forget_locations)
    assert (erased.location_reports, erased.delivery_recipients) == (1, 2)
    ids = {row.number: row.id for row in shift.rows(Ticket)}
    assert [row.ticket_id for row in shift.rows(LocationReport)] == [ids[open_one]]
    assert {row.recipient for row in shift.rows(Delivery)} == {None}
    assert shift.entries()[-1].kind == "erasure.done"
