"""What a call costs the person at the console: keys pressed and seconds, in a real Chromium.

A press is a keydown of anything but a modifier (Ctrl+Enter is one). Typed letters count apart: the one typed line.
"""

from __future__ import annotations

import shutil
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect, sync_playwright

from bench.figures import Figure, Target, percentile
from bench.page import FLAGS
from bench.real_server import PASSWORD, NotMeasurable, RealServer, real_server
from telephony.simulator.agi_client import AgiClient
from telephony.simulator.channel import SimulatedChannel

PART = "keys"
NUISANCE_KEYS = Target(1.0)
GENUINE_KEYS = Target(3.0)
RUNS = 9
#: 200 characters a minute: an ordinary typist, not a fast one.
TYPING_MS = 300.0
LINE = "kebakaran rumah dpn pasar rau, api besar"
WAIT_MS = 30_000
_COUNT = """
window.benchKeys = [];
document.addEventListener("keydown", (event) => {
  if (!["Control", "Shift", "Alt", "Meta"].includes(event.key)) window.benchKeys.push(event.key);
}, true);
"""


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Work nuisance calls with one key, and genuine ones with one line, and count."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise NotMeasurable("no Chromium here; .ci/install-real-parts chromium installs it")
    runs = 3 if quick else RUNS
    with real_server(folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="id-ID")
            context.add_init_script(_COUNT)
            page = context.new_page()
            _sign_in(page, server)
            nuisance = [_nuisance(page, server, run) for run in range(runs)]
            genuine = [_genuine(page, server, run) for run in range(runs)]
        finally:
            browser.close()
    speed = f"typed at {60_000 / TYPING_MS:.0f} characters a minute: {len(LINE)} characters"
    return [
        _keys("nuisance call, answered to closed", nuisance, NUISANCE_KEYS),
        _seconds("nuisance call, key to closed at the server", nuisance),
        _keys("genuine call, ring to dispatched, besides the line", genuine, GENUINE_KEYS),
        _seconds("genuine call, ring to dispatched at the server", genuine, speed),
    ]


def _keys(name: str, runs: list[tuple[int, float]], target: Target) -> Figure:
    return Figure(PART, name, max(keys for keys, _ in runs), "keys", target=target, note=f"most of {len(runs)} calls")


def _seconds(name: str, runs: list[tuple[int, float]], note: str = "") -> Figure:
    seconds = [seconds for _, seconds in runs]
    worst = f"longest of {len(runs)}: {max(seconds):.2f} s"
    return Figure(PART, f"{name}, p50", percentile(seconds, 0.5), "s", note="; ".join(filter(None, (note, worst))))


def _sign_in(page: Page, server: RealServer) -> None:
    page.goto(f"{server.origin}/sign-in")
    page.fill("input[name=username]", "operator1")
    page.fill("input[name=password]", PASSWORD)
    page.select_option("#seat", "1")
    page.click("button[type=submit]")
    page.wait_for_url("**/console")
    expect(page.locator('[data-part="link"]').first).to_have_attribute("data-look", "connected", timeout=WAIT_MS)


class _Telephone:
    """One call as Asterisk reports it; in a thread of its own, because Playwright keeps this one busy."""

    def __init__(self, server: RealServer, run: str) -> None:
        self._client = AgiClient(("127.0.0.1", server.agi_port))
        self._channel = SimulatedChannel(
            linkedid=f"keys-{run}.1",
            system_name="bench",
            number=f"0812{zlib.crc32(run.encode()) % 10**8:08d}",
            caller_name=None,
            location=None,
            presentation="allowed_not_screened",
        )
        self._thread = ThreadPoolExecutor(1)

    def ring(self) -> str:
        self._tell("incoming", "0", self._channel.presentation, "0")
        return self._channel.variables["SIAGA_TICKET"]

    def answered(self) -> None:
        self._tell("answered", "op1")

    def ended(self) -> None:
        self._channel.hung_up = True
        self._tell("ended", "16", "20", "1")
        self._thread.shutdown()

    def _tell(self, script: str, *arguments: str) -> None:
        channel = self._channel
        told = self._thread.submit(self._client.run, channel, script, channel.linkedid, channel.system_name, *arguments)
        told.result(30)


def _nuisance(page: Page, server: RealServer, run: int) -> tuple[int, float]:
    """The telephone was picked up, which opens the ticket; one key; closed."""
    call = _Telephone(server, f"nuisance-{run}")
    number = call.ring()
    call.answered()
    expect(page.locator("#work-title")).to_contain_text(number, timeout=WAIT_MS)
    before, began = _pressed(page), time.monotonic()
    page.keyboard.press("F2")
    expect(page.locator('#work [data-field="call-state"]')).to_have_text("Iseng (prank)", timeout=WAIT_MS)
    took, keys = time.monotonic() - began, _pressed(page) - before
    _leave(page, call, number, "closed")
    return keys, took


def _genuine(page: Page, server: RealServer, run: int) -> tuple[int, float]:
    """It rings; Shift+Enter takes it; one line is typed; Ctrl+Enter sends it. The place is a landmark of the pack."""
    call = _Telephone(server, f"genuine-{run}")
    began = time.monotonic()
    number = call.ring()
    expect(page.locator(f'#ringing [data-key="{number}"]')).to_be_visible(timeout=WAIT_MS)
    before = _pressed(page)
    page.keyboard.press("Shift+Enter")
    expect(page.locator("#work-title")).to_contain_text(number, timeout=WAIT_MS)
    call.answered()
    page.keyboard.type(LINE, delay=TYPING_MS)
    expect(page.locator('#places [aria-selected="true"]')).to_contain_text("Rau", timeout=WAIT_MS)
    page.keyboard.press("Control+Enter")
    expect(page.locator("#assignments")).to_contain_text("DAMKAR", timeout=WAIT_MS)
    took, keys = time.monotonic() - began, _pressed(page) - before - len(LINE)
    _leave(page, call, number, "dispatched")
    return keys, took


def _leave(page: Page, call: _Telephone, number: str, state: str) -> None:
    """See that the server has it so; hang up and go back to the lists, which is not part of what is measured."""
    ticket: dict[str, Any] = page.evaluate(f"fetch('/api/v1/tickets/{number}').then((answer) => answer.json())")
    if ticket["state"] != state:
        raise NotMeasurable(f"ticket {number} is {ticket['state']} and should be {state}")
    call.ended()
    page.locator('.work-head [data-action="leave"]').click()
    expect(page.locator("#idle")).to_be_visible(timeout=WAIT_MS)


def _pressed(page: Page) -> int:
    return int(page.evaluate("window.benchKeys.length"))
