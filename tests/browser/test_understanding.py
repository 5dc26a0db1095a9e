"""An operator types a line: what is proposed says how it was found, and what is not clear is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.legibility import out_of_reach
from tests.browser.screens import Console

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

KALIGANDU, SUKAWANA_CURUG = "36.73.01.1010", "36.73.04.1007"


@pytest.fixture
def dewi(people, exchange) -> Iterator[Console]:
    """An operator with a caller on the line."""
    console = people.operator(1)
    call = exchange.ring("081200000471")
    console.take(call.ticket)
    exchange.answered(call, "op1")
    console.number = call.ticket
    yield console
    exchange.ended(call, answered=True)


def test_what_is_proposed_says_how_it_was_found(dewi):
    dewi.hear("kebakaran rumah di kaligndu rt 02 rw 07")
    expect(dewi.chosen("places")).to_contain_text("Kaligandu, RT 2 RW 7")
    expect(dewi.chosen("places")).to_contain_text("ejaan mirip “kaligndu”")
    expect(dewi.chosen("types")).to_contain_text("“kebakaran rumah”")
    dewi.entry.fill("")
    dewi.hear("tabrakan jl ahmad yani dekat alun-alun")
    expect(dewi.chosen("places")).to_contain_text("Jl. Ahmad Yani, dekat Alun-alun Kota Serang")
    expect(dewi.chosen("places")).to_contain_text("Kel. Serang")
    dewi.entry.fill("")
    dewi.hear("kecelakaan -6,11221 106,15865")
    expect(dewi.chosen("places")).to_contain_text("Kel. Cimuncang")
    expect(dewi.chosen("places")).to_contain_text("koordinat")


def test_an_unclear_type_is_chosen_with_a_digit_and_what_is_typed_meanwhile_is_not_lost(dewi, office):
    said = "tangan kena mesin potong darah banyak di pasar rau"
    dewi.hear(said)
    expect(dewi.see('[data-part="type-unclear"]')).to_contain_text("Belum jelas")
    expect(dewi.chosen("types")).to_have_count(0)
    expect(dewi.see('#priority [aria-checked="false"]')).to_have_count(4)
    expect(dewi.see('[data-field="send-words"]')).to_have_text("Kirim")  # what is missing is said then
    dewi.press("Control+Enter")
    expect(dewi.toast("Tekan angkanya, atau ketik lagi.")).to_be_visible()
    expect(dewi.see("#types :focus")).to_have_count(1)
    dewi.page.keyboard.type(", rt 2")  # the caller goes on speaking
    expect(dewi.entry).to_have_value(f"{said}, rt 2")
    expect(dewi.chosen("places")).to_contain_text("RT 2")  # what was typed meanwhile has been read
    dewi.press("Control+Enter")
    expect(dewi.see("#types :focus")).to_have_count(1)
    codes = [row.get_attribute("data-key") for row in dewi.see("#types [role=option]").all()]
    dewi.press(str(1 + codes.index("gawat-darurat-medis")), "Control+Enter")
    expect(dewi.assignment("PSC119")).to_be_visible()
    assert office.ticket(dewi.number)["priority"] == "P1"
    assert office.ticket(dewi.number)["words"] == f"{said}, rt 2"


def test_twins_are_told_apart_and_sending_asks_which(dewi, office):
    dewi.hear("kebakaran rumah di sukawana")
    rows = dewi.see("#places [role=option]")
    expect(rows).to_have_count(2)
    assert len(set(rows.all_inner_texts())) == 2
    expect(dewi.chosen("places")).to_have_count(0)
    expect(dewi.see('[data-part="unclear"]')).to_have_text("belum jelas: pilih lokasi")
    dewi.press("Control+Enter")
    expect(dewi.toast("pilih lokasi")).to_be_visible()
    expect(dewi.see("#places :focus")).to_have_count(1)
    assert office.ticket(dewi.number)["assignments"] == []
    curug = rows.filter(has_text="Kec. Curug").get_attribute("data-key")
    dewi.press(str(4 + [row.get_attribute("data-key") for row in rows.all()].index(curug)), "Control+Enter")
    expect(dewi.assignment("DAMKAR")).to_be_visible()
    assert office.ticket(dewi.number)["place"]["kelurahan_code"] == SUKAWANA_CURUG


def test_a_place_outside_the_city_is_named_with_its_distance_and_not_sent(dewi, office):
    dewi.hear("kebakaran rumah di pandeglang kota")
    row = dewi.see("#places [role=option]").first
    expect(row).to_contain_text(re.compile(r"di luar kota, ±\d+ km"))
    expect(row).to_contain_text("paling dekat Kel.")
    expect(dewi.chosen("places")).to_have_count(0)
    row.click()
    dewi.press("Control+Enter")
    expect(dewi.toast("di luar kota")).to_be_visible()
    assert office.ticket(dewi.number)["place"] is None


def test_a_map_link_without_coordinates_gets_a_clear_word(dewi):
    dewi.hear("kebakaran rumah https://maps.app.goo.gl/AbCdEf123456")
    expect(dewi.see('[data-part="notice"]')).to_contain_text("tidak memuat koordinat")


def test_a_choice_made_by_hand_stays_while_more_is_typed_and_the_words_stay_as_typed(dewi, office):
    words = "kebakaran rmh di  Kaligandu 😀 RT 02, pak!!"
    dewi.hear(words[:26])
    dewi.see("#types [role=option]").last.click()
    by_hand = dewi.chosen("types").get_attribute("data-key")
    dewi.press("Escape", "End")
    dewi.hear(words[26:])
    dewi.see("#places [role=option]").last.click()
    chosen = dewi.chosen("places").get_attribute("data-key")
    dewi.press("Escape", "End")
    dewi.hear(" di pasar rau, ada yang jatuh dari motor")
    expect(dewi.see("#places [role=option]", "Pasar Induk Rau")).to_have_count(1)
    assert dewi.chosen("types").get_attribute("data-key") == by_hand
    assert dewi.chosen("places").get_attribute("data-key") == chosen
    dewi.press("Control+Enter")
    expect(dewi.see("#assignments .follow").first).to_be_visible()
    assert office.ticket(dewi.number)["words"] == words + " di pasar rau, ada yang jatuh dari motor"


def test_digits_choose_only_in_the_group_that_has_the_focus(dewi):
    dewi.hear("kebakaran rumah di sukawana rt 4")
    expect(dewi.chosen("places")).to_have_count(0)
    expect(dewi.entry).to_have_value(re.compile("rt 4$"))
    words = dewi.entry.input_value()
    dewi.see("#places [role=option]").first.focus()
    dewi.press("5")  # the second place: 1 to 3 are the types
    expect(dewi.chosen("places")).to_have_attribute(
        "data-key", dewi.see("#places [role=option]").nth(1).get_attribute("data-key")
    )
    expect(dewi.entry).to_have_value(words)


@pytest.mark.parametrize("language", ["id", "en"])
def test_no_row_is_cut_so_that_two_look_alike(people, exchange, language):
    console = people.operator(1, locale=f"{language}-{language.upper()}")
    console.in_language(language)
    console.open("/console")
    console.connected()
    call = exchange.ring("081200000472")
    console.take(call.ticket)
    exchange.answered(call, "op1")
    console.hear("kebakaran jl syech nawawi al-bantani arah kp3b rt 2 rw 3 no 14, sukawana")
    expect(console.see("#places [role=option]").first).to_be_visible()
    cut = console.page.evaluate(
        """() => [...document.querySelectorAll("#places .row-title, #places .row-under")]
            .filter((line) => line.scrollWidth > line.clientWidth + 1).map((line) => line.textContent)"""
    )
    assert cut == []
    texts = console.see("#places [role=option]").all_inner_texts()
    assert len(set(texts)) == len(texts)
    assert out_of_reach(console.page) == []
    exchange.ended(call, answered=True)
