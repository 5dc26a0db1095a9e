"""The network or the server goes away and comes back: what the console says meanwhile, and what it catches up on."""

from __future__ import annotations

import os
import signal

import pytest
from playwright.sync_api import expect

from tests.app.running_server import running_server
from tests.browser.relay import Relay
from tests.browser.telephone import Exchange

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

WORDS = "pohon tumbang di karundang menutup jalan"


@pytest.fixture
def relay(siaga):
    network = Relay(siaga.http_port)
    yield network
    network.close()


def sent_events(office, number):
    return [event["kind"] for event in office.ticket(number)["timeline"] if event["kind"] == "ticket.dispatched"]


def test_calls_that_rang_while_the_link_was_cut_show_when_it_is_back(people, exchange, relay):
    console = people.operator(base=relay.base)
    console.witness.expect_no_network()
    gives_up, stays = exchange.ring("081300000001"), exchange.ring("081300000002")
    expect(console.ringing(stays.ticket)).to_be_visible()
    relay.cut()
    expect(console.see("#link-banner")).to_contain_text("Sambungan terputus. Telepon tetap berdering.")
    expect(console.see('[data-part="link"]')).to_contain_text("mencoba lagi")
    exchange.ended(gives_up, answered=False)
    missed = [exchange.ring(f"08130000001{place}") for place in range(3)]
    relay.mend()
    for call in [stays, *missed]:
        expect(console.ringing(call.ticket)).to_have_count(1)
    expect(console.see("#callbacks")).to_contain_text("0813-0000-0001")
    expect(console.ringing(gives_up.ticket)).to_have_count(0)
    console.connected()
    expect(console.see("#link-banner")).to_be_hidden()


def test_what_was_sent_without_a_link_is_sent_once_when_it_is_back(people, exchange, office, relay):
    console = people.operator(base=relay.base)
    console.witness.expect_no_network()
    call = exchange.ring("081300000020")
    console.take(call.ticket)
    exchange.answered(call, "op1")  # or it would be everybody's again before the link is back
    console.hear(WORDS)
    expect(console.chosen("types")).to_contain_text("Pohon tumbang")
    expect(console.see("#agencies")).to_contain_text("DLH")
    relay.cut()
    console.press("Control+Enter")
    expect(console.toast("Tersimpan di komputer ini, terkirim sendiri nanti.")).to_be_visible(timeout=20_000)
    expect(console.see("#link-banner")).to_contain_text("tindakan menunggu dikirim")
    expect(console.entry).to_have_value(WORDS)
    assert sent_events(office, call.ticket) == []
    relay.mend()
    expect(console.assignment("DLH")).to_be_visible(timeout=20_000)
    assert sent_events(office, call.ticket) == ["ticket.dispatched"]
    assert office.ticket(call.ticket)["words"] == WORDS
    exchange.ended(call, answered=True)  # the handset is free for the next caller


def test_a_send_whose_answer_was_lost_is_not_done_twice(people, exchange, office, relay):
    console = people.operator(base=relay.base)
    console.witness.expect_no_network()
    call = exchange.ring("081300000030")
    console.take(call.ticket)
    exchange.answered(call, "op1")  # or it would be everybody's again before the link is back
    console.hear(WORDS)
    expect(console.see("#agencies")).to_contain_text("DLH")
    relay.lose_answers()
    console.press("Control+Enter")
    assert relay.swallowed.wait(10)
    relay.mend()
    expect(console.assignment("DLH")).to_be_visible(timeout=20_000)
    kinds = [event["kind"] for event in office.ticket(call.ticket)["timeline"]]
    for once in ("ticket.classified", "ticket.located", "ticket.dispatched"):
        assert kinds.count(once) == 1
    exchange.ended(call, answered=True)


def test_a_frozen_server_is_noticed_and_a_thawed_one_too(people, siaga, exchange):
    console = people.operator()
    console.witness.expect_no_network()
    os.killpg(siaga.process.pid, signal.SIGSTOP)
    try:
        expect(console.see("#link-banner")).to_contain_text("Jawab lewat pesawat telepon.", timeout=15_000)
    finally:
        os.killpg(siaga.process.pid, signal.SIGCONT)
    console.connected()
    call = exchange.ring("081300000040")
    expect(console.ringing(call.ticket)).to_be_visible()


def test_a_page_outlives_a_server_that_was_killed_and_started_again(people, siaga, relay, exchange):
    """The last test of this module: the server it shares is gone afterwards."""
    console = people.operator(base=relay.base)
    console.witness.expect_no_network()
    before = exchange.ring("081300000050")
    expect(console.ringing(before.ticket)).to_be_visible()
    os.killpg(siaga.process.pid, signal.SIGKILL)
    relay.cut()
    with running_server(data_of(siaga)) as successor:
        telephone = Exchange(successor.agi_port)
        after = telephone.ring("081300000051")
        relay.mend(successor.http_port)
        for call in (before, after):
            expect(console.ringing(call.ticket)).to_have_count(1)
        console.take(after.ticket)
        telephone.close()
        console.page.close()


def data_of(server):
    return server.environ["SIAGA_DATA"]
