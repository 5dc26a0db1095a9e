"""One key sets a call aside before it is answered, while talking and after it; what is undone is not counted."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.app.running_server import until

pytestmark = pytest.mark.real


def steady(console, ticket):
    """The call has been next for as long as the console asks for before a key may hit it."""
    expect(console.see("#next-call")).to_contain_text(
        console.see(f'#ringing [data-key="{ticket}"] [data-field="title"]').inner_text()
    )
    console.until("(since) => performance.now() - since > 700", console.page.evaluate("performance.now()"))


def pranks(office, number: str) -> int:
    """How often the next call from this number would be counted as a prank."""
    return office.ticket(number)["calls"][-1]["nuisance"]["count"]


def test_a_call_that_is_picked_up_while_it_is_set_aside_offers_its_undo_once(people, exchange, office):
    console = people.operator()
    call = exchange.ring("081200004407")
    expect(console.ringing(call.ticket)).to_be_visible()
    steady(console, call.ticket)
    held = []
    console.page.route("**/classify", lambda route: held.append(route))
    console.press("F2", "F2")
    until(lambda: console.page.title() and held)
    exchange.answered(call, "op1")
    expect(console.see("#work-title")).to_contain_text(call.ticket)
    held[0].continue_()
    expect(console.see("#undo-strip")).to_contain_text("Ditandai iseng (prank)")
    assert console.toast("Batalkan?").count() == 0
    exchange.ended(call, answered=True)


def test_a_click_beside_the_call_leaves_enter_to_the_call(people, exchange):
    console = people.operator()
    call = exchange.ring("081200004408")
    console.see('.top [data-action="theme"]').click()
    theme = console.page.evaluate("document.documentElement.dataset.theme")
    steady(console, call.ticket)
    console.press("Enter")
    expect(console.see("#work-title")).to_contain_text(call.ticket)
    assert console.page.evaluate("document.documentElement.dataset.theme") == theme
    exchange.answered(call, "op1")
    exchange.ended(call, answered=True)


def test_a_known_prank_caller_is_set_aside_unanswered_with_one_press(people, exchange, office):
    first = exchange.ring("081200004401")
    office.does("operator2", first.ticket, "claim")
    office.does("operator2", first.ticket, "classify", classification="prank")
    exchange.ended(first, answered=False)
    console = people.operator()
    call = exchange.ring("081200004401")
    expect(console.ringing(call.ticket)).to_be_visible()
    steady(console, call.ticket)
    console.press("F2")
    expect(console.toast("Ditandai iseng (prank). Batalkan?")).to_be_visible()
    expect(console.ringing(call.ticket)).to_contain_text("ditandai iseng, berdering")
    assert office.ticket(call.ticket)["disposition"] == "prank"
    third = exchange.ring("081200004401")
    assert pranks(office, third.ticket) == 2
    console.press("Control+z")
    expect(console.see("#work-title")).to_contain_text(call.ticket)
    exchange.ended(third, answered=False)
    assert pranks(office, exchange.ring("081200004401").ticket) == 1


def test_an_unknown_caller_nobody_has_heard_takes_two_presses_and_comes_back_when_answered(people, exchange, office):
    console = people.operator()
    call = exchange.ring("081200004402")
    expect(console.ringing(call.ticket)).to_be_visible()
    console.press("ArrowDown")
    for _ in range(console.see("#ringing [data-key]").count()):
        if console.see(f'#ringing [data-key="{call.ticket}"]').get_attribute("aria-selected") == "true":
            break
        console.press("ArrowDown")
    steady(console, call.ticket)
    console.press("F9")
    expect(console.toast("Belum didengar siapa pun: tekan sekali lagi.")).to_be_visible()
    assert office.ticket(call.ticket)["state"] == "new"
    console.press("F9")
    expect(console.toast("Ditandai terputus. Batalkan?")).to_be_visible()
    exchange.answered(call, "op1")
    expect(console.see("#own")).to_contain_text(call.short)
    assert office.ticket(call.ticket)["state"] == "claimed"
    exchange.ended(call, answered=True)
    office.does("operator1", call.ticket, "classify", classification="dropped")


def test_after_the_call_a_silent_caller_takes_one_key_for_nobody_is_left_to_knock(people, exchange):
    console = people.operator()
    call = exchange.ring("081200004403")
    console.take(call.ticket)
    exchange.answered(call, "op1")
    expect(console.see('[data-field="call-state"]')).to_have_text("Tersambung")
    console.press("F3")
    expect(console.see("#undo-strip")).to_contain_text("ketuk dua kali")
    exchange.ended(call, answered=True)
    expect(console.see('[data-field="call-state"]')).to_have_text("Panggilan selesai")
    console.press("F3")
    expect(console.see('[data-field="call-state"]')).to_have_text("Senyap (ghost)")


def test_a_missed_call_is_claimed_and_set_aside_with_one_key(people, exchange, office):
    console = people.operator()
    call = exchange.ring("081200004404")
    exchange.ended(call, answered=False)
    expect(console.see("#callbacks")).to_contain_text("0812-0000-4404")
    console.press("/")
    console.page.keyboard.type(call.ticket)
    console.press("Enter")
    expect(console.see("#work-title")).to_contain_text(call.ticket)
    console.press("F8")
    expect(console.see("#undo-strip")).to_contain_text("Ditandai salah sambung")
    assert office.ticket(call.ticket)["disposition"] == "wrong_number"


def test_what_is_typed_while_a_call_is_being_taken_stands_in_its_line(people, exchange):
    console = people.operator()
    call = exchange.ring("081200004406")
    asked = []
    console.page.route("**/claim", lambda route: asked.append(route))
    console.ringing(call.ticket).click()
    until(lambda: console.page.title() and asked)
    console.page.keyboard.type("2 orgx")
    console.press("Backspace")
    console.page.keyboard.type(" luka")
    asked[0].continue_()
    expect(console.see("#work-title")).to_contain_text(call.ticket)
    expect(console.entry).to_have_value("2 org luka")
    console.page.keyboard.type(" parah")
    expect(console.entry).to_have_value("2 org luka parah")


def test_the_key_map_opens_with_a_question_mark_and_a_changed_key_stays_changed(people, exchange, office):
    console = people.operator()
    call = exchange.ring("081200004405")
    console.see(".top-clock").click()
    console.press("?")
    expect(console.see("#help")).to_be_visible()
    expect(console.see("#help")).to_contain_text("Senyap (ghost)")
    console.picture("key-map")
    console.see('#help [data-change="information"]').click()
    console.witness.expect_refusal(400, "/keys")
    console.press("F5")
    expect(console.see("#help .dialog-problem")).to_contain_text("dipakai peramban")
    console.see('#help [data-change="information"]').click()
    console.press("Control+F4")
    expect(console.see("#help .dialog-problem")).to_contain_text("dipakai peramban")
    console.see('#help [data-change="information"]').click()
    console.press("Shift+F4")
    expect(console.see('[data-classify="information"] kbd')).to_have_text("Shift+F4")
    console.see('#help [data-change="prank"]').click()
    console.press("Shift+F6")
    foot = console.see('.foot [data-caps-of="prank dropped"]')
    expect(foot).to_have_text("ShiftF6–F9Pilah tanpa menjawab")
    console.press("Escape")
    console.open("/console")
    console.connected()
    console.take(call.ticket)
    console.press("F4")
    expect(console.see('[data-field="call-state"]')).to_have_text("Berdering")
    console.press("Shift+F4")
    expect(console.see('[data-field="call-state"]')).to_have_text("Informasi")
    console.press("F1")
    console.see('#help [data-action="reset-keys"]').click()
    expect(console.see('[data-classify="information"] kbd')).to_have_text("F4")
    expect(foot).to_have_text("F2–F9Pilah tanpa menjawab")
