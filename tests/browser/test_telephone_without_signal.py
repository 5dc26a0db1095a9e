"""A responder without signal: later steps wait on the telephone with their own time, accepting does not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import expect

from tests.browser.relay import Relay

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

WARD = "36.73.01.1006"


@pytest.fixture
def relay(siaga):
    network = Relay(siaga.http_port)
    yield network
    network.close()


@pytest.fixture
def task(exchange, office):
    """A tree on the road, sent to DLH: the ticket's number and the assignment as DLH has it."""
    call = exchange.ring("081300000100")
    office.dispatched("operator1", call.ticket, "pohon-tumbang", WARD, ["DLH"])
    return call.ticket


def assignment(office, number):
    return office.ticket(number)["assignments"][0]


def at_task(people, office, relay, number):
    phone = people.responder("dlh", f"/agency/{assignment(office, number)['id']}", base=relay.base)
    phone.witness.expect_no_network()
    return phone


def test_a_step_waits_on_the_phone_and_arrives_once_with_its_own_time(people, office, relay, task):
    office.agency_does("DLH", task, "acknowledge")
    phone = at_task(people, office, relay, task)
    relay.cut()
    tapped_at = datetime.now(UTC)
    phone.step("Menuju lokasi")
    phone.stepped(2, "waiting")
    expect(phone.see("#signal")).to_contain_text("tersimpan di ponsel dan terkirim sendiri nanti")
    expect(phone.see("#next-words")).to_have_text("Tiba di lokasi")
    assert assignment(office, task)["state"] == "acknowledged"
    expect(phone.see('[data-part="link"]')).to_contain_text("Luring")
    relay.mend()
    mended_at = datetime.now(UTC)
    phone.stepped(2)
    expect(phone.see("#signal")).to_be_hidden()
    events = [event for event in office.ticket(task)["timeline"] if event["kind"] == "assignment.en_route"]
    assert len(events) == 1
    en_route_at = datetime.fromisoformat(assignment(office, task)["en_route_at"])
    assert abs((en_route_at - tapped_at).total_seconds()) < 2
    assert en_route_at < mended_at


def test_a_step_whose_answer_was_lost_is_not_done_twice(people, office, relay, task):
    office.agency_does("DLH", task, "acknowledge")
    phone = at_task(people, office, relay, task)
    relay.lose_answers()
    phone.step("Menuju lokasi")
    assert relay.swallowed.wait(10)
    relay.mend()
    phone.stepped(2)
    expect(phone.see("#signal")).to_be_hidden()
    events = [event["kind"] for event in office.ticket(task)["timeline"]]
    assert events.count("assignment.en_route") == 1


def test_accepting_never_waits_on_the_phone(people, office, relay, task):
    phone = at_task(people, office, relay, task)
    relay.cut()
    phone.step("Terima tugas")
    expect(phone.see("#problem")).to_contain_text("Belum diterima: tidak sampai ke pusat.")
    expect(phone.see("#call-instead")).to_be_visible()
    expect(phone.see("#call-instead")).to_have_attribute("href", "tel:112")
    expect(phone.see("#next")).to_be_hidden()
    relay.mend()
    expect(phone.see("#next")).to_be_visible()
    phone.connected()
    assert assignment(office, task)["state"] == "sent"
    phone.step("Terima tugas")
    phone.stepped(1)
    assert assignment(office, task)["state"] == "acknowledged"


def test_only_a_task_with_a_place_loads_a_map(people, office, task):
    listed = people.responder("dlh", "/agency")
    expect(listed.see("#new-list li")).to_have_count(1)
    of_the_list = list(listed.witness.requests)
    assert not [asked for asked in of_the_list if "leaflet" in asked or asked.endswith(("/boundaries", "/map.css"))]
    opened = people.responder("dlh", f"/agency/{assignment(office, task)['id']}")
    expect(opened.see("#map .map-drop")).to_be_visible()
    assert "GET /static/vendor/leaflet/leaflet.js" in opened.witness.requests
