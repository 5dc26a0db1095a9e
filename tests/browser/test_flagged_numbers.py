"""A supervisor before the page of flagged numbers: sees the evidence, decides with a reason, ends a block."""

from __future__ import annotations

import csv
import io
from contextlib import contextmanager

import pytest
from playwright.sync_api import expect

from tests.app.running_server import Browser as Session
from tests.browser.legibility import out_of_reach
from tests.browser.screens import Screen
from tests.browser.test_both_languages import foreign, in_language
from tests.browser.test_sizes import SIZES, at_every_size

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

NASTY = '"; DROP TABLE number_flags; <b>😀</b>'


def prank(office, exchange, number, times=1):
    """Calls from a number that an operator marks as pranks; the last ticket."""
    for _ in range(times):
        call = exchange.ring(number)
        office.does("operator2", call.ticket, "claim")
        exchange.answered(call, "op2")
        office.does("operator2", call.ticket, "classify", classification="prank")
        exchange.ended(call, answered=True)
    return call.ticket


@contextmanager
def supervisor(people, path="/numbers"):
    screen = people.signed_in(Screen, "supervisor", path)
    expect(screen.see('[data-part="link"]').first).to_have_attribute("data-look", "connected")
    yield screen


def card(screen, list_, shown):
    return screen.see(f"#{list_} > li", shown)


def test_a_proposal_appears_by_itself_and_is_decided_with_a_reason(people, office, exchange):
    with supervisor(people) as page:
        genuine = exchange.ring("081277770001")
        office.dispatched("operator2", genuine.ticket, "pohon-tumbang", "36.73.01.1006", ["DLH"])
        exchange.ended(genuine, answered=True)
        prank(office, exchange, "081277770001", 6)
        proposal = card(page, "proposed", "0812-7777-0001")
        expect(proposal).to_contain_text("Panggilan iseng dalam 30 hari: 6, batasnya 5.")
        expect(proposal).to_contain_text("Awas: panggilan sah dari nomor ini dalam 30 hari: 1.")
        proposal.locator("summary").click()
        expect(proposal.locator("tbody tr")).to_have_count(7)
        page.picture("numbers-proposed")
        proposal.locator('[data-action="approve"]').click()
        expect(proposal).to_contain_text("Tulis alasan lebih dulu")
        proposal.locator('[name="reason"]').fill(NASTY)
        page.press("Enter")
        block = card(page, "blocks", "0812-7777-0001")
        expect(block).to_contain_text("sisa 23 j 59")
        expect(block).to_contain_text(NASTY)
        expect(card(page, "proposed", "0812-7777-0001")).to_have_count(0)
        page.picture("numbers-blocked", theme="light")
        block.locator('[name="reason"]').fill("Anak kecil, orang tua sudah ditelepon")
        block.locator('[data-action="lift"]').click()
        expect(card(page, "decided", "0812-7777-0001")).to_contain_text("blokir dicabut")
        expect(card(page, "blocks", "0812-7777-0001")).to_have_count(0)


def test_an_undone_prank_withdraws_what_waits_and_is_shown_beside_what_was_decided(people, office, exchange):
    with supervisor(people) as page:
        last = prank(office, exchange, "081277770002", 6)
        expect(card(page, "proposed", "0812-7777-0002")).to_be_visible()
        office.does("operator2", last, "reopen")
        expect(card(page, "proposed", "0812-7777-0002")).to_have_count(0)
        office.does("operator2", last, "classify", classification="prank")
        proposal = card(page, "proposed", "0812-7777-0002")
        proposal.locator('[name="reason"]').fill("Iseng berulang")
        proposal.locator('[data-action="approve"]').click()
        expect(card(page, "blocks", "0812-7777-0002")).to_be_visible()
        office.does("operator2", last, "reopen")
        expect(card(page, "blocks", "0812-7777-0002")).to_contain_text("Bukti yang bukan iseng lagi: 1.")


def test_a_reason_that_is_being_typed_stays_while_others_work(people, office, exchange):
    prank(office, exchange, "081277770003", 6)
    with supervisor(people) as page:
        proposal = card(page, "proposed", "0812-7777-0003")
        proposal.locator('[name="reason"]').type("Sudah enam kali")
        prank(office, exchange, "081277770004", 6)
        expect(card(page, "proposed", "0812-7777-0004")).to_be_visible()
        expect(proposal.locator('[name="reason"]')).to_have_value("Sudah enam kali")
        expect(proposal.locator('[name="reason"]')).to_be_focused()
        proposal.locator('[data-action="reject"]').click()
        expect(card(page, "decided", "0812-7777-0003")).to_contain_text("ditolak supervisor")


def test_more_than_ten_go_onto_the_ministrys_list_as_a_file(people, office, exchange, siaga):
    prank(office, exchange, "081277770005", 11)
    with supervisor(people) as page:
        total = card(page, "proposed", "0812-7777-0005").filter(has_text="Blokir total")
        total.locator('[name="reason"]').fill("=Sebelas kali; polisi tahu")
        total.locator('[data-action="approve"]').click()
        expect(card(page, "ministry", "0812-7777-0005")).to_be_visible()
    with Session(siaga, "supervisor") as session:
        answer = session.get("/numbers/ministry.csv")
    assert "attachment" in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["nomor"], row["jumlah_panggilan_iseng"]) == ("081277770005", "11")
    assert row["alasan"] == "'=Sebelas kali; polisi tahu"


def test_a_block_by_hand_needs_a_prank_for_its_evidence(people, office, exchange):
    ticket = prank(office, exchange, "081277770006")
    open_ticket = exchange.ring("081277770007")
    with supervisor(people) as page:
        page.see(".flag-by-hand summary").click()
        form = page.see("#by-hand")
        page.witness.expect_refusal(400, "block-number")
        form.locator('[name="ticket"]').fill(open_ticket.ticket)
        form.locator('[name="reason"]').fill("Mengancam operator")
        page.press("Enter")
        expect(form).to_contain_text("tiket harus ditandai iseng")
        form.locator('[name="ticket"]').fill(ticket)
        page.press("Enter")
        expect(card(page, "blocks", "0812-7777-0006")).to_be_visible()
    exchange.ended(open_ticket, answered=False)


def test_the_operator_sees_a_blocked_caller_come_through_the_gate(people, office, exchange):
    ticket = prank(office, exchange, "081277770008")
    answer = office.of("supervisor").post(f"/api/v1/tickets/{ticket}/block-number", {"reason": "Iseng berulang"})
    assert answer.status_code == 200, answer.text
    console = people.operator()
    call = exchange.ring("081277770008")
    assert call.channel.variables["SIAGA_TREATMENT"] == "blocked"
    expect(console.ringing(call.ticket)).to_contain_text("di gerbang")
    exchange.gate(call, "passed")
    expect(console.ringing(call.ticket)).to_contain_text("lewat gerbang: tekan 1")
    console.take(call.ticket)
    expect(console.see("#caller-standing")).to_contain_text("Nomor ini diblokir sampai")
    expect(console.see("#caller-standing")).to_contain_text("Lewat gerbang: tekan 1.")
    console.picture("console-gate")
    assert out_of_reach(console.page) == []
    exchange.ended(call, answered=False)


def test_an_attempt_that_fails_at_the_gate_leaves_no_callback(people, office, exchange):
    ticket = prank(office, exchange, "081277770009")
    office.of("supervisor").post(f"/api/v1/tickets/{ticket}/block-number", {"reason": "Iseng berulang"})
    console = people.operator()
    call = exchange.ring("081277770009")
    expect(console.ringing(call.ticket)).to_be_visible()
    exchange.gate(call, "failed")
    exchange.ended(call, answered=False)
    expect(console.ringing(call.ticket)).to_have_count(0)
    expect(console.see(f'#callbacks [data-key="{call.ticket}"]')).to_have_count(0)
    assert office.ticket(call.ticket)["disposition"] == "gate"


@pytest.mark.parametrize("language", ["id", "en"])
def test_the_page_in_both_languages_and_at_every_size(people, office, exchange, language):
    number = "081277770021" if language == "id" else "081277770022"
    prank(office, exchange, number, 11)
    office.of("supervisor").post(
        f"/api/v1/tickets/{prank(office, exchange, number[:-2] + '3' + number[-1])}/block-number", {"reason": "x"}
    )
    with supervisor(people) as page:
        in_language(language, page)
        page.see("#proposed summary").first.click()
        page.picture(f"numbers-{language}", theme="dark")
        assert foreign(page, language) == []
        assert at_every_size(page, SIZES) == {}


def test_an_operator_is_refused_the_page(people):
    console = people.operator()
    console.witness.expect_refusal(403, "/numbers")
    console.open("/numbers")
    expect(console.see("main")).to_contain_text("Peran Anda tidak mengizinkan tindakan ini.")
