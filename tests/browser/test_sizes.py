"""Every page at every size: nothing beside the window, nothing under anything, nothing cut, nothing too small."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.legibility import out_of_reach, smaller_than
from tests.browser.screens import Screen
from tests.browser.shift import Office, begin_shift

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

#: Width and height in CSS pixels. 683x384 is 1366x768 at 200 % zoom.
SIZES = {"1366x768": (1366, 768), "1920x1080": (1920, 1080), "zoomed": (683, 384), "320 wide": (320, 640)}
PHONE_SIZES = {"390x844": (390, 844), "320x568": (320, 568), "landscape": (844, 390), "1366x768": (1366, 768)}
BOARD_SMALLEST_PX = 30
WORDS = "kebakaran rumah dpn pasar rau, api besar, ada orang di dalam"


@pytest.fixture(scope="module")
def shift(siaga, exchange):
    """Tickets of every kind: ringing, to be called back, under way."""
    office = Office(siaga)
    begin_shift(office, exchange)
    exchange.ended(exchange.ring("089600005520"), answered=False)
    exchange.ring("085700002231")
    exchange.ring(None)
    yield office
    office.close()


def at_every_size(screen, sizes):
    """What is wrong at which size."""
    wrong = {}
    for name, (width, height) in sizes.items():
        screen.page.set_viewport_size({"width": width, "height": height})
        screen.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        wrong[name] = out_of_reach(screen.page)
    return {name: found for name, found in wrong.items() if found}


def test_the_sign_in_page(people):
    screen = people.window(Screen)
    screen.open("/sign-in")
    assert at_every_size(screen, SIZES | PHONE_SIZES) == {}


def test_the_console_while_nothing_is_open(people, shift):
    console = people.operator()
    expect(console.see("#ringing [data-key]")).to_have_count(2)
    assert at_every_size(console, SIZES) == {}


def test_the_console_in_a_call(people, exchange, shift):
    console = people.operator()
    call = exchange.ring("081200000417")
    console.take(call.ticket)
    console.hear(WORDS)
    expect(console.see("#agencies")).to_contain_text("DAMKAR")
    assert at_every_size(console, SIZES) == {}
    console.press("Control+Enter")
    expect(console.assignment("DAMKAR")).to_be_visible()
    assert at_every_size(console, SIZES) == {}


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_clock_of_a_call_that_waited_too_long_keeps_its_name(people, exchange, language):
    console = people.operator()
    console.in_language(language)
    call = exchange.ring("081200000418", waited_s="95")
    console.take(call.ticket)
    exchange.answered(call, "op1")
    expect(console.see("#clock-answer")).to_contain_text("(+1:")
    for size in ("1366x768", "1920x1080"):
        console.page.set_viewport_size(dict(zip(("width", "height"), SIZES[size], strict=True)))
        console.until(
            "() => [...document.querySelectorAll('.clock-name')].every((one) => one.scrollWidth <= one.clientWidth)"
        )
    exchange.ended(call, answered=True)


@pytest.mark.parametrize("key", ["F1", "Control+k"])
def test_the_consoles_windows(people, shift, key):
    console = people.operator()
    console.press(key)
    expect(console.see("dialog[open]")).to_be_visible()
    for width, height in SIZES.values():
        console.page.set_viewport_size({"width": width, "height": height})
        box = console.see("dialog[open]").bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height


def test_the_agencys_list_and_task(people, shift):
    phone = people.responder("dlh")
    expect(phone.see("#list .task").first).to_be_attached()
    assert at_every_size(phone, PHONE_SIZES) == {}
    phone.see('[data-tab="running"]').first.click()
    phone.see("#running-list [data-part=open]").first.click()
    phone.connected()
    assert at_every_size(phone, PHONE_SIZES) == {}


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("width", [390, 360])
def test_the_four_steps_of_a_task_are_of_two_lines_each(people, exchange, shift, language, width):
    call = exchange.ring("081200000419")
    shift.dispatched("operator2", call.ticket, "pohon-tumbang", "36.73.05.1002", ["DLH"])
    exchange.ended(call, answered=True)
    shift.agency_does("DLH", call.ticket, "acknowledge", "en-route", "on-scene", "clear")
    phone = people.responder("dlh")
    phone.in_language(language)
    phone.page.set_viewport_size({"width": width, "height": 640})
    phone.see('[data-tab="done"]').first.click()
    phone.task(call.short).locator("[data-part=open]").click()
    phone.stepped(4)
    lines = "(one) => one.getBoundingClientRect().height / parseFloat(getComputedStyle(one).lineHeight)"
    words = phone.see("#steps .step-top, #steps .step-under")
    assert [round(word.evaluate(lines)) for word in words.all()] == [1] * 8


def test_the_board_is_read_from_across_the_room(people, shift):
    board = people.board()
    expect(board.see("#agency-lines .agency-line").first).to_be_visible()
    assert smaller_than(board.page, BOARD_SMALLEST_PX) == []
    assert at_every_size(board, {"1920x1080": (1920, 1080), "1366x768": (1366, 768)}) == {}
