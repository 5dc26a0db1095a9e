"""An officer with a message and no sign-in: the link that it carries, on the officer's telephone and on another."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.follow_up import FollowUp
from tests.browser.screens import PHONE, Screen

pytestmark = pytest.mark.real

FIRE = "kebakaran-bangunan"
WARD = "36.73.01.1001"


@pytest.fixture
def follow_up(siaga):
    return FollowUp(siaga)


def told(siaga, exchange, office, follow_up, number):
    """A fire, sent to DAMKAR, whose officer has a message: the ticket, the assignment, the link."""
    asep = follow_up.contact("DAMKAR", "duty", "Asep")
    ticket = exchange.ring(number).ticket
    office.dispatched("operator1", ticket, FIRE, WARD, ["DAMKAR"])
    [assignment] = office.ticket(ticket)["assignments"]
    return ticket, assignment["id"], follow_up.link(assignment["id"], asep)


def telephone(people, who="officer", **options):
    return people.window(Screen, PHONE, who, locale="id-ID", **options)


def test_from_the_message_to_the_result(people, siaga, exchange, office, follow_up):
    ticket, _, link = told(siaga, exchange, office, follow_up, "081200000651")
    phone, other = telephone(people), telephone(people, "colleague")
    phone.open(link)
    expect(phone.see(".accept")).to_be_in_viewport()
    expect(phone.see("blockquote")).to_have_count(0)
    other.open(link)
    phone.see(".accept").tap()
    expect(phone.see("footer > form > button.next")).to_contain_text("Menuju lokasi")
    expect(phone.see("main")).to_contain_text("Diterima")
    # The forwarded one hears of it by itself, and shows nothing more.
    expect(other.see(".card")).to_contain_text("Asep", timeout=20_000)
    expect(other.see("button.accept")).to_have_count(0)
    phone.see("footer > form > button.next").tap()
    expect(phone.see("footer > form > button.next")).to_contain_text("Tiba di lokasi")
    phone.see("footer > form > button.next").tap()
    expect(phone.see("summary.next")).to_contain_text("Selesai")
    phone.see("summary.next").tap()
    phone.page.fill("textarea", "api padam, tidak ada korban")
    phone.see("form button.next").tap()
    expect(phone.see(".card")).to_contain_text("Tugas selesai")
    assert office.ticket(ticket)["assignments"][0]["note"] == "api padam, tidak ada korban"


def test_without_script(people, siaga, exchange, office, follow_up):
    ticket, _, link = told(siaga, exchange, office, follow_up, "081200000652")
    phone = telephone(people, java_script_enabled=False)
    phone.open(link)
    phone.see("summary", "Tolak").tap()
    phone.see('input[value="no_unit"]').check()
    phone.see("button.stop").tap()
    expect(phone.see(".card")).to_contain_text("Tugas ditolak")
    assert office.ticket(ticket)["assignments"][0]["state"] == "declined"


def test_a_button_that_does_not_get_through_says_so_and_offers_the_telephone(
    people, siaga, exchange, office, follow_up
):
    _, _, link = told(siaga, exchange, office, follow_up, "081200000653")
    phone = telephone(people)
    phone.open(link)
    phone.witness.expect("ERR_INTERNET_DISCONNECTED", "Failed to fetch")
    phone.page.context.set_offline(True)
    phone.see(".accept").tap()
    expect(phone.see("#failed")).to_be_visible()
    expect(phone.see("#call")).to_be_focused()
    phone.page.context.set_offline(False)
    phone.see(".accept").tap()
    expect(phone.see("footer > form > button.next")).to_contain_text("Menuju lokasi")
