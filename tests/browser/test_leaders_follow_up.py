"""Nobody acts for days: it reaches Sekda, who asks for it; the agency reads that on its task, and answers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.follow_up import FollowUp
from tests.browser.screens import DESK, PHONE, Screen

pytestmark = pytest.mark.real

ASKED = "Mohon segera ke lokasi, lapor ke saya."


@pytest.fixture
def late(siaga, exchange, office):
    """A fallen tree that DLH has not accepted for three days, and its assignment."""
    follow_up = FollowUp(siaga)
    for office_code, name, username in (("SETDA", "Sekda", "sekda"), ("WALIKOTA", "Wali Kota", "walikota")):
        follow_up.contact(office_code, "leader", name, username)
    ticket = exchange.ring("081200000661").ticket
    office.dispatched("operator1", ticket, "pohon-tumbang", "36.73.05.1002", ["DLH"])
    [assignment] = office.ticket(ticket)["assignments"]
    follow_up.days_pass(assignment["id"], 3)
    return ticket, assignment["id"]


def test_from_the_leaders_telephone_to_the_agencys_and_back(people, office, late):
    ticket, assignment = late
    leader = people.window(Screen, PHONE, "sekda", locale="id-ID")
    leader.open("/sign-in")
    leader.sign_in("sekda")
    card = leader.see("#cases-waiting > li", ticket)
    expect(card).to_contain_text("DLH belum menerima tugas", timeout=20_000)
    expect(card.locator('[data-part="timer"]')).to_contain_text("lewat")
    card.locator('[data-action="follow"]').tap()
    leader.see("#follow-words").fill(ASKED)
    leader.see(".choice").nth(1).tap()
    leader.see('.follow button[type="submit"]').tap()
    expect(leader.see("#notice-words")).to_contain_text("Instansi melihatnya sekarang")
    expect(leader.see("#cases-running > li", ticket)).to_contain_text(ASKED)

    agency = people.window(Screen, PHONE, "dlh", locale="id-ID")
    agency.open("/sign-in")
    agency.sign_in("dlh")
    agency.open(f"/agency/{assignment}")
    expect(agency.see("#instructions")).to_contain_text(ASKED)
    agency.see('[data-action="answer-leader"]').tap()
    expect(agency.see('[data-action="answer-leader"]')).to_be_hidden()
    expect(leader.see("#cases-done > li", ticket)).to_be_visible(timeout=20_000)
    office.does("operator1", ticket, "close", disposition="cancelled")


def test_a_desk_shows_the_ladder_and_keeps_what_is_typed(people, late):
    ticket, _ = late
    leader = people.window(Screen, DESK, "sekda", locale="id-ID")
    leader.open("/sign-in")
    leader.sign_in("sekda")
    leader.see(f'#cases-waiting [data-key^="{ticket}"] [data-action="choose"]').click(timeout=20_000)
    expect(leader.see("#detail .rung")).to_have_count(6)
    expect(leader.see('#detail .rung[data-look="mine"]')).to_contain_text("Sekda")
    leader.see("#follow-words").fill("setengah jadi")
    leader.page.reload()
    leader.see(f'#cases-waiting [data-key^="{ticket}"] [data-action="choose"]').click()
    expect(leader.see("#follow-words")).to_have_value("setengah jadi")
    leader.see("#follow-words").fill("")
    leader.see('.follow button[type="submit"]').click()
    expect(leader.see("#follow-problem")).to_be_visible()
