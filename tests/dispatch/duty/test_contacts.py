"""Contacts and how they are reached: who may, what an address is, and what a change means for its test."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, update

from dispatch.city.ladders import Channel
from dispatch.deliveries.notices import use_next_channels
from dispatch.duty.addresses import normalise_address
from dispatch.duty.channel_tests import answer_test, answer_test_by_code
from dispatch.duty.checking_in import check_in
from dispatch.duty.contacts import add_contact, change_contact, remove_contact, set_channels
from dispatch.errors import CommandRefused, InvalidValue, NotFound, NotPermitted
from dispatch.ladders.firing import fire_due_rungs
from dispatch.roles import Actor, ActorKind, Role
from dispatch.storage.tables import Contact, ContactChannel, Duty, LadderStep, Notice
from tests.dispatch.duty.people import contact, number_of, rostered
from tests.dispatch.shift import CIPARE, Shift

LEADER = Actor(ActorKind.USER, None, "Sekda", Role.LEADER)


def channels(shift: Shift, contact_id: int) -> list[Any]:
    with shift.centre.read() as connection:
        return list(
            connection.execute(
                select(ContactChannel.__table__)
                .where(ContactChannel.contact_id == contact_id, ContactChannel.removed_at.is_(None))
                .order_by(ContactChannel.position)
            )
        )


def ways(shift: Shift, contact_id: int) -> list[tuple[str, str, bool]]:
    return [(row.channel, row.address, row.tested_at is not None) for row in channels(shift, contact_id)]


def refusal(shift: Shift, command: Any, **arguments: Any) -> tuple[str, Any]:
    with pytest.raises(CommandRefused) as refused:
        shift.run(command, **arguments)
    return refused.value.code, refused.value.details.get("problem")


def test_the_same_contact_twice_is_one(shift: Shift) -> None:
    first = shift.run(add_contact, actor=shift.ratna, agency_code="DAMKAR", name=" Herman ", role="duty")
    again = shift.run(add_contact, actor=shift.ratna, agency_code="DAMKAR", name="Herman", role="duty")
    assert (again.changed, again.contact_id) == (False, first.contact_id)
    chief = shift.run(add_contact, actor=shift.ratna, agency_code="DAMKAR", name="Herman", role="chief")
    assert chief.contact_id != first.contact_id


def test_an_agency_makes_its_own_people_known_and_nobody_elses(shift: Shift) -> None:
    own = {"agency_code": "DAMKAR", "name": "Herman", "role": "duty"}
    made = shift.run(add_contact, actor=shift.damkar, **own)
    assert made.changed
    with pytest.raises(NotFound):
        shift.run(add_contact, actor=shift.psc119, **own)
    with pytest.raises(NotFound):
        shift.run(remove_contact, actor=shift.psc119, contact_id=made.contact_id)
    for reader in (shift.dewi, LEADER):
        with pytest.raises(NotPermitted):
            shift.run(add_contact, actor=reader, **own)
        with pytest.raises(NotPermitted):
            shift.run(set_channels, actor=reader, contact_id=made.contact_id, channels=[("sms", "081277770001")])
    for editor in (shift.ratna, shift.admin, shift.damkar):
        shift.run(set_channels, actor=editor, contact_id=made.contact_id, channels=[("sms", "081277770001")])


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("agency_code", "DINASAPA", "unknown"),
        ("role", "boss", "unknown"),
        ("name", "  ", "empty"),
        ("name", "x" * 121, "too_long"),
        ("area_code", CIPARE, "not_of_this_agency"),
        ("username", "nobody", "unknown"),
        ("username", "psc119", "unknown"),  # of another agency
    ],
)
def test_what_a_contact_cannot_be(shift: Shift, field: str, value: str, problem: str) -> None:
    good = {"agency_code": "DAMKAR", "name": "Herman", "role": "duty"}
    assert refusal(shift, add_contact, actor=shift.ratna, **{**good, field: value}) == ("invalid_value", problem)


def test_an_offices_area_is_a_kelurahan_or_a_kecamatan_of_the_city(shift: Shift) -> None:
    office = {"actor": shift.ratna, "agency_code": "PUSKESMAS", "role": "duty"}
    for area in (CIPARE, "36.73.01", "", None):
        assert shift.run(add_contact, name=f"Jaga {area}", area_code=area, **office).changed
    for area in ("36.73.0", "36.73", "99.99.01.1001", CIPARE + ".1"):
        assert refusal(shift, add_contact, name="Jaga", area_code=area, **office) == ("invalid_value", "unknown")


def test_a_contact_may_have_a_sign_in_and_change_its_name(shift: Shift) -> None:
    made = shift.run(
        add_contact, actor=shift.ratna, agency_code="DAMKAR", name="Herman", role="duty", username="damkar"
    )
    assert [row.user_id for row in shift.rows(Contact)] == [shift.damkar.user_id]
    change = {"actor": shift.damkar, "contact_id": made.contact_id, "name": "Herman S.", "role": "chief"}
    assert shift.run(change_contact, username="damkar", **change).changed
    assert not shift.run(change_contact, username="damkar", **change).changed
    assert [(row.name, row.role) for row in shift.rows(Contact)] == [("Herman S.", "chief")]


@pytest.mark.parametrize(
    ("channel", "raw", "address"),
    [
        ("whatsapp", "+62 812-7777-0001", "081277770001"),
        ("whatsapp", "6281277770001", "081277770001"),
        ("sms", "0812 7777 0001", "081277770001"),
        ("whatsapp", "+65 8123 4567", "+6581234567"),
        ("telegram", "123456789", "123456789"),
        ("telegram", "-1001234567890", "-1001234567890"),
        ("email", "Ade.K@Contoh.GO.ID", "Ade.K@contoh.go.id"),
        ("apprise", "ntfys://ntfy.contoh.go.id/damkar", "ntfys://ntfy.contoh.go.id/damkar"),
    ],
)
def test_an_address_is_written_in_one_way(channel: str, raw: str, address: str) -> None:
    assert normalise_address(Channel(channel), raw) == address


@pytest.mark.parametrize(
    ("channel", "raw", "problem"),
    [
        ("whatsapp", "112", "form"),
        ("whatsapp", "(0254) 7932007", "no_mobile"),
        ("whatsapp", "Herman", "form"),
        ("telegram", "@herman", "form"),
        ("email", "ade@localhost", "form"),
        ("email", "ade@contoh.go.id\nBcc: semua@contoh.go.id", "form"),
        ("email", "a b@contoh.go.id", "form"),
        ("apprise", "bukan alamat", "form"),
        ("apprise", "x://" + "y" * 500, "too_long"),
        ("sms", "", "empty"),
    ],
)
def test_what_is_no_address(channel: str, raw: str, problem: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        normalise_address(Channel(channel), raw)
    assert refused.value.details == {"field": "address", "problem": problem}


def test_channels_stand_in_the_order_given_and_only_what_changed_has_to_be_tested_anew(shift: Shift) -> None:
    herman = contact(shift, "Herman")
    own = number_of(herman)
    mail = ("email", "herman@contoh.go.id")
    shift.run(set_channels, actor=shift.damkar, contact_id=herman, channels=[mail, ("whatsapp", own)])
    assert ways(shift, herman) == [("email", "herman@contoh.go.id", False), ("whatsapp", own, True)]
    after = shift.newest()
    shift.run(set_channels, actor=shift.damkar, contact_id=herman, channels=[mail, ("whatsapp", own)])
    assert shift.newest() == after
    shift.run(set_channels, actor=shift.damkar, contact_id=herman, channels=[("whatsapp", "081299990001"), mail])
    assert ways(shift, herman) == [("whatsapp", "081299990001", False), ("email", "herman@contoh.go.id", False)]
    kinds = [kind for kind in shift.kinds(after) if kind.startswith("contact.")]
    assert sorted(kinds) == ["contact.channel_removed", "contact.channel_set", "contact.channel_set"]
    told = [entry.data for entry in shift.entries()]
    assert not [data for data in told if "0812" in str(data) or "contoh" in str(data)]


def test_what_channels_cannot_be(shift: Shift) -> None:
    herman = contact(shift, "Herman")

    def refused(*wanted: tuple[str, str]) -> tuple[str, Any]:
        return refusal(shift, set_channels, actor=shift.damkar, contact_id=herman, channels=list(wanted))

    assert refused(("push", "x")) == ("invalid_value", "unknown")
    assert refused(("sms", "081277770001"), ("sms", "+6281277770001")) == ("invalid_value", "taken")
    assert refused(*((("sms", f"0812777700{n:02d}")) for n in range(10, 19))) == ("invalid_value", "too_many")
    assert refused(("apprise", "ntfy://host/x")) == ("not_permitted", None)  # an agency names no address to call
    assert ways(shift, herman) == [("whatsapp", number_of(herman), True)]


def test_a_test_counts_when_its_code_comes_from_the_address_that_it_went_to(shift: Shift) -> None:
    herman, ujang = contact(shift, "Herman", tested=False), contact(shift, "Ujang", tested=False)
    with shift.centre.engine.begin() as connection:
        connection.execute(update(ContactChannel).values(test_code="4711", test_sent_at=shift.clock.now()))
    answer = {"channel": "whatsapp", "address": number_of(herman)}
    assert not shift.run(answer_test, words="siap 4712", **answer).changed
    assert not shift.run(answer_test, words="4711", channel="telegram", address=number_of(herman)).changed
    proved = shift.run(answer_test, words="kode 4711, terima kasih", **answer)
    assert (proved.changed, proved.contact_id) == (True, herman)
    assert not shift.run(answer_test, words="4711", **answer).changed  # once
    assert [row.tested_at is not None for row in shift.rows(ContactChannel)] == [True, False]
    (channel,) = channels(shift, ujang)
    assert shift.run(answer_test_by_code, actor=shift.damkar, channel_id=channel.id, code=" 4711 ").changed
    assert "contact.channel_tested" in shift.kinds()


def test_a_person_removed_in_the_middle_of_a_ladder_does_not_break_it(shift: Shift) -> None:
    herman = contact(shift, "Herman")
    head = contact(shift, "Kadis", role="head")
    rostered(shift, herman, "2026-11-24T07:00", "2026-11-24T15:00")
    shift.sent("DAMKAR")
    shift.run(fire_due_rungs)
    shift.run(remove_contact, actor=shift.ratna, contact_id=herman)
    assert not shift.run(remove_contact, actor=shift.ratna, contact_id=herman).changed
    shift.clock.step(25)
    shift.run(use_next_channels)  # nothing is left to try, and nothing fails
    shift.clock.step(200)
    shift.run(fire_due_rungs, limit=100)
    of_head = [notice for notice in shift.rows(Notice) if notice.contact_id == head]
    assert len(of_head) == 1
    assert {step.rung for step in shift.rows(LadderStep)} >= {0, 1, 2}
    assert [duty.removed_at is not None for duty in shift.rows(Duty)] == [True]
    with pytest.raises(NotFound):
        shift.run(check_in, contact_id=herman, by="page")
    assert refusal(shift, change_contact, actor=shift.ratna, contact_id=herman, name="x", role="duty") == (
        "not_found",
        None,
    )
