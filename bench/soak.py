"""A console that stays open for a shift: a thousand moves of its markers, and eight hours of calls, in one page.

The calls are those of the simulated day (telephony.simulator), played as fast as they go through the real server: each
rings, is answered at the second seat, sorted there through the API, and ends. The page gets nothing but its live feed;
in each quarter its own operator works some calls with keyboard and pin. Memory is looked at after the garbage was
collected, at each quarter; what remains open is the same at each of them.

Two things are said of it. The whole JavaScript heap still grows by what the engine compiles and learns of the scripts
(heap snapshots show code and feedback vectors, and no more of the page's own things). What the page itself holds, its
objects, arrays, strings and functions, must not grow, nor its nodes and listeners.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench.colleague import Colleague
from bench.figures import Figure, Target
from bench.page import FLAGS, LONGEST_SINCE, WATCH_TASKS
from bench.real_server import PASSWORD, NotMeasurable, RealServer, real_server
from dispatch.city.pack import CityPack, load_city
from telephony.simulator.simulated_day import SimulatedCall, SimulatedDay

PART = "soak"
ROOT = Path(__file__).resolve().parent.parent
TASK_AT_MOST = Target(200.0)
#: What the last quarter may hold more than the first, in %: far less than a ticket a call.
GROWTH_AT_MOST = Target(5.0)
#: The whole heap, in MB over the shift: a console lasts for weeks at that.
HEAP_GROWTH_AT_MOST = Target(2.0)
#: Kinds of nodes in a heap snapshot that are the engine's, or the browser's and counted otherwise.
NOT_THE_PAGES = frozenset({"code", "hidden", "native", "synthetic", "object shape"})
HOURS, CALLS_PER_MINUTE, QUARTERS = 8, 2.0, 4
MARKERS, MOVES = 40, 1000
BY_HAND = 3  #: calls that the page's own operator works in each quarter
WAIT_MS = 30_000


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Move markers, then play the calls, and say what the page has come to hold and how long it ever stood still."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise NotMeasurable("no Chromium here; .ci/install-real-parts chromium installs it")
    with real_server(folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        colleague = Colleague.at(server)
        try:
            page = _console(browser, server)
            return _figures(page, colleague, quick=quick)
        finally:
            colleague.leave()
            browser.close()


def _console(browser: Browser, server: RealServer) -> Page:
    context = browser.new_context(viewport={"width": 1366, "height": 768}, locale="id-ID")
    context.add_init_script(WATCH_TASKS)
    page = context.new_page()
    page.goto(f"{server.origin}/sign-in")
    page.fill("input[name=username]", "operator1")
    page.fill("input[name=password]", PASSWORD)
    page.select_option("#seat", "1")
    page.click("button[type=submit]")
    page.wait_for_url("**/console")
    page.wait_for_selector('[data-part="link"][data-look="connected"]')
    return page


def _figures(page: Page, colleague: Colleague, *, quick: bool) -> list[Figure]:
    city = load_city(ROOT / "city" / "serang")
    day = iter(SimulatedDay(city, calls_per_minute=CALLS_PER_MINUTE))
    memory = page.context.new_cdp_session(page)
    memory.send("HeapProfiler.enable")
    markers = [colleague.work(next(day), city, leave_open=True) for _ in range(MARKERS)]
    _caught_up(page, colleague)
    moves = MOVES // 10 if quick else MOVES
    before_moves, since = _held(memory), float(page.evaluate("performance.now()"))
    _move(colleague, markers, city, moves)
    _caught_up(page, colleague)
    after_moves = _held(memory)
    task_of_moves = float(page.evaluate(LONGEST_SINCE, since))
    hours = HOURS / 8 if quick else HOURS
    calls = round(hours * 60 * CALLS_PER_MINUTE)
    held, task_of_calls = [], 0.0
    for _ in range(QUARTERS):
        since = float(page.evaluate("performance.now()"))
        _quarter(page, colleague, city, islice(day, calls // QUARTERS), day)
        task_of_calls = max(task_of_calls, float(page.evaluate(LONGEST_SINCE, since)))
        held.append(_held(memory))  # collecting everything by force is a long task of its own
    first, last = held[0], held[-1]
    moved, shift = f"heap after {moves} marker updates", f"heap after {calls} calls ({hours:g} h)"
    return [
        Figure(PART, moved, after_moves.heap_mb, "MB", note=f"{before_moves} before, {after_moves} after"),
        _grown("of the page's objects by the moves", before_moves.own_mb, after_moves.own_mb),
        Figure(PART, "longest task while markers move", task_of_moves, "ms", target=TASK_AT_MOST),
        Figure(PART, shift, last.heap_mb, "MB", note="by quarters: " + "; ".join(map(str, held))),
        Figure(PART, "more heap than after a quarter", last.heap_mb - first.heap_mb, "MB", target=HEAP_GROWTH_AT_MOST),
        _grown("of the page's objects in the shift", first.own_mb, last.own_mb),
        _grown("of its nodes", first.nodes, last.nodes),
        _grown("of its listeners", first.listeners, last.listeners),
        Figure(PART, "longest task in the shift", task_of_calls, "ms", target=TASK_AT_MOST),
    ]


def _grown(name: str, before: float, after: float) -> Figure:
    return Figure(PART, f"growth {name}", 100 * (after / before - 1), "%", target=GROWTH_AT_MOST)


def _move(colleague: Colleague, markers: list[str], city: CityPack, moves: int) -> None:
    """Locate open tickets anew, each somewhere else than before: every one is a marker that moves in the page."""
    wards = list(city.kelurahan.values())
    for number in range(moves):
        ward = wards[(number * 7 + number // len(markers)) % len(wards)]
        colleague.post(
            f"/api/v1/tickets/{markers[number % len(markers)]}/locate",
            {"lat": ward.lat, "lon": ward.lon, "source": "pin"},
        )


def _quarter(
    page: Page, colleague: Colleague, city: CityPack, calls: Iterator[SimulatedCall], more: Iterator[SimulatedCall]
) -> None:
    for call in calls:
        colleague.work(call, city)
    for _ in range(BY_HAND):
        _by_hand(page, colleague, next(more))
    _caught_up(page, colleague)


def _by_hand(page: Page, colleague: Colleague, call: SimulatedCall) -> None:
    """The page's own operator takes a call, types, pushes the pin, looks at the menu of the point, and sorts it."""
    number = colleague.ring(call)
    page.click(f'#ringing [data-key="{number}"]')
    page.wait_for_function("(number) => document.querySelector('#work-title').textContent.includes(number)", arg=number)
    page.keyboard.type("kecelakaan motor dpn terminal pakupatan")
    page.wait_for_selector('#places [aria-selected="true"]')
    page.locator(".leaflet-marker-draggable").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('#places [aria-selected=\"true\"]')?.textContent.includes('digeser')"
    )
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    page.keyboard.press("F2")
    page.keyboard.press("F2")
    page.wait_for_function("() => !document.querySelector('#undo-strip').hidden")
    channel = call.channel()
    channel.hung_up = True
    colleague.tell(channel, "ended", "16", "20", "0")
    page.click('[data-action="leave"]')


def _caught_up(page: Page, colleague: Colleague) -> None:
    """Wait until the page has drawn everything: nothing rings in it, and the newest event is the journal's."""
    page.wait_for_function("() => !document.querySelector('#ringing [data-key]')", timeout=WAIT_MS)
    page.wait_for_timeout(2500)


@dataclass(frozen=True)
class Held:
    """What the page holds after the garbage was collected."""

    heap_mb: float
    own_mb: float  #: of it, the objects, arrays, strings and functions of the page's scripts
    nodes: int
    listeners: int

    def __str__(self) -> str:
        return f"{self.heap_mb:.2f} MB, {self.own_mb:.2f} its own, {self.nodes} nodes, {self.listeners} listeners"


def _held(memory: CDPSession) -> Held:
    for _ in range(3):  # what only a finalizer lets go of is gone after the second
        memory.send("HeapProfiler.collectGarbage")
    usage = memory.send("Runtime.getHeapUsage")
    counters = memory.send("Memory.getDOMCounters")
    return Held(usage["usedSize"] / 1e6, _own_mb(memory), counters["nodes"], counters["jsEventListeners"])


def _own_mb(memory: CDPSession) -> float:
    """Add up what a heap snapshot calls the scripts' own."""
    chunks: list[str] = []

    def take(event: dict[str, str]) -> None:
        chunks.append(event["chunk"])

    memory.on("HeapProfiler.addHeapSnapshotChunk", take)
    memory.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    memory.remove_listener("HeapProfiler.addHeapSnapshotChunk", take)
    taken = json.loads("".join(chunks))
    fields, kinds = taken["snapshot"]["meta"]["node_fields"], taken["snapshot"]["meta"]["node_types"][0]
    nodes, width = taken["nodes"], len(fields)
    sizes = zip(nodes[fields.index("type") :: width], nodes[fields.index("self_size") :: width], strict=True)
    return float(sum(size for kind, size in sizes if kinds[kind] not in NOT_THE_PAGES)) / 1e6
