"""Whatever a caller's network or an operator's keyboard sends is text on every screen, and nothing else."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

MARKUP = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
WORDS = f"kebakaran rumah dpn pasar rau '; DROP TABLE tickets; -- \"{MARKUP}\" ${{7*7}} {{{{7*7}}}} 🔥👩‍🚒 ‮terbalik"
LONG = "Kebakaran rumah di Pasar Rau. " + "<b>api</b> besar sekali 🔥 " * 400


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+62812'; DROP TABLE calls; --", "DROP TABLE calls"),
        ('"Si Api" <sip:112@x>', "<sip:112@x>"),
        ("0812<script>window.hacked=1</script>", "<script>window.hacked=1</script>"),
        ("0812🔥🚒", "🔥🚒"),
        ("9" * 300, "99999999"),
        (None, "Nomor tidak dikirim"),
    ],
    ids=["drop", "quotes", "script", "emoji", "long", "none"],
)
def test_a_callers_number_is_shown_as_text(people, exchange, number, shown):
    console = people.operator()
    call = exchange.ring(number, name=MARKUP)
    assert call.ticket
    expect(console.ringing(call.ticket)).to_contain_text(shown)
    console.take(call.ticket)
    expect(console.see(".caller-number")).to_contain_text(shown)
    assert not console.page.evaluate("window.hacked || document.documentElement.scrollWidth > innerWidth")


def test_what_is_typed_reaches_the_agency_as_it_was_typed(people, exchange, office):
    console, phone = people.operator(), people.responder()
    call = exchange.ring()
    console.take(call.ticket)
    console.hear(WORDS)
    expect(console.see("#entry-under")).to_contain_text(MARKUP)
    expect(console.see("#agencies")).to_contain_text("DAMKAR")
    console.press("Control+Enter")
    expect(phone.task(call.short)).to_contain_text(MARKUP)
    phone.task(call.short).locator('[data-part="open"]').tap()
    expect(phone.see("#words")).to_contain_text(MARKUP)
    assert office.ticket(call.ticket)["words"] == WORDS
    for screen in (console, phone):
        assert not screen.page.evaluate("window.hacked || document.documentElement.scrollWidth > innerWidth")
        assert screen.see("img[src=x]").count() == 0


def test_ten_thousand_characters_are_kept_and_can_be_read_on_a_phone(people, exchange, office):
    typed = LONG[:10_000].strip()
    console, phone = people.operator(), people.responder()
    call = exchange.ring()
    console.take(call.ticket)
    console.entry.fill(typed)
    expect(console.chosen("types")).to_be_visible()
    expect(console.chosen("places")).to_contain_text("Pasar Induk Rau")
    console.press("Control+Enter")
    expect(console.see("#assignments")).to_contain_text("DAMKAR")
    phone.task(call.short).locator('[data-part="open"]').tap()
    phone.see("#words-more").tap()
    expect(phone.see("#words")).to_contain_text(typed[-60:])
    assert office.ticket(call.ticket)["words"] == typed
    assert not phone.page.evaluate("document.documentElement.scrollWidth > innerWidth")
