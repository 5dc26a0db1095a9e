"""Before a ticket is sent: who would be told, by what, who after them; and where nobody would, the number to dial."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.legibility import out_of_reach
from tests.browser.on_call import OnCall, server_with_whatsapp

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

WORDS = "kebakaran rumah dpn pasar rau, api besar, ada orang di dalam"
SIZES = {"1366x768": (1366, 768), "1920x1080": (1920, 1080), "150 %": (911, 512)}


@pytest.fixture(scope="module")
def siaga(chromium, tmp_path_factory):
    with server_with_whatsapp(tmp_path_factory.mktemp("siaga")) as server:
        on_call = OnCall(server)
        for agency in ("DAMKAR", "PSC119", "BPBD", "POLRESTA"):
            for role, name in (("duty", "Asep"), ("chief", "Dedi"), ("head", "Hasan")):
                on_call.add(agency, role, name, "whatsapp")
        yield server


def cell(console, agency):
    return console.see("#agencies .agency-choice", agency)


def ticked(console):
    return console.see("#agencies input:checked").count()


@pytest.mark.parametrize(("seat", "language"), [(1, "id"), (2, "en")])
def test_a_hole_is_a_number_to_dial_and_stops_nothing(people, exchange, seat, language):
    console = people.operator(seat)
    console.in_language(language)
    call = exchange.ring("081200004701")
    console.take(call.ticket)
    console.hear(WORDS)
    cell(console, "PLN").locator("input").check()
    expect(cell(console, "PLN")).to_have_attribute("data-hole", "true")
    expect(cell(console, "PLN").locator(".agency-hole")).to_have_text("123")
    expect(cell(console, "DAMKAR")).to_contain_text("Asep · WhatsApp")
    expect(cell(console, "DAMKAR").locator(".ladder-next").first).to_contain_text("1:00")
    expect(console.see("[data-part=holes]")).to_contain_text("1")
    words = {"id": f"Kirim ke {ticked(console)}, telepon PLN", "en": f"Send to {ticked(console)}, call PLN"}[language]
    expect(console.see('[data-action="send"]')).to_contain_text(words)
    wrong = {}
    for name, (width, height) in SIZES.items():
        console.page.set_viewport_size({"width": width, "height": height})
        console.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        # What the question card hides has tests of its own.
        wrong[name] = [one for one in out_of_reach(console.page) if "card-" not in one]
    assert {name: found for name, found in wrong.items() if found} == {}
    console.press("Control+Enter")
    expect(console.assignment("PLN")).to_be_visible()
    exchange.ended(call, answered=True)


def test_the_full_ladder_unfolds_with_the_arrow(people, exchange):
    console = people.operator()
    call = exchange.ring("081200004702")
    console.take(call.ticket)
    console.hear(WORDS)
    expect(cell(console, "DAMKAR").locator(".agency-ladder")).to_be_visible()
    cell(console, "DAMKAR").locator("input").focus()
    console.press("ArrowRight")
    rungs = cell(console, "DAMKAR").locator(".agency-full li")
    expect(rungs).to_have_count(6)
    expect(rungs.nth(2)).to_contain_text("Kepala dinas: Hasan WhatsApp")
    console.press("ArrowLeft")
    expect(cell(console, "DAMKAR").locator(".agency-full")).to_be_hidden()
    exchange.ended(call, answered=False)


def test_an_unread_roster_says_so_and_sending_goes_on(people, exchange):
    console = people.operator()
    console.page.route("**/api/v1/ladder-preview*", lambda route: route.fulfill(status=500, json={"error": {}}))
    console.witness.expect("500")
    call = exchange.ring("081200004703")
    console.take(call.ticket)
    console.hear(WORDS)
    expect(cell(console, "DAMKAR")).to_contain_text("piket belum terbaca: kirim tetap jalan")
    console.press("Control+Enter")
    expect(console.assignment("DAMKAR")).to_be_visible()
    exchange.ended(call, answered=True)


def test_whoever_sends_before_the_answer_is_there_waits_for_nothing(people, exchange):
    console = people.operator()
    held = []
    console.page.route("**/api/v1/ladder-preview*", lambda route: held.append(route))
    call = exchange.ring("081200004704")
    console.take(call.ticket)
    console.hear(WORDS)
    expect(cell(console, "DAMKAR").locator("[data-part=loading]")).to_be_visible()
    console.press("Control+Enter")
    expect(console.assignment("DAMKAR")).to_be_visible()
    exchange.ended(call, answered=True)
