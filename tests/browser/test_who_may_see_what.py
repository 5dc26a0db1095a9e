"""Whoever opens a page that is not theirs is told so in words; whoever's session has ended is told that too."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.screens import PHONE, Screen

pytestmark = [pytest.mark.real, pytest.mark.timeout(60)]

NOT_YOURS = "Peran Anda tidak mengizinkan tindakan ini."
NOT_FOUND = "Tidak ditemukan, atau bukan untuk instansi Anda."


@pytest.mark.parametrize("path", ["/console", "/board"])
def test_a_responder_is_refused_the_centres_pages(people, path):
    phone = people.responder()
    phone.witness.expect_refusal(403, path)
    phone.open(path)
    expect(phone.see("main")).to_contain_text(NOT_YOURS)
    phone.see("main a").first.click()
    phone.page.wait_for_url("**/agency")


def test_a_responder_is_refused_another_agencys_task(people, exchange, office):
    call = exchange.ring()
    office.dispatched("operator1", call.ticket, "pohon-tumbang", "36.73.01.1006", ["DLH"])
    [theirs] = office.ticket(call.ticket)["assignments"]
    phone = people.responder("damkar")
    path = f"/agency/{theirs['id']}"
    phone.witness.expect_refusal(404, path)
    phone.open(path)
    expect(phone.see("main")).to_contain_text(NOT_FOUND)
    assert "Pohon tumbang" not in phone.page.content()


def test_an_operator_is_refused_an_agencys_page(people):
    console = people.operator()
    console.witness.expect_refusal(403, "/agency")
    console.open("/agency")
    expect(console.see("main")).to_contain_text(NOT_YOURS)


@pytest.mark.parametrize("path", ["/", "/console", "/agency", "/agency/1", "/board"])
def test_a_stranger_is_asked_to_sign_in(people, path):
    stranger = people.window(Screen, PHONE)
    stranger.open(path)
    expect(stranger.see("#password")).to_be_visible()
    assert "/sign-in" in stranger.page.url


def test_after_signing_in_one_is_where_one_wanted_to_be(people):
    somebody = people.window(Screen)
    somebody.open("/board")
    somebody.sign_in("supervisor")
    somebody.page.wait_for_url("**/board")
    expect(somebody.see("#open")).to_be_visible()


def test_a_wrong_password_is_said_in_words_and_the_name_is_kept(people):
    somebody = people.window(Screen)
    somebody.witness.expect_refusal(401, "/sign-in")
    somebody.open("/sign-in")
    somebody.page.fill("#username", "operator1")
    somebody.page.fill("#password", "salah-sandi")
    somebody.press("Enter")
    expect(somebody.see("#sign-in-error")).to_contain_text("Nama pengguna atau kata sandi salah.")
    expect(somebody.see("#username")).to_have_value("operator1")


def test_a_session_ended_on_the_command_line_is_said_and_its_socket_cut(people, siaga, exchange):
    console, phone = people.operator(2), people.responder("pmi")
    call = exchange.ring("081300000200")
    console.take(call.ticket)
    console.hear("pohon tumbang")
    for screen, username in ((console, "operator2"), (phone, "pmi")):
        screen.witness.expect_refusal(401, "/api/v1/")
        done = siaga.flask("user", "deactivate", username)
        assert done.returncode == 0, done.stderr
    expect(console.see("#session-banner")).to_contain_text("Sesi Anda berakhir.")
    expect(console.see("#session-banner a")).to_have_attribute("target", "_blank")
    expect(console.entry).to_have_value("pohon tumbang")
    expect(console.see('[data-part="link"]')).not_to_have_attribute("data-look", "connected")
    expect(phone.see("#signed-out")).to_contain_text("Sesi berakhir.")
    later = exchange.ring("081300000201")
    expect(console.see('[data-part="link"]')).to_have_attribute("data-look", "disconnected")
    expect(console.ringing(later.ticket)).to_have_count(0)
