"""One's own account in a real browser: it fits every screen, and a session warns before it ends."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.app.running_server import PASSWORD, until
from tests.browser.screens import DESK, PHONE, Screen
from tests.browser.test_sizes import PHONE_SIZES, SIZES, at_every_size

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

#: What the browser keeps of what callers said.
KEPT = "Object.entries(localStorage).filter(([key]) => key.startsWith('siaga.draft.'))"


def signed_in(people, username, size=None, seat=""):
    screen = people.window(Screen, size or DESK)
    screen.open("/sign-in")
    screen.sign_in(username, seat)
    screen.page.wait_for_url(lambda url: "/sign-in" not in url)
    return screen


@pytest.mark.parametrize("username", ["operator2", "supervisor", "damkar"])
def test_the_page_fits_every_screen_in_both_themes_and_languages(people, username):
    screen = signed_in(people, username)
    for language in ("en", "id"):
        screen.open("/account")
        with screen.page.expect_navigation():
            screen.page.evaluate(f"document.getElementById('language-{language}').submit()")
        for theme in ("dark", "light"):
            screen.page.evaluate(f"document.documentElement.dataset.theme = '{theme}'")
            screen.page.evaluate("new Promise(requestAnimationFrame)")
            assert screen.page.locator("html").get_attribute("lang") == language
            assert at_every_size(screen, SIZES | PHONE_SIZES) == {}, (language, theme)


def test_whoever_works_at_the_console_is_warned_types_on_and_stays(people):
    screen = signed_in(people, "operator1")
    page = screen.page
    page.route("**/account/idle", lambda route: route.fulfill(json={"ends_in_s": 95}))
    screen.open("/console")
    warning = screen.see("#idle-warning")
    expect(warning).to_be_visible()
    expect(warning).to_contain_text("1.3")
    page.unroute("**/account/idle")
    with page.expect_response("**/account/active") as told:
        page.keyboard.press("Escape")  # any key is a person
    assert told.value.ok
    expect(warning).to_be_hidden()


def test_the_warning_does_not_stand_before_what_is_being_typed(people):
    screen = signed_in(people, "operator1", PHONE)
    page = screen.page
    page.route("**/account/idle", lambda route: route.fulfill(json={"ends_in_s": 60}))
    screen.open("/account")
    expect(screen.see("#idle-warning")).to_be_visible()
    page.fill("#present", PASSWORD)
    expect(page.locator("#present")).to_have_value(PASSWORD)
    expect(screen.see("#idle-warning")).to_be_hidden()


def test_a_session_that_went_idle_is_told_to_the_page_like_one_that_was_signed_out(people):
    screen = signed_in(people, "operator2")
    page = screen.page
    screen.witness.expect_refusal(401, "")
    page.evaluate("document.addEventListener('siaga:signed-out', () => document.body.dataset.over = '1')")
    page.context.clear_cookies(name="siaga_session")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.wait_for_selector("body[data-over]")


def test_signing_out_everywhere_leaves_nothing_of_what_a_caller_said_in_the_browser(people, exchange, office):
    console = people.operator()
    call = exchange.ring("081200003399")
    console.take(call.ticket)
    console.entry.focus()
    console.page.keyboard.type("banjir setinggi dada")
    until(lambda: console.page.evaluate(f"{KEPT}.some(([, kept]) => !JSON.parse(kept).dirty)"))
    console.witness.expect_refusal(401, "")
    account = console.page.context.new_page()
    account.goto(console.base + "/account")
    console.page.close()
    account.locator('input[name="session"][value="all"] + button').click()
    account.wait_for_url("**/sign-in")
    until(lambda: account.evaluate(f"{KEPT}.length") == 0)
    assert office.ticket(call.ticket)["drafts"][0]["words"] == "banjir setinggi dada"
