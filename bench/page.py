"""The console in a real Chromium: what its first load costs, and whether it stays responsive while calls ring."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from bench.figures import Figure, Target
from bench.real_server import PASSWORD, NotMeasurable, RealServer, real_server
from bench.rings import ring_fastagi, ring_steadily

PART = "page"
SIZE_AT_MOST = Target(600.0)
REQUESTS_AT_MOST = Target(40.0)
TASK_AT_MOST = Target(100.0)
RINGS, RINGS_PER_S = 30, 10.0
#: Long tasks begin at 50 ms (W3C Long Tasks); what is shorter is not reported.
LONG_TASK_MS = 50.0
QUIET_MS = 2000
WAIT_MS = 20_000
WATCH_TASKS = """
window.benchTasks = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.benchTasks.push([entry.startTime, entry.duration]);
}).observe({ type: "longtask", buffered: true });
"""
LONGEST_SINCE = "(since) => Math.max(0, ...window.benchTasks.filter((task) => task[0] >= since).map((task) => task[1]))"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Load the console with an empty cache, then let calls ring and look for long tasks."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise NotMeasurable("no Chromium here; .ci/install-real-parts chromium installs it")
    with real_server(folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="id-ID")
            context.add_init_script(WATCH_TASKS)
            page = context.new_page()
            sign_in(page, server)
            return [*_first_load(page, server), _ringing(page, server, quick=quick)]
        finally:
            browser.close()


def sign_in(page: Page, server: RealServer) -> None:
    """Sign in on the page as an operator and wait for the console."""
    page.goto(f"{server.origin}/sign-in")
    page.fill("input[name=username]", "operator1")
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.wait_for_url("**/console")


def _first_load(page: Page, server: RealServer) -> list[Figure]:
    """Count what comes over the wire, headers included, until nothing has come for a while."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    received: dict[str, float] = {}
    asked: set[str] = set()
    network.on("Network.requestWillBeSent", lambda event: asked.add(event["requestId"]))
    network.on("Network.loadingFinished", lambda event: received.update({_of(event): event["encodedDataLength"]}))
    page.goto(f"{server.origin}/console")
    page.wait_for_load_state("load")
    _until_quiet(page, received)
    load_ms = float(page.evaluate("performance.getEntriesByType('navigation')[0].loadEventEnd"))
    task_ms = float(page.evaluate(LONGEST_SINCE, 0))
    _stop_watching(network)
    return [
        Figure(PART, "console, first load", sum(received.values()) / 1024, "KiB", target=SIZE_AT_MOST),
        Figure(PART, "console, requests", len(asked), "requests", target=REQUESTS_AT_MOST),
        Figure(PART, "console, load event", load_ms, "ms"),
        Figure(PART, "longest task of the load", task_ms, "ms", note=_task_note(task_ms)),
    ]


def _of(event: dict[str, Any]) -> str:
    return str(event["requestId"])


def _until_quiet(page: Page, received: dict[str, float]) -> None:
    before = -1
    while len(received) != before:
        before = len(received)
        page.wait_for_timeout(QUIET_MS)


def _stop_watching(network: CDPSession) -> None:
    network.send("Network.setCacheDisabled", {"cacheDisabled": False})
    network.detach()


def _ringing(page: Page, server: RealServer, *, quick: bool) -> Figure:
    rings = 10 if quick else RINGS
    since = float(page.evaluate("performance.now()"))
    began = ring_steadily(
        lambda linkedid: ring_fastagi(server.agi_port, linkedid),
        per_s=RINGS_PER_S,
        seconds=rings / RINGS_PER_S,
        name="page",
    )
    page.wait_for_timeout(QUIET_MS)
    task_ms = float(page.evaluate(LONGEST_SINCE, since))
    return Figure(
        PART,
        f"longest task while {len(began)} calls ring",
        task_ms,
        "ms",
        target=TASK_AT_MOST,
        note=_task_note(task_ms),
    )


def _task_note(task_ms: float) -> str:
    return "" if task_ms else f"no task of {LONG_TASK_MS:.0f} ms or more"
