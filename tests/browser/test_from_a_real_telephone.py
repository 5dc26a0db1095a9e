"""A call from a SIP telephone through a real Asterisk 22 to an operator's screen in a real Chromium."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.app.running_server import running_server
from tests.asterisk.real_parts import wait_until
from tests.asterisk.sipp import Place

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]


@pytest.fixture(scope="module")
def siaga(chromium, _running_asterisk, tmp_path_factory):
    """The application where the guard of the rig looks for it."""
    ports = _running_asterisk.ports
    where = {"SIAGA_HTTP_PORT": str(ports.web_one), "SIAGA_AGI_PORT": str(ports.agi_one)}
    with running_server(tmp_path_factory.mktemp("siaga"), **where) as server:
        yield server


@pytest.fixture(autouse=True)
def _found_well(siaga, guard):
    guard.wait_until_known("one", well=True)


def ringing_ticket(console):
    row = console.see("#ringing [data-key]")
    expect(row).to_have_count(1)
    return row.get_attribute("data-key")


def test_whose_telephone_is_picked_up_has_the_call_on_the_screen(people, office, asterisk, place_call, seat_phone):
    console, board, phone = people.operator(1), people.board(), people.responder("damkar")
    seat_phone("op1", answers_after_s=2)
    place_call(ani="081234567890", place=Place(lat=-6.1121, lon=106.1635, radius_m=30))
    number = ringing_ticket(console)
    expect(console.ringing(number)).to_contain_text("0812-3456-7890")
    expect(board.figure("waiting")).to_have_text("1")
    expect(console.see("#work-title")).to_contain_text(number)
    expect(console.see('[data-field="call-state"]')).to_have_text("Tersambung")
    expect(console.see("#location")).to_contain_text("±30 m")
    expect(console.see("#timeline")).to_contain_text("Dijawab Dewi")
    [call] = office.ticket(number)["calls"]
    assert (call["seat"], call["answered_by"]["name"]) == ("1", "Dewi")
    expect(board.figure("waiting")).to_have_text("0")

    console.hear("kebakaran rumah dpn pasar rau")
    expect(console.see("#agencies")).to_contain_text("DAMKAR")
    console.press("Control+Enter")
    phone.task(number.split("-")[1]).locator('[data-part="accept"]').tap()
    expect(console.assignment("DAMKAR")).to_contain_text("diterima")
    asterisk.hang_up_calls()
    expect(console.see('[data-field="call-state"]')).to_have_text("Panggilan selesai")


def test_a_caller_who_hangs_up_first_is_to_be_called_back(people, office, asterisk, place_call, seat_phone):
    console, board = people.operator(1), people.board()
    before = int(board.figure("abandoned").text_content() or 0)
    seat_phone("op1", answer=False)
    caller = place_call(ani="089600005520", rings_s=2.5)
    number = ringing_ticket(console)
    caller.wait()
    wait_until("the end in Asterisk's record", lambda: [call for call in asterisk.calls() if call.is_over])
    expect(console.see("#callbacks .call-row", "0896-0000-5520")).to_be_visible()
    expect(console.ringing(number)).to_have_count(0)
    expect(console.see("#needs")).to_contain_text("0896-0000-5520")
    expect(board.figure("abandoned")).to_have_text(str(before + 1))
    assert office.ticket(number)["state"] == "callback"
