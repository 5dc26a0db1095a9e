"""Whatever a caller's network or an operator's keyboard sends is text on every screen, and nothing else."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

MARKUP = "<script>window.hacked=1</script><img src=x onerror=window.hacked=1>"
WORDS = (
    f'kebakaran rumah dpn pasar rau \'; DROP TABLE tickets; -- "{MARKUP}" ${{7*7}} {{{{7*7}}}} 🔥👩‍🚒 \u202eterbalik'
)
NO_NUMBERS = (
    "812'; DROP TABLE calls; --",
    '"Si Api" <sip:112@x>',
    "0812<script>window.hacked=1</script>",
    "0812🔥🚒",
    "9" * 300,
    "anonymous",
    None,
)
LONG = "Kebakaran rumah di Pasar Rau. " + "<b>api</b> besar sekali, " * 400


@pytest.fixture
def console(people):
    return people.operator()


def harmless(screen):
    """Nothing of it was executed, and nothing of it pushes the page aside."""
    return not screen.page.evaluate("window.hacked || document.documentElement.scrollWidth > innerWidth")


def test_what_is_no_telephone_number_is_not_shown_as_one(console, exchange):
    good = exchange.ring("+62 (0)812-0000-0417", name=MARKUP)
    odd = [exchange.ring(number, name=MARKUP) for number in NO_NUMBERS]
    expect(console.ringing(good.ticket)).to_contain_text("0812-0000-0417")
    for call in odd:
        expect(console.ringing(call.ticket)).to_contain_text("Nomor tidak dikirim")
    assert harmless(console)


def test_what_is_typed_reaches_the_agency_as_it_was_typed(people, console, exchange, office):
    phone = people.responder()
    call = exchange.ring()
    console.take(call.ticket)
    console.hear(WORDS)
    expect(console.see("#entry-under")).to_contain_text(MARKUP)
    expect(console.see("#agencies")).to_contain_text("DAMKAR")
    console.press("Control+Enter")
    expect(phone.task(call.short)).to_contain_text("<script>window.hacked=1</script>")
    phone.task(call.short).locator('[data-part="open"]').tap()
    expect(phone.see("#words")).to_contain_text(MARKUP)
    assert office.ticket(call.ticket)["words"] == WORDS
    for screen in (console, phone):
        assert harmless(screen)
        assert screen.see("img[src=x]").count() == 0


def test_ten_thousand_characters_are_kept_and_can_be_read_on_a_phone(people, console, exchange, office):
    typed = LONG[:10_000].strip()
    phone = people.responder()
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
    assert harmless(phone)
