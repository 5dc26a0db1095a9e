"""Nobody goes, nobody has heard of it: seen and heard at every seat, by its owner too, and while in another call."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.on_call import OnCall, server_with_whatsapp

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

WARD = "36.73.01.1007"
NOBODY = "semua menolak, belum ada yang berangkat"


@pytest.fixture(scope="module")
def siaga(chromium, tmp_path_factory):
    with server_with_whatsapp(tmp_path_factory.mktemp("siaga")) as server:
        on_call = OnCall(server)
        for agency, channel in (("DLH", "whatsapp"), ("BPBD", "whatsapp"), ("PLN", "telegram")):
            for role in ("duty", "chief", "head"):
                on_call.add(agency, role, f"{role} {agency}", channel)
        yield server


def declines(office, ticket, agency):
    assignment = next(one["id"] for one in office.ticket(ticket)["assignments"] if one["agency"] == agency)
    answer = office.of(agency.lower()).post(f"/api/v1/assignments/{assignment}/decline", {"reason_code": "no_unit"})
    assert answer.status_code == 200, answer.text


def test_all_have_declined_is_loud_for_the_owner_in_another_call_and_for_colleagues(people, exchange, office):
    owner, colleague = people.operator(1), people.operator(2)
    first = exchange.ring("081200004601")
    office.dispatched("operator1", first.ticket, "pohon-tumbang", WARD, ["DLH", "BPBD"])
    exchange.ended(first, answered=True)
    other = exchange.ring("081200004602")
    owner.take(other.ticket)
    exchange.answered(other, "op1")
    declines(office, first.ticket, "DLH")
    declines(office, first.ticket, "BPBD")
    for screen in (owner, colleague):
        expect(screen.toast(NOBODY)).to_be_visible()
        assert screen.page.title().startswith("(1) Semua menolak")
    row = owner.see(f'.lists [data-key="{first.ticket}"]')
    expect(row).to_contain_text("semua menolak")
    expect(row.locator("[data-part=timer]")).to_have_attribute("data-look", "late")
    need = colleague.see("#needs .need-row", first.short)
    expect(need).to_have_count(1)
    expect(need).to_contain_text("Semua menolak, belum ada yang berangkat.")
    colleague.toast(NOBODY).locator("button").click()
    expect(colleague.toast(NOBODY)).to_have_count(0)
    expect(owner.toast(NOBODY)).to_be_visible()  # silenced at one seat is silenced there
    office.does("operator1", first.ticket, "dispatch", agencies=["DAMKARKAB"])
    expect(owner.toast(NOBODY)).to_have_count(0)
    expect(owner.see(f'.lists [data-key="{first.ticket}"]')).not_to_contain_text("semua menolak")
    exchange.ended(other, answered=True)


def test_whom_no_message_reaches_is_loud_at_once_and_silent_once_telephoned(people, exchange, office):
    colleague = people.operator(2)
    call = exchange.ring("081200004603")
    office.dispatched("operator1", call.ticket, "listrik-padam", WARD, ["PLN"])
    exchange.ended(call, answered=True)
    expect(colleague.toast(f"{call.short}: PLN belum tahu, telepon.")).to_be_visible()
    expect(colleague.see(f'#tickets [data-key="{call.ticket}"]')).to_contain_text("telepon PLN")
    expect(colleague.see("#needs .need-row", call.short)).to_contain_text(re.compile("PLN belum tahu.*Telepon PLN 123"))
    office.agency_does("PLN", call.ticket, "acknowledge")
    expect(colleague.toast("PLN belum tahu")).to_have_count(0)
