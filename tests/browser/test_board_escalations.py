"""On the wall: how far the news has come beside each clock, who is told next, and what nobody goes to."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.legibility import out_of_reach, smaller_than
from tests.browser.on_call import OnCall, server_with_whatsapp

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

WARD = "36.73.01.1007"


@pytest.fixture(scope="module")
def siaga(chromium, tmp_path_factory):
    with server_with_whatsapp(tmp_path_factory.mktemp("siaga")) as server:
        on_call = OnCall(server)
        for role in ("duty", "chief", "head"):
            on_call.add("DAMKAR", role, f"{role} DAMKAR", "whatsapp")
            on_call.add("BPBD", role, f"{role} BPBD", "whatsapp")
        on_call.add("DISKOMINFO", "supervisor", "Wulan", "whatsapp")
        yield server


@pytest.mark.parametrize(("language", "lost_one"), [("id", "PLN"), ("en", "POLRESTA")])
def test_the_wall_shows_reach_escalations_and_when_deadlines_were_checked(people, exchange, office, language, lost_one):
    board = people.board()
    board.in_language(language)
    call = exchange.ring("081200004801")
    # Its people have no channel: its ladder climbs to the supervisor at once.
    office.dispatched("operator1", call.ticket, "kebakaran-bangunan", WARD, ["DAMKAR", lost_one])
    exchange.ended(call, answered=True)
    lost, sent = {"id": ("belum tahu", "terkirim"), "en": ("does not know", "sent")}[language]
    expect(board.agency(lost_one)).to_contain_text(lost)
    expect(board.agency("DAMKAR").locator("[data-part=state]")).to_have_text(sent)
    line = board.see("#escalation-lines .escalation-line", call.short)
    expect(line).to_contain_text(f"{lost_one} · " + {"id": "tingkat 3 dari 4", "en": "rung 3 of 4"}[language])
    expect(line.locator("[data-part=rungs] rect[data-full]")).to_have_count(3)
    checked = {"id": r"Tenggat diperiksa \d\d\.\d\d", "en": r"Deadlines checked \d\d\.\d\d"}[language]
    expect(board.see("#audit")).to_have_text(re.compile(checked), timeout=30_000)
    assert smaller_than(board.page, 30) == []
    assert out_of_reach(board.page) == []
    office.agency_does(lost_one, call.ticket, "acknowledge")
    office.agency_does("DAMKAR", call.ticket, "acknowledge")
    expect(line).to_have_count(0)


def test_what_all_have_declined_stands_first_and_red(people, exchange, office):
    board = people.board()
    board.in_language("id")
    call = exchange.ring("081200004802")
    office.dispatched("operator1", call.ticket, "pohon-tumbang", WARD, ["BPBD"])
    exchange.ended(call, answered=True)
    (assignment,) = office.ticket(call.ticket)["assignments"]
    body = {"reason_code": "no_unit"}
    assert office.of("bpbd").post(f"/api/v1/assignments/{assignment['id']}/decline", body).status_code == 200
    first = board.see("#escalation-lines .escalation-line").first
    expect(first).to_contain_text(f"{call.short} semua menolak")
    expect(first.locator("[data-part=timer]")).to_have_attribute("data-look", "late")
