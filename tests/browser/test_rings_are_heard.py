"""A ring is heard from the event itself, and whoever cannot hear it can see that."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.app.running_server import until
from tests.browser.ears import CURTAIN, EARS, LOCKED
from tests.browser.relay import Relay

pytestmark = pytest.mark.real

EVENT = ("pohon-tumbang", "36.73.05.1002", ["DAMKAR"])


def notes(screen):
    return screen.page.evaluate("window.notes.length")


def hear_more(screen, than=0):
    """Wait until the page has played more notes; not by a frame of the page, for a hidden one has none."""
    until(lambda: notes(screen) > than)


def title(screen):
    return screen.page.title()


def test_a_call_is_heard_at_once_in_a_tab_that_nobody_looks_at_and_its_title_says_so(people, siaga, exchange):
    network = Relay(siaga.http_port)
    console = people.operator(before=(EARS, CURTAIN), base=network.base)
    console.witness.expect_no_network()
    console.press("Escape")
    console.page.evaluate("window.hide()")
    network.cut()
    network.mend()
    began = console.page.evaluate("performance.now()")
    call = exchange.ring("081200002801")
    hear_more(console, 0)
    assert console.page.evaluate("window.notes[0]") - began < 4_000
    until(lambda: "(1) Berdering" in title(console))
    hear_more(console, 2)  # and goes on, though the page's own timers stand still
    exchange.ended(call, answered=False)
    until(lambda: title(console) == "Siaga 112")
    console.page.evaluate("window.show()")
    network.close()


def test_a_page_that_may_not_sound_says_so_until_a_key_and_then_sounds(people, exchange):
    console = people.operator(before=(EARS, LOCKED))
    banner = console.see("#sound-banner")
    expect(banner).to_contain_text("belum bisa berbunyi")
    call = exchange.ring("081200002802")
    expect(banner).to_contain_text("bisu")
    console.until("() => document.title.includes('Berdering')")
    assert notes(console) == 0
    console.press("Shift")
    hear_more(console, 0)
    expect(banner).to_be_hidden()
    # A telephone call of the PC's own, a lock, a driver: the next key brings it back.
    console.page.evaluate("() => { window.unlocked = false; return window.contexts.at(-1).suspend(); }")
    expect(banner).to_be_visible()
    console.press("Shift")
    expect(banner).to_be_hidden()
    hear_more(console, notes(console))
    exchange.ended(call, answered=False)


def test_a_reload_silences_no_alarm(people, exchange, office, siaga):
    console = people.operator(before=(EARS,))
    call = exchange.ring("081200002803")
    console.take(call.ticket)
    exchange.answered(call, "op1")
    office.does("operator1", call.ticket, "classify", classification="genuine", type_code="kebakaran-bangunan")
    office.does("operator1", call.ticket, "locate", kelurahan_code="36.73.05.1002")
    office.does("operator1", call.ticket, "dispatch", agencies=["DAMKAR"])
    make_late(siaga, call.ticket)
    console.page.reload()
    expect(console.see("#work-title")).to_contain_text(call.short)  # by itself: no hand has looked
    expect(console.toast("DAMKAR belum terima")).to_be_visible()
    console.until("() => document.title.includes('Lewat batas')")
    console.press("Shift")
    hear_more(console, 0)
    console.toast("DAMKAR belum terima").locator("button").click()
    console.until("() => document.title === 'Siaga 112'")
    exchange.ended(call, answered=True)
    office.agency_does("DAMKAR", call.ticket, "acknowledge")


def test_the_agencys_phone_says_on_every_page_that_it_is_mute_and_rings_again_after_an_interruption(
    people, exchange, office
):
    phone = people.responder("damkar", before=(EARS, LOCKED))
    mute = phone.see("#mute")
    expect(mute).to_be_visible()
    mute.tap()
    expect(mute).to_be_hidden()
    ticket = exchange.ring("081200002804").ticket
    office.dispatched("operator2", ticket, *EVENT)
    expect(phone.task(ticket[-3:])).to_be_visible()
    hear_more(phone, 0)
    phone.page.evaluate("() => { window.unlocked = false; return window.contexts.at(-1).suspend(); }")
    expect(mute).to_be_visible()
    phone.see(".agency-who").tap()
    expect(mute).to_be_hidden()
    heard = notes(phone)
    another = exchange.ring("081200002805").ticket
    office.dispatched("operator2", another, *EVENT)
    hear_more(phone, heard)
    phone.task(ticket[-3:]).locator('[data-part="open"]').tap()
    expect(phone.see("#task-page")).to_be_visible()
    expect(mute).to_be_visible()  # this browser asks for a touch on each page: the task's page says so too
    expect(phone.see("#next-words")).to_have_text("Terima tugas")


def make_late(siaga, number):
    """Nobody has accepted for longer than the policy allows."""
    (path,) = Path(siaga.environ["SIAGA_DATA"]).glob("*.db")
    with sqlite3.connect(path, timeout=10) as database:
        database.execute(
            "UPDATE assignments SET clock_started_at = datetime(clock_started_at, '-10 minutes'),"
            " clock_due_at = datetime(clock_due_at, '-10 minutes')"
            " WHERE ticket_id = (SELECT id FROM tickets WHERE number = ?)",
            (number,),
        )
    database.close()
