"""People before their screens: the window they have, how they sign in, and what they do with hands and eyes."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.app.running_server import PASSWORD
from tests.app.running_server import Browser as Session
from tests.browser.chromium import Witness

PICTURES = Path(
    os.environ.get("SIAGA_PICTURES") or Path(__file__).resolve().parent.parent.parent / "docs" / "screenshots"
)
TAKE_PICTURES = os.environ.get("SIAGA_SCREENSHOTS") == "1"

DESK = {"viewport": {"width": 1366, "height": 768}}
WIDE_DESK = {"viewport": {"width": 1920, "height": 1080}}
WALL = WIDE_DESK
PHONE = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
#: How long a screen may take to show what happened; generous, because two cores run five browsers.
expect.set_options(timeout=10_000)
#: What the person on the other side of a push must not wait longer for, in ms.
AT_ONCE = 2_000


@dataclass(repr=False)
class Screen:
    """One window, with somebody before it."""

    page: Page
    witness: Witness
    base: str

    def see(self, selector: str, text: str | None = None) -> Locator:
        """What is there, whether it shows or not."""
        return self.page.locator(selector, has_text=text) if text else self.page.locator(selector)

    def open(self, path: str) -> None:
        """Go to a page of this site and wait until it is complete."""
        self.page.goto(self.base + path)
        self.page.wait_for_load_state("load")

    def in_language(self, language: str, following: str = "") -> None:
        """Choose a language, and wait until the page is there in it, or the page that follows."""
        with self.page.expect_navigation():
            self.page.evaluate(
                """([language, following]) => {
                    const form = document.getElementById(`language-${language}`);
                    if (following) form.elements.next.value = following;
                    form.submit();
                }""",
                [language, following],
            )
        self.page.wait_for_load_state("load")

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)

    def sign_in(self, username: str, seat: str = "") -> None:
        """Fill in the sign-in page, which is open, and send it."""
        self.page.fill("#username", username)
        self.page.fill("#password", PASSWORD)
        if seat:
            self.page.select_option("#seat", seat)
        self.page.click("button[type=submit]")

    def connected(self) -> None:
        """The live feed runs."""
        expect(self.see('[data-part="link"]').first).to_have_attribute("data-look", "connected")

    def until(self, holds: str, arg: Any = None) -> None:
        """Wait until a JavaScript function says yes.

        A function, because Playwright would evaluate an expression anew at every look, which the pages' policy allows
        only for the first one.
        """
        assert "=>" in holds.splitlines()[0], f"not a function: {holds}"
        self.page.wait_for_function(holds, arg=arg)

    def picture(self, name: str, theme: str | None = None) -> None:
        """Keep what is seen for the documents, if this run is to take pictures."""
        if not TAKE_PICTURES:
            return
        if theme:
            self.theme(theme)
        self.page.evaluate("document.fonts.ready")
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled", caret="hide")

    def theme(self, name: str) -> None:
        """Switch to dark or light with the page's own button."""
        if self.page.evaluate("document.documentElement.dataset.theme") != name:
            self.see('[data-action="theme"]').first.click()
            self.page.mouse.move(0, 0)
        expect(self.see(f'html[data-theme="{name}"]')).to_have_count(1)


class Console(Screen):
    """An operator's screen."""

    @property
    def entry(self) -> Locator:
        return self.see("#entry")

    def ringing(self, ticket: str) -> Locator:
        """The row of a ringing call."""
        return self.see(f'#ringing [data-key="{ticket}"]')

    def take(self, ticket: str) -> None:
        """Take a ringing call and have its ticket before one."""
        self.ringing(ticket).click()
        expect(self.see("#work-title")).to_contain_text(ticket)

    def hear(self, words: str) -> None:
        """Type what the caller says, and wait until the machine has read it."""
        self.entry.focus()
        with self.page.expect_response(lambda answer: answer.url.endswith("/interpret") and words in _sent(answer)):
            self.page.keyboard.type(words)

    def chosen(self, group: str) -> Locator:
        """What is chosen in `types` or `places`."""
        return self.see(f'#{group} [aria-selected="true"]')

    def assignment(self, agency: str) -> Locator:
        """How an agency that has the open ticket stands."""
        return self.see("#assignments .follow", agency)

    def toast(self, text: str) -> Locator:
        return self.see("#toasts .toast", text)


class Phone(Screen):
    """A responder's telephone."""

    def task(self, short: str) -> Locator:
        """A task in the list."""
        return self.see("#list .task", short)

    def step(self, words: str) -> None:
        """Tap the one big button, which says these words."""
        expect(self.see("#next-words")).to_have_text(words)
        self.see("#next").tap()

    def stepped(self, number: int, look: str = "done") -> None:
        """One of the four steps looks so."""
        expect(self.see("#steps .step").nth(number - 1)).to_have_attribute("data-look", look)

    def report_result(self, note: str) -> None:
        """Tap the last button and write what came of it."""
        self.step("Selesai")
        self.page.fill("#result-note", note)
        self.see("#result-send").tap()


class Board(Screen):
    """The supervisor's wall."""

    def figure(self, name: str) -> Locator:
        """A large number: waiting, answered, abandoned, not-emergency."""
        return self.see(f'#{name} [data-field="number"]')

    def agency(self, code: str) -> Locator:
        """The line of an agency."""
        return self.see("#agency-lines .agency-line", code)

    @property
    def open_tickets(self) -> Locator:
        return self.see('#open [data-field="total"]')


@dataclass(repr=False)
class People:
    """Everybody who sits down in one test; `leave` sends them home and says what was broken."""

    browser: Browser
    base: str
    server: Any
    contexts: list[BrowserContext] = field(default_factory=list)
    witnesses: list[Witness] = field(default_factory=list)

    def window(self, kind: type[Any], size: dict[str, Any] = DESK, who: str = "somebody", **options: Any) -> Any:
        """A fresh window in which nobody is signed in.

        `base` in the options: by way of another address; `before`: scripts that run before any of a page's own.
        """
        base = options.pop("base", self.base)
        before = options.pop("before", ())
        options.setdefault("locale", "id-ID")
        options.setdefault("reduced_motion", "reduce")
        options.setdefault("color_scheme", "light")
        context = self.browser.new_context(**{**size, **options})
        self.contexts.append(context)
        for script in before:
            context.add_init_script(script)
        page = context.new_page()
        witness = Witness(page, who)
        self.witnesses.append(witness)
        return kind(page, witness, base)

    def signed_in(
        self, kind: type[Any], username: str, path: str, size: dict[str, Any] = DESK, seat: str = "", **options: Any
    ) -> Any:
        """The same, signed in already and at a page of the person's."""
        screen = self.window(kind, size, username, **options)
        with Session(self.server, username, seat) as session:
            cookies = [{"name": one.name, "value": one.value, "url": screen.base} for one in session.session.cookies]
        screen.page.context.add_cookies(cookies)
        screen.open(path)
        return screen

    def operator(self, number: int = 1, size: dict[str, Any] = DESK, **options: Any) -> Console:
        """operator1 or operator2 at a console, at a seat of the same number."""
        console = self.signed_in(Console, f"operator{number}", "/console", size, seat=str(number), **options)
        console.connected()
        return console

    def responder(self, username: str = "damkar", path: str = "/agency", **options: Any) -> Phone:
        phone = self.signed_in(Phone, username, path, PHONE, **options)
        phone.connected()
        return phone

    def board(self, **options: Any) -> Board:
        return self.signed_in(Board, "supervisor", "/board", WALL, **options)

    def leave(self) -> list[str]:
        """Close every window; returns what nobody expected."""
        for context in self.contexts:
            context.close()
        return [f"{witness.who}: {note}" for witness in self.witnesses for note in witness.broken()]


def _sent(answer: Any) -> str:
    return str((answer.request.post_data_json or {}).get("text", ""))
