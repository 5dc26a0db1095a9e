"""Each page speaks one language: whatever the catalogue translates is translated wherever it shows."""

from __future__ import annotations

import re
from functools import cache

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import expect

from tests.app.running_server import ROOT
from tests.browser.legibility import words_on
from tests.browser.screens import Screen
from tests.browser.shift import begin_shift

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

CATALOGUE = ROOT / "app" / "translations" / "en" / "LC_MESSAGES" / "messages.po"
BLANK = re.compile(r"\{\w+\}|%\(\w+\)s")
#: Less than this besides the blanks, and the pattern of a message would fit anything.
LETTERS = 4
WORDS = "kebakaran rumah dpn pasar rau, api besar, ada orang di dalam"
#: How many texts a page shows at least, so that an empty page proves nothing.
ENOUGH = 20


@cache
def messages():
    """Every message that the two languages say differently, as (Indonesian, English)."""
    with CATALOGUE.open("rb") as file:
        pairs = [(str(message.id), str(message.string)) for message in read_po(file) if message.id and message.string]
    indonesian, english = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
    return [(i, e) for i, e in pairs if i != e and i not in english and e not in indonesian]


@cache
def patterns(language):
    """One pattern for each of them in `language`, with anything in place of a {blank}."""
    column = 0 if language == "id" else 1
    texts = [pair[column] for pair in messages()]
    said = [BLANK.split(text) for text in texts]
    specific = [parts for parts in said if sum(map(str.isalpha, "".join(parts))) >= LETTERS]
    return [re.compile(".+".join(map(re.escape, parts))) for parts in specific]


def foreign(screen, language):
    """What the page says in the other language."""
    said = words_on(screen.page)
    parts = {part for text in said for part in (text, *re.split(r" · |: |\. ", text))}
    assert len(parts) > ENOUGH
    other = patterns("en" if language == "id" else "id")
    own = patterns(language)
    return sorted(part for part in parts if fits(part, other) and not fits(part, own))


def fits(part, expressions):
    return any(expression.fullmatch(part) for expression in expressions)


def in_language(language, screen):
    screen.in_language(language)
    expect(screen.see(f'html[lang="{language}"]')).to_have_count(1)
    return screen


@pytest.fixture(params=["id", "en"])
def language(request):
    return request.param


def test_the_sign_in_page(people, language):
    screen = people.window(Screen)
    screen.open("/sign-in")
    in_language(language, screen)
    assert foreign(screen, language) == []


def test_the_console_from_the_ring_to_the_agencies(people, exchange, office, language):
    console = in_language(language, people.operator())
    console.connected()
    exchange.ended(exchange.ring("089600005520"), answered=False)
    call = exchange.ring("081200000417")
    expect(console.ringing(call.ticket)).to_be_visible()
    assert foreign(console, language) == []
    console.take(call.ticket)
    exchange.answered(call, "op1")
    console.hear(WORDS)
    expect(console.see("#agencies")).to_contain_text("DAMKAR")
    if language == "en":
        console.picture("console-english")
    assert foreign(console, language) == []
    console.press("Control+Enter")
    expect(console.assignment("DAMKAR")).to_be_visible()
    office.agency_does("PLN", call.ticket, "acknowledge", "en-route")
    expect(console.assignment("PLN")).to_contain_text("en route" if language == "en" else "menuju")
    assert foreign(console, language) == []
    console.press("F1")
    assert foreign(console, language) == []
    console.press("Escape", "Control+k")
    assert foreign(console, language) == []
    exchange.ended(call, answered=True)


def test_the_agencys_list_and_task(people, exchange, office, language):
    call = exchange.ring("081200000500")
    office.dispatched("operator2", call.ticket, "pohon-tumbang", "36.73.01.1006", ["DLH"])
    phone = in_language(language, people.responder("dlh"))
    expect(phone.task(call.short)).to_be_visible()
    assert foreign(phone, language) == []
    phone.task(call.short).locator('[data-part="open"]').tap()
    phone.connected()
    for step in range(1, 4):
        phone.see("#next").tap()
        phone.stepped(step)
        assert foreign(phone, language) == []
    phone.see("#next").tap()
    assert foreign(phone, language) == []


def test_the_board(people, exchange, office, language):
    begin_shift(office, exchange)
    exchange.ring("081200000501")
    board = in_language(language, people.board())
    expect(board.agency("PLN")).to_be_visible()
    assert foreign(board, language) == []


def test_refusals_are_in_the_readers_language(people, language):
    console = in_language(language, people.operator())
    console.witness.expect_refusal(403, "/agency")
    console.open("/agency")
    said = "Your role does not allow this." if language == "en" else "Peran Anda tidak mengizinkan tindakan ini."
    expect(console.see("main")).to_contain_text(said)
    expect(console.see("h1")).to_have_text("Not allowed" if language == "en" else "Tidak diizinkan")
