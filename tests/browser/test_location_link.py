"""A caller's telephone shares its position, seen from both ends: the tiny page, and the operator's map."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.screens import PHONE, Screen

pytestmark = pytest.mark.real

HOME = {"latitude": -6.1201, "longitude": 106.1503, "accuracy": 12}
AWAY = {"latitude": -6.1250, "longitude": 106.1553, "accuracy": 30}
#: A slow and distant mobile network, in bytes a second.
EDGE = {"offline": False, "latency": 800, "downloadThroughput": 15_000, "uploadThroughput": 6_000}
BUDGET_BYTES = 30 * 1024
WORDS = {
    "id": {"share": "Bagikan lokasi saya ke 112", "sent": "Lokasi terkirim, akurasi 12 m", "stop": "Berhenti berbagi"},
    "en": {"share": "Share my location with 112", "sent": "Location sent, accurate to 12 m", "stop": "Stop sharing"},
}


def link_of(console) -> str:
    expect(console.see(".location-spoken b")).to_have_text(re.compile(r"^\w{5}-\w{5}$"))
    return "/l/" + console.see(".location-spoken b").inner_text().replace("-", "")


def asked_where(people, exchange, number):
    """An operator has taken a call and asked for its location: the console, the call, the link."""
    console = people.operator()
    call = exchange.ring(number)
    console.take(call.ticket)
    console.press("Control+;")
    return console, call, link_of(console)


def telephone(people, language="id", **options):
    options.setdefault("geolocation", HOME)
    options.setdefault("permissions", ["geolocation"])
    return people.window(Screen, PHONE, "caller", locale="en-GB" if language == "en" else "id-ID", **options)


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_callers_position_comes_to_the_console_and_is_chosen_by_hand(people, exchange, language):
    console = people.operator(2 if language == "en" else 1)  # the language stays with the person
    if language == "en":
        console.in_language("en", "/console")
        console.connected()
    call = exchange.ring("081200000601")
    console.take(call.ticket)
    console.press("Control+;")
    told = "No SMS gateway is set up" if language == "en" else "SMS belum diatur: bacakan atau salin tautan"
    expect(console.see(".location-warning")).to_contain_text(told)
    link = link_of(console)

    phone = telephone(people, language)
    phone.open(link)
    words = WORDS[language]
    expect(phone.see("#share")).to_have_text(words["share"])
    opened = "Opened, waiting" if language == "en" else "Dibuka, menunggu izin"
    expect(console.see(".location-state")).to_contain_text(opened)
    phone.see("#share").tap()
    expect(phone.see("#status")).to_contain_text(words["sent"])
    expect(console.see(".location-report").first).to_contain_text("±12 m")
    expect(console.see(".map-live")).to_be_visible()
    expect(console.see(".map-live-age")).to_contain_text("±12 m")
    # Nothing is chosen by itself.
    expect(console.see('#places [data-key^="link-"]')).to_be_visible()
    expect(console.chosen("places")).to_have_count(0)

    console.see('[data-action="use-location"]').first.click()
    chosen = console.chosen("places")
    expect(chosen).to_contain_text("±12 m")
    phone.page.context.set_geolocation(AWAY)
    expect(console.see(".location-report").first).to_contain_text("±30 m")
    expect(chosen).to_contain_text("±12 m")  # the caller moves, the chosen place does not

    expect(phone.see("#stop")).to_have_text(words["stop"])
    phone.see("#stop").tap()
    over = "Stopped by the caller" if language == "en" else "Dihentikan penelepon"
    expect(console.see(".location-state")).to_contain_text(over)
    expect(phone.see(".call")).to_have_attribute("href", "tel:112")


def test_a_second_telephone_and_a_closed_ticket_get_a_clear_page(people, exchange, office):
    _console, call, link = asked_where(people, exchange, "081200000602")
    first, second = telephone(people), telephone(people)
    first.open(link)
    first.see("#share").tap()
    expect(first.see("#status")).to_contain_text("Lokasi terkirim")
    second.witness.expect_refusal(410, "/l/")
    second.open(link)
    expect(second.see("[role=alert]")).to_contain_text("sudah dipakai")
    first.open(link)  # loaded again, on the telephone that shares
    expect(first.see("#status")).to_contain_text("Lokasi terkirim")
    first.witness.expect_refusal(410, "/l/")
    office.does("operator1", call.ticket, "close", disposition="handled_by_phone")
    expect(first.see("#status")).to_contain_text("sudah berakhir")
    expect(first.see("#title")).to_have_text("Lokasi tidak dibagikan")


def test_a_refused_permission_says_what_to_do_and_binds_nothing(people, exchange):
    console = people.operator()
    call = exchange.ring("081200000603")
    console.take(call.ticket)
    console.see('[data-action="ask-location"]').click()
    link = link_of(console)
    refusing = telephone(people, permissions=[])
    refusing.open(link)
    refusing.see("#share").tap()
    expect(refusing.see("#help")).to_contain_text("Izin lokasi ditolak")
    expect(refusing.see("#share")).to_have_text("Coba lagi")
    agreeing = telephone(people)
    agreeing.open(link)
    agreeing.see("#share").tap()
    expect(agreeing.see("#status")).to_contain_text("Lokasi terkirim")


def test_a_slow_network_carries_it_and_a_lost_one_keeps_the_newest(people, exchange):
    console, _call, link = asked_where(people, exchange, "081200000604")
    phone = telephone(people)
    network = phone.page.context.new_cdp_session(phone.page)
    network.send("Network.enable")
    received = []
    network.on("Network.loadingFinished", lambda event: received.append(event["encodedDataLength"]))
    network.send("Network.emulateNetworkConditions", EDGE)
    phone.open(link)
    phone.see("#share").tap()
    expect(phone.see("#status")).to_contain_text("Lokasi terkirim", timeout=20_000)
    assert 0 < sum(received) < BUDGET_BYTES
    phone.witness.expect_no_network()
    network.send("Network.emulateNetworkConditions", {**EDGE, "offline": True})
    phone.page.context.set_geolocation({**AWAY, "accuracy": 99})
    expect(phone.see("#status")).to_contain_text("Belum terkirim")
    phone.page.context.set_geolocation(AWAY)
    network.send("Network.emulateNetworkConditions", {**EDGE, "offline": False, "latency": 50})
    expect(console.see(".location-report").first).to_contain_text("±30 m", timeout=30_000)
    expect(phone.see("#status")).to_contain_text("akurasi 30 m")


def test_without_scripts_there_is_a_clear_word(people, exchange):
    console = people.operator()
    call = exchange.ring("")
    console.take(call.ticket)
    console.press("Control+;")
    phone = telephone(people, java_script_enabled=False)
    phone.open(link_of(console))
    # Playwright turns scripts off too late for the parser, so the word is looked for in the source.
    assert "<noscript><p" in phone.page.content()
    expect(phone.see("#share")).to_be_disabled()
    expect(phone.see(".call")).to_be_visible()
    expect(console.see(".location-warning")).to_contain_text("Nomor tidak dikirim")


def test_the_map_shows_the_whole_city_again_when_the_ticket_is_left(people, exchange):
    console, call, link = asked_where(people, exchange, "081200000609")
    phone = telephone(people)
    phone.open(link)
    phone.see("#share").tap()
    expect(console.see(".map-live")).to_be_visible()
    expect(console.see(".map-name--kelurahan:not([hidden])").first).to_be_visible()
    console.see('[data-action="leave"]').click()
    expect(console.see(".map-name--kecamatan:not([hidden])").first).to_be_visible()
    expect(console.see(".map-name--kelurahan:not([hidden])")).to_have_count(0)
    exchange.ended(call, answered=False)
