"""One call from the first ring to the closed ticket: two operators, a responder's telephone, a board on the wall."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.app.running_server import until
from tests.browser.screens import AT_ONCE, DESK, WIDE_DESK, Console
from tests.browser.shift import begin_shift

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

CALLER, AS_READ = "081200000417", "0812-0000-0417"
WORDS = "kebakaran rumah dpn pasar rau, api besar, ada orang di dalam"
RESULT = "Api padam, satu orang selamat."
READS_TICKETS = re.compile(r"GET /api/v1/(tickets|snapshot|journal|calls)")


@pytest.fixture
def shift(office, exchange):
    begin_shift(office, exchange)
    return office


def test_one_call_from_ring_to_close(people, exchange, shift):
    dewi = people.window(Console, DESK, "operator1")
    dewi.open("/console")
    dewi.picture("sign-in")
    dewi.sign_in("operator1", seat="1")
    dewi.connected()
    rizki = people.operator(2, WIDE_DESK)
    damkar = people.responder()
    board = people.board()
    expect(board.open_tickets).to_have_text("3")
    expect(board.figure("waiting")).to_have_text("0")

    call = exchange.ring(CALLER, location='shape="Circle",crs="2d",pos="-6.1101 106.1641",radius="120"')
    for screen in (dewi, rizki):
        expect(screen.ringing(call.ticket)).to_contain_text(AS_READ, timeout=AT_ONCE)
    expect(board.figure("waiting")).to_have_text("1")
    dewi.picture("console-ringing")

    already = len(rizki.witness.requests)
    dewi.take(call.ticket)
    exchange.answered(call, "op1")
    expect(rizki.ringing(call.ticket)).to_have_count(0)
    expect(rizki.see(f'#tickets [data-key="{call.ticket}"]')).to_have_attribute("title", re.compile("Dewi"))
    expect(rizki.see("#colleagues .colleague-row", "Dewi")).to_contain_text("Dalam panggilan")
    assert not [asked for asked in rizki.witness.requests[already:] if READS_TICKETS.match(asked)]
    expect(board.figure("waiting")).to_have_text("0")

    dewi.hear(WORDS)
    expect(dewi.chosen("types")).to_contain_text("Kebakaran bangunan/rumah")
    expect(dewi.chosen("places")).to_contain_text("Pasar Induk Rau")
    expect(dewi.see("#agencies")).to_contain_text("DAMKAR")
    dewi.picture("console-call")
    dewi.picture("console-call-light", theme="light")
    dewi.theme("dark")
    dewi.entry.focus()
    damkar.page.evaluate("window.neverReloaded = true")
    dewi.press("Control+Enter")
    expect(dewi.assignment("DAMKAR")).to_contain_text("terkirim")
    dewi.picture("console-dispatched")

    expect(damkar.task(call.short)).to_contain_text("Kebakaran bangunan/rumah", timeout=AT_ONCE)
    assert damkar.page.evaluate("window.neverReloaded")
    expect(board.agency("DAMKAR")).to_contain_text(call.short)
    damkar.task(call.short).locator('[data-part="open"]').tap()
    expect(damkar.see("#words")).to_contain_text(WORDS)
    damkar.connected()
    damkar.picture("agency-new")
    expect(dewi.assignment("DAMKAR")).to_contain_text("terkirim")

    for number, (button, word) in enumerate(
        [("Terima tugas", "diterima"), ("Menuju lokasi", "menuju"), ("Tiba di lokasi", "tiba")], start=1
    ):
        damkar.step(button)
        damkar.stepped(number)
        expect(dewi.assignment("DAMKAR")).to_contain_text(word, timeout=AT_ONCE)
        expect(board.agency("DAMKAR")).to_contain_text(word)
    damkar.picture("agency-on-scene")
    board.picture("board")
    damkar.report_result(RESULT)
    damkar.stepped(4)
    expect(dewi.assignment("DAMKAR")).to_contain_text(RESULT)

    for agency in [one["agency"] for one in shift.ticket(call.ticket)["assignments"] if one["agency"] != "DAMKAR"]:
        shift.agency_does(agency, call.ticket, "acknowledge", "en-route", "on-scene", "clear")
    exchange.ended(call, answered=True)
    verify = dewi.see('[data-action="send"]', "Verifikasi")
    expect(verify).to_be_visible()
    dewi.press("Control+Enter")
    dewi.see("#close-ticket .disposition", "Selesai ditangani").click()
    dewi.see("#close-ticket [type=submit]").click()
    expect(dewi.see('[data-field="call-state"]')).to_have_text("Selesai ditangani")
    expect(damkar.see("#ending")).to_contain_text("Tiket sudah ditutup pusat 112.")
    expect(board.open_tickets).to_have_text("3")


def test_two_operators_take_a_call_at_the_same_instant_and_one_is_told_who_has_it(people, exchange):
    operators = {"Dewi": people.operator(1), "Rizki": people.operator(2)}
    call = exchange.ring("081200000418")
    pressed = []
    for screen in operators.values():
        screen.witness.expect_refusal(409, "/claim")
        screen.page.route("**/claim", lambda route: pressed.append(route))
        screen.ringing(call.ticket).click()
    until(lambda: screen.page.title() and len(pressed) == len(operators))
    for route in pressed:
        route.continue_()
    dewi = operators["Dewi"]
    dewi.see("#work-title:visible").or_(dewi.toast("sudah mengambil")).first.wait_for()
    told = dewi.toast("Rizki sudah mengambil panggilan ini.").count()
    winner, loser = ("Rizki", "Dewi") if told else ("Dewi", "Rizki")
    expect(operators[loser].toast(f"{winner} sudah mengambil panggilan ini.")).to_be_visible()
    expect(operators[winner].see("#work-title")).to_contain_text(call.ticket)
    expect(operators[loser].see("#idle")).to_be_visible()
    expect(operators[loser].ringing(call.ticket)).to_contain_text(f"diambil {winner}")
