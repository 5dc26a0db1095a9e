"""Nothing typed is lost: not by a crash, not by a lost network, not when a colleague takes the ticket over."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Error, expect

from tests.app.running_server import PASSWORD, until
from tests.browser.chromium import FLAGS, NAMES

pytestmark = pytest.mark.real

TYPED = "asap tebal dari ruko dekat ciceri lantai dua"


def drafts_of(office, number: str) -> list[dict[str, Any]]:
    return office.ticket(number)["drafts"]


def test_a_crashed_tab_comes_back_with_text_choices_and_a_half_done_answer(people, exchange, office):
    console = people.operator()
    call = exchange.ring("081200003301")
    console.take(call.ticket)
    console.hear("kebakaran rumah")
    console.see('#priority [data-priority="P2"]').click()
    console.see('#card-list .card-row[data-kind="text"] input').first.click()
    console.page.keyboard.type("gang ken")
    console.witness.expect("Page crashed", "Target crashed", "net::ERR_ABORTED")
    with pytest.raises(Error, match=r"(?i)crash|ERR_ABORTED|Timeout"):
        console.page.goto("chrome://crash", timeout=3000)
    page = console.page.context.new_page()
    page.goto(f"{console.base}/console")
    expect(page.locator("#work-title")).to_contain_text(call.ticket)
    expect(page.locator("#entry")).to_have_value("kebakaran rumah")
    expect(page.locator('#priority [data-priority="P2"]')).to_have_attribute("aria-checked", "true")
    expect(page.locator('#card-list .card-row[data-kind="text"] input').first).to_have_value("gang ken")


def test_a_colleague_who_takes_over_goes_on_from_what_was_typed(people, exchange, office):
    dewi, rizki = people.operator(1), people.operator(2)
    call = exchange.ring("081200003302")
    dewi.take(call.ticket)
    dewi.hear(TYPED)
    until(lambda: dewi.page.title() and [one["words"] for one in drafts_of(office, call.ticket)] == [TYPED])
    rizki.ringing(call.ticket).click()
    expect(rizki.entry).to_have_value(TYPED)
    rizki.press("Control+Enter")
    rizki.page.fill('#reason [name="reason"]', "Dewi ke klinik")
    rizki.see("#reason [type=submit]").click()
    expect(rizki.toast("Teks dari Dewi dilanjutkan.")).to_be_visible()
    expect(rizki.entry).to_have_value(TYPED)
    expect(dewi.entry).not_to_be_editable()
    expect(rizki.see("#reason")).to_be_hidden()
    expect(rizki.entry).to_be_editable()
    rizki.entry.focus()
    rizki.press("End")
    rizki.page.keyboard.type(", ada yang terjebak")
    expect(rizki.entry).to_have_value(TYPED + ", ada yang terjebak")


def test_words_typed_while_the_network_was_away_reach_the_colleague_who_took_over(people, exchange, office):
    dewi, rizki = people.operator(1), people.operator(2)
    dewi.witness.expect_no_network()
    call = exchange.ring("081200003303")
    dewi.take(call.ticket)
    dewi.page.context.set_offline(True)
    dewi.entry.focus()
    dewi.page.keyboard.type("pohon tumbang di lontar")
    office.does("operator2", call.ticket, "take-over", reason="PC Dewi mati")
    rizki.see(f'#own [data-key="{call.ticket}"]').click()
    rizki.entry.focus()
    rizki.page.keyboard.type("menimpa mobil")
    dewi.page.context.set_offline(False)
    note = rizki.see("#draft-note")
    expect(note).to_contain_text("Teks lain dari Dewi: “pohon tumbang di lontar”")
    expect(rizki.entry).to_have_value("menimpa mobil")
    note.locator("button").click()
    expect(rizki.entry).to_have_value("menimpa mobil pohon tumbang di lontar")
    expect(note).to_be_hidden()


def test_signing_out_leaves_the_text_on_the_server_and_nothing_in_the_browser(people, exchange, office):
    console = people.operator()
    call = exchange.ring("081200003304")
    console.take(call.ticket)
    console.entry.focus()
    console.page.keyboard.type("banjir setinggi lutut")
    console.witness.expect_refusal(401, "/similar")  # what was asked with the last key may find the session gone
    console.see('.top [data-action="settings"]').click()
    console.see('#settings [data-action="sign-out"]').click()
    expect(console.see("#username")).to_be_visible()
    assert console.page.evaluate("Object.keys(localStorage).filter((key) => key.startsWith('siaga.draft.'))") == []
    assert drafts_of(office, call.ticket)[0]["words"] == "banjir setinggi lutut"
    console.sign_in("operator1", seat="1")
    console.connected()
    console.see(f'#own [data-key="{call.ticket}"]').click()
    expect(console.entry).to_have_value("banjir setinggi lutut")


def test_what_never_reached_the_server_is_handed_over_when_somebody_else_signs_in_there(
    people, exchange, office, siaga
):
    dewi = people.operator(1)
    dewi.witness.expect_no_network()
    call = exchange.ring("081200003306")
    dewi.take(call.ticket)
    context = dewi.page.context
    context.set_offline(True)
    dewi.entry.focus()
    dewi.page.keyboard.type("kabel PLN putus di trondol")
    expect(dewi.see("#own")).to_contain_text(call.short)
    dewi.page.close()
    context.clear_cookies()
    context.set_offline(False)
    page = context.new_page()
    page.goto(siaga.base + "/sign-in")
    page.fill("#username", "operator2")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/console")
    until(lambda: page.title() and office.ticket(call.ticket)["kept_texts"])
    assert office.ticket(call.ticket)["kept_texts"][0]["text"] == "kabel PLN putus di trondol"
    page.wait_for_function("() => Object.keys(localStorage).every((key) => !key.startsWith('siaga.draft.'))")
    page.locator(f'#ringing [data-key="{call.ticket}"]').click()
    expect(page.locator("#timeline")).to_contain_text("Teks yang tidak terkirim: “kabel PLN putus di trondol”")


def test_a_killed_browser_without_network_still_has_what_was_typed(people, exchange, siaga, tmp_path: Path):
    """Chromium writes localStorage to the disk only seconds later; the strict IndexedDB is what survives `kill -9`."""
    program = next(filter(None, map(shutil.which, NAMES)))
    call = exchange.ring("081200003305")
    chromium = people.browser.browser_type
    options = {"executable_path": program, "args": list(FLAGS), "locale": "id-ID"}
    context = chromium.launch_persistent_context(tmp_path, **options)
    page = context.pages[0]
    sign_in(page, siaga.base)
    page.locator(f'#ringing [data-key="{call.ticket}"]').click()
    expect(page.locator("#work-title")).to_contain_text(call.ticket)
    context.set_offline(True)
    page.locator("#entry").focus()
    page.keyboard.type("ular sanca masuk dapur")
    time.sleep(0.5)  # not a wait for the page: the moment between the last key and the power cut
    kill(tmp_path)
    context = chromium.launch_persistent_context(tmp_path, **options)
    page = context.pages[0]
    page.goto(siaga.base + "/console")
    if page.locator("#username").count():
        sign_in(page, siaga.base)
    expect(page.locator("#work-title")).to_contain_text(call.ticket)
    expect(page.locator("#entry")).to_have_value("ular sanca masuk dapur")
    context.close()


def sign_in(page: Any, base: str) -> None:
    page.goto(base + "/sign-in")
    page.fill("#username", "operator1")
    page.fill("#password", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/console")
    expect(page.locator('[data-part="link"]').first).to_have_attribute("data-look", "connected")


def kill(profile: Path) -> None:
    """`kill -9` the browser of this profile, and of no other."""
    listed = subprocess.run(["ps", "-ewwo", "pid=,args="], capture_output=True, text=True, check=True).stdout
    found = [int(line.split()[0]) for line in listed.splitlines() if f"--user-data-dir={profile}" in line]
    assert found
    for pid in found:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_notes_that_were_not_sent_stand_in_their_fields_after_a_crash(people, exchange):
    console = people.operator()
    call = exchange.ring("081200003309")
    console.take(call.ticket)
    console.see("#caller-notes form input").press_sequentially("anaknya sering main telepon")
    console.see('[data-action="close"]').first.click()
    console.see("#close-ticket [name=note]").press_sequentially("sudah ditangani tetangga")
    console.witness.expect("Page crashed", "Target crashed", "net::ERR_ABORTED")
    with pytest.raises(Error, match=r"(?i)crash|ERR_ABORTED|Timeout"):
        console.page.goto("chrome://crash", timeout=3000)
    page = console.page.context.new_page()
    page.goto(f"{console.base}/console")
    page.locator(f'[data-key="{call.ticket}"]').first.click()
    expect(page.locator("#work-title")).to_contain_text(call.ticket)
    expect(page.locator("#caller-notes form input")).to_have_value("anaknya sering main telepon")
    page.locator('[data-action="close"]').first.click()
    expect(page.locator("#close-ticket [name=note]")).to_have_value("sudah ditangani tetangga")
    page.locator("#close-ticket [type=submit]").click()
    expect(page.locator("#close-ticket")).to_be_hidden()
    kept = "Object.keys(localStorage).filter((key) => key.startsWith('siaga.text.'))"
    (left,) = page.evaluate(kept)
    assert left.endswith(f".number.{call.ticket}"), "what was sent is kept no longer, what was not still is"
