"""An open page outlives a night: a session that ended, a machine that slept, a server that was restored to before."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.app.running_server import running_server, until
from tests.browser.relay import Relay
from tests.browser.screens import Console
from tests.browser.telephone import Exchange

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

WORDS = "pohon tumbang di karundang menu"


def another_tab(console):
    """The same browser, signed in there by hand."""
    tab = Console(console.page.context.new_page(), console.witness, console.base)
    tab.open("/sign-in")
    return tab


def test_a_page_whose_session_ended_goes_on_with_what_was_typed_when_its_person_is_back(people, exchange, siaga):
    console = people.operator()
    console.witness.expect(r" 401", r"status of 401", r" 400 .*/draft", r"status of 400 .*/draft")
    call = exchange.ring("081200000901")
    console.take(call.ticket)
    console.hear(WORDS)
    sign_out_elsewhere(console)
    banner = console.see("#session-banner")
    expect(banner).to_contain_text("Sesi Anda berakhir.")
    console.press("End")
    console.page.keyboard.type("tup jalan")

    stranger = another_tab(console)
    stranger.sign_in("operator2", "2")
    stranger.connected()
    expect(banner).to_contain_text("yang masuk")
    unseen = exchange.ring("081200000902")
    expect(stranger.ringing(unseen.ticket)).to_be_visible()
    expect(console.ringing(unseen.ticket)).to_have_count(0)
    sign_out_elsewhere(stranger)
    stranger.page.close()

    again = another_tab(console)
    again.sign_in("operator1", "1")
    again.connected()
    expect(banner).to_be_hidden()
    expect(console.see("#link-banner")).to_be_hidden()
    expect(console.entry).to_have_value(f"{WORDS}tup jalan")
    for one in (unseen, exchange.ring("081200000903")):
        expect(console.ringing(one.ticket)).to_be_visible()
    console.press("F2", "F2", "F2")  # a write, with the new session's form token
    expect(console.see("#undo-strip")).to_contain_text("Ditandai iseng")


def test_a_phone_that_was_signed_out_keeps_its_result_and_fits_its_screen_meanwhile(people, exchange, office):
    call = exchange.ring("081200000905")
    office.dispatched("operator2", call.ticket, "pohon-tumbang", "36.73.05.1002", ["DAMKAR"])
    office.agency_does("DAMKAR", call.ticket, "acknowledge", "en-route", "on-scene")
    phone = people.responder()
    phone.witness.expect(r" 401", r"status of 401")
    phone.task(call.short).locator('[data-part="open"]').tap()
    phone.step("Selesai")
    phone.page.fill("#result-note", "Pohon dipotong")
    sign_out_elsewhere(phone)
    expect(phone.see('[data-part="link"]').first).to_contain_text("Menyambung kembali")
    for width in (390, 360, 320):
        phone.page.set_viewport_size({"width": width, "height": 640})
        assert (
            phone.page.evaluate(
                """(width) => {
                document.querySelector('.agency-top [data-part="link-words"]').textContent = "Menyambung kembali";
                const parts = document.querySelectorAll('.agency-top > *, [data-part="link-words"], dialog[open] *');
                return [...parts].filter((part) => part.getBoundingClientRect().right > width).length;
            }""",
                width,
            )
            == 0
        ), width
    tab = another_tab(phone)
    tab.sign_in("damkar")
    phone.connected()
    phone.see("#result-send").tap()
    until(lambda: office.ticket(call.ticket)["assignments"][0]["state"] == "cleared")
    assert office.ticket(call.ticket)["assignments"][0]["note"] == "Pohon dipotong"
    exchange.ended(call, answered=True)


def sign_out_elsewhere(screen):
    """The session ends, and no page of this browser is told."""
    token = screen.page.evaluate("document.querySelector('meta[name=csrf-token]').content")
    answer = screen.page.context.request.post(f"{screen.base}/sign-out", form={"csrf_token": token}, max_redirects=0)
    assert answer.status == 303, answer.status


def test_a_call_rings_on_an_open_console_after_the_database_was_restored_to_before(
    people, siaga, exchange, office, tmp_path
):
    relay = Relay(siaga.http_port)
    console = people.operator(base=relay.base)
    board = people.board(base=relay.base)
    for screen in (console, board):
        screen.witness.expect_no_network()
    backup = backed_up(siaga, tmp_path / "backup")
    lost = [exchange.ring(f"08120000{place:04}") for place in range(1100, 1125)]
    console.take(lost[-1].ticket)
    console.hear("ada api")
    console.witness.expect_refusal(404, lost[-1].ticket)
    relay.cut()
    with running_server(backup) as restored:
        telephone = Exchange(restored.agi_port)
        relay.mend(restored.http_port)
        expect(console.toast("tidak ada lagi di server")).to_be_visible(timeout=15_000)
        console.connected()
        call = telephone.ring("081200000001")
        expect(console.ringing(call.ticket)).to_be_visible(timeout=2_000)
        expect(console.ringing(lost[-1].ticket)).to_have_count(0)
        expect(board.figure("waiting")).to_have_text(console.see('#ringing-section [data-part="count"]').inner_text())
        telephone.close()
        for screen in (console, board):
            screen.page.close()
    relay.close()


def test_pages_come_back_by_themselves_from_a_restored_database_that_has_gone_on_past_what_they_had_seen(
    people, siaga, exchange, office, tmp_path
):
    relay = Relay(siaga.http_port)
    console, phone = people.operator(base=relay.base), people.responder(base=relay.base)
    for screen in (console, phone):
        screen.witness.expect_no_network()
    backup = backed_up(siaga, tmp_path / "backup")
    lost = exchange.ring("081200001201")
    console.take(lost.ticket)
    console.hear("kebakaran di pasar rau")
    sent = exchange.ring("081200001202")
    office.dispatched("operator2", sent.ticket, "pohon-tumbang", "36.73.05.1002", ["DAMKAR"])
    expect(phone.task(sent.short)).to_be_visible()
    mark = Path(siaga.environ["SIAGA_DATA"]) / "journal-mark.json"
    newest = office.of("operator2").get("/api/v1/snapshot").json()["newest"]
    until(lambda: mark.exists() and json.loads(mark.read_text())["seq"] >= newest)
    shutil.copy(mark, backup)
    console.witness.expect_refusal(404, lost.ticket)
    console.witness.expect_refusal(409, lost.ticket)
    relay.cut()
    with running_server(backup) as restored:
        telephone = Exchange(restored.agi_port)
        another = [telephone.ring(f"08120000{place:04}") for place in range(1300, 1330)]
        assert another[0].ticket == lost.ticket  # its number is another caller's by now
        relay.mend(restored.http_port)
        expect(console.toast("Layar ini sudah memuat ulang")).to_be_visible(timeout=15_000)
        expect(console.toast("Ketikan untuk tiket")).to_contain_text("kebakaran di pasar rau")
        console.connected()
        for call in (another[-1], telephone.ring("081200001399")):
            expect(console.ringing(call.ticket)).to_be_visible(timeout=2_000)
        console.take(another[0].ticket)
        expect(console.entry).to_have_value("")
        expect(phone.task(sent.short)).to_have_count(0)
        telephone.close()
        for screen in (console, phone):
            screen.page.close()
    relay.close()


def test_what_a_restored_database_had_planned_waits_until_a_supervisor_says_what_becomes_of_it(
    people, siaga, exchange, office
):
    first, second = exchange.ring("081200001501"), exchange.ring("081200001502")
    for call in (first, second):
        office.dispatched("operator2", call.ticket, "pohon-tumbang", "36.73.05.1002", ["DAMKAR"])
    console, board = people.operator(), people.board()
    assert siaga.flask("restored").returncode == 0
    expect(console.toast("Layar ini sudah memuat ulang")).to_be_visible(timeout=15_000)
    tab = another_tab(board)
    tab.open("/held")
    tab.connected()
    for call, button in ((first, "Lanjutkan dari sekarang"), (second, "Hentikan")):
        row = tab.see("#held > li", call.ticket)
        expect(row).to_contain_text("Belum diterima, DAMKAR")
        row.get_by_role("button", name=button).click()
        expect(row).to_have_count(0)
    assert [one["ladder"]["held"] for one in office.ticket(first.ticket)["assignments"]] == [False]
    assert [one["ladder"] for one in office.ticket(second.ticket)["assignments"]] == [None]


def backed_up(siaga, target: Path) -> Path:
    """A copy of the running server's data, taken as docs/deployment says."""
    source = Path(siaga.environ["SIAGA_DATA"])
    target.mkdir()
    shutil.copy(source / "secret_key", target / "secret_key")
    with sqlite3.connect(source / "siaga.db") as database, sqlite3.connect(target / "siaga.db") as copy:
        database.backup(copy)
    return target
