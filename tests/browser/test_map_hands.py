"""Hands on the map: the pin is dragged or pushed, a point is asked for its coordinates, and becomes a landmark."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.app.running_server import until
from tests.browser.screens import WIDE_DESK

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

PIN = ".leaflet-marker-draggable"
#: So many looks in a row at the same place.
AT_REST = 10


def with_a_place(console, exchange, **call):
    """A call is taken, and its line names a landmark, so that the pin stands on the map."""
    ring = exchange.ring(**call)
    console.take(ring.ticket)
    console.hear("kebakaran dpn terminal pakupatan")
    expect(console.chosen("places")).to_contain_text("Terminal Pakupatan")
    console.see(f"{PIN} .map-drop").wait_for()
    return ring


def middle(console, selector):
    """Where something is, once the map has come to rest: a hand that grabs past a moving pin drags the map."""
    seen = []

    def rests():
        seen.append(console.see(selector).bounding_box())
        return len(seen) >= AT_REST and all(box == seen[-1] for box in seen[-AT_REST:])

    until(rests)
    box = seen[-1]
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_the_dragged_pin_becomes_the_place_with_the_kelurahan_under_it(people, exchange, office):
    console = people.operator()
    ring = with_a_place(console, exchange)
    x, y = middle(console, f"{PIN} .map-drop")
    console.page.mouse.move(x, y)
    console.page.mouse.down()
    console.page.mouse.move(x, y + 140, steps=8)
    console.page.mouse.up()
    expect(console.chosen("places")).to_contain_text("titik digeser")
    expect(console.chosen("places")).to_contain_text("Kel. Banjar Agung")
    console.press("Escape", "Control+Enter")
    console.see("#assignments .follow").first.wait_for()
    place = office.ticket(ring.ticket)["place"]
    assert (place["kelurahan"], place["text"]) == ("Banjar Agung", "Terminal Pakupatan")
    assert place["lat"] < -6.125


def test_the_pin_is_pushed_with_the_arrow_keys(people, exchange):
    console = people.operator()
    with_a_place(console, exchange)
    console.see(PIN).focus()
    console.press("ArrowDown", "ArrowDown", "Shift+ArrowRight", "Enter")
    expect(console.chosen("places")).to_contain_text("titik digeser")
    expect(console.see(PIN)).to_be_focused()


def test_a_right_click_shows_coordinates_and_makes_the_point_the_place(people, exchange):
    console = people.operator()
    console.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    with_a_place(console, exchange)
    x, y = middle(console, "#map")
    console.page.mouse.click(x - 60, y + 60, button="right")
    menu = console.see(".map-menu")
    decimal, degrees = menu.locator(".map-menu-item").nth(0), menu.locator(".map-menu-item").nth(1)
    expect(decimal).to_have_text(re.compile(r"^-6\.\d{6}, 106\.\d{6}$"))
    expect(degrees).to_have_text(re.compile(r"^6°\d\d'\d\d\.\d\" LS, 106°\d\d'\d\d\.\d\" BT$"))
    shown = decimal.text_content()
    decimal.click()
    expect(decimal).to_contain_text("Disalin")
    assert console.page.evaluate("navigator.clipboard.readText()") == shown
    menu.locator(".map-menu-item", has_text="Jadikan lokasi").click()
    expect(console.chosen("places")).to_contain_text("titik di peta")
    expect(console.chosen("places")).to_contain_text("Kel. ")
    expect(menu).to_be_hidden()


def test_the_menu_is_worked_without_a_mouse(people, exchange):
    console = people.operator()
    with_a_place(console, exchange)
    console.see(PIN).focus()
    console.press("m")
    menu = console.see(".map-menu")
    expect(menu.locator(".map-menu-item").first).to_be_focused()
    console.press("ArrowDown", "ArrowDown")
    expect(menu.locator(".map-menu-item").nth(2)).to_be_focused()
    console.press("Escape")
    expect(menu).to_be_hidden()
    expect(console.see(PIN)).to_be_focused()
    console.press("Shift+F10")
    expect(menu).to_be_visible()
    expect(console.see("#entry")).to_have_value("kebakaran dpn terminal pakupatan")


def test_a_landmark_added_on_the_map_is_found_by_a_colleague_at_once_until_it_is_retired(people, exchange):
    dewi, rizki = people.operator(1), people.operator(2)
    with_a_place(dewi, exchange)
    dewi.see(PIN).focus()
    dewi.press("m")
    dewi.see(".map-menu-item", "Tambah patokan").click()
    expect(dewi.see("#landmark")).to_contain_text("Otomatis: Banjar Agung")
    dewi.page.keyboard.type("Warung <b>Bu Imas</b>")
    dewi.page.fill("#landmark [name=others]", "Kopi Pojok, Imas")
    dewi.press("Enter")
    expect(dewi.toast("Patokan ditambahkan")).to_be_visible()
    ring = exchange.ring("081200000555")
    rizki.take(ring.ticket)
    rizki.hear("orang pingsan dpn kopi pojok")
    expect(rizki.chosen("places")).to_contain_text("Warung <b>Bu Imas</b>")
    rizki.press("Control+k")
    rizki.page.keyboard.type("daftar patokan")
    rizki.press("Enter")
    row = rizki.see("#landmarks .landmark-row", "Bu Imas")
    expect(row).to_contain_text("Kel. Banjar Agung")
    expect(row.locator('[data-part="retire"]')).to_be_hidden()
    dewi.press("Control+k")
    dewi.page.keyboard.type("daftar patokan")
    dewi.press("Enter")
    retire = dewi.see("#landmarks .landmark-row", "Bu Imas").locator('[data-part="retire"]')
    retire.click()
    expect(retire).to_contain_text("Tekan lagi")
    retire.click()
    expect(dewi.see("#landmarks .list-empty")).to_be_visible()
    rizki.press("Escape")
    rizki.entry.fill("")
    rizki.hear("pingsan dpn kopi pojok")
    expect(rizki.see("#places")).not_to_contain_text("Bu Imas")


def test_a_point_outside_of_the_city_is_refused_and_what_was_typed_stays(people, exchange):
    console = people.operator()
    console.witness.expect_refusal(422, "/landmarks")
    console.witness.expect_refusal(400, "/landmarks")
    for _ in range(6):
        console.see('.map-button[aria-label="Perkecil peta"]').click()
    box = console.see("#map").bounding_box()
    console.page.mouse.click(box["x"] + 20, box["y"] + box["height"] - 80, button="right")
    console.see(".map-menu-item", "Tambah patokan").click()
    expect(console.see("#landmark .dialog-problem")).to_contain_text("di luar kota")
    console.page.fill("#landmark [name=name]", "Jauh Sekali")
    console.press("Enter")
    expect(console.see("#landmark .dialog-problem")).to_contain_text("tidak dapat dipakai")
    expect(console.see("#landmark [name=name]")).to_have_value("Jauh Sekali")


def test_the_callers_own_location_is_a_circle_of_its_own_beside_the_pin(people, exchange):
    console = people.operator()
    with_a_place(console, exchange, location='shape="Circle",crs="2d",pos="-6.1201 106.1941",radius="300"')
    expect(console.see(".map-caller")).to_be_visible()
    console.press("Escape")
    console.see('[data-action="leave"]').click()
    expect(console.see(".map-caller")).to_have_count(0)


def test_landmarks_can_be_turned_off_and_stay_off(people, exchange):
    console = people.operator(size=WIDE_DESK)
    with_a_place(console, exchange)
    names = console.see(".map-name--landmark:not([hidden])")
    expect(names.first).to_be_visible()
    console.see('.map-button[aria-label="Patokan di peta"]').click()
    expect(names).to_have_count(0)
    console.page.reload()
    expect(console.see('.map-button[aria-label="Patokan di peta"]')).to_have_attribute("aria-pressed", "false")
