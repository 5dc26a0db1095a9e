"""What others wait while one call taker sends lines that make a careless parser slow, one after the other.

Meanwhile calls ring, a colleague types, and the loop is asked for a sign of life every few milliseconds. The floor is
the same without those lines, in the same run on the same server.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests

from bench.figures import Figure, Target, percentile
from bench.nasty_lines import nasty_lines
from bench.real_server import NotMeasurable, RealServer, real_server
from bench.rings import ring_fastagi

PART = "nasty"
LENGTH = 10_000  #: characters: all that the API takes
QUIET_S, QUICK_S = 8.0, 3.0
LINE = "kebakaran rumah di unyur dekat pasar rau, ada yang terjebak"
START_LIMIT_S = 30.0
ANSWER_S = 10.0
ASK_EVERY_S, TYPE_EVERY_S, RING_EVERY_S = 0.005, 0.12, 0.2
STALL_AT_MOST = Target(50.0)
LINE_AT_MOST = Target(2.5)  #: s; the policy's deadline, the way there and back


@dataclass
class _Waits:
    """What was waited for, in milliseconds."""

    loop: list[float] = field(default_factory=list)
    calls: list[float] = field(default_factory=list)
    colleague: list[float] = field(default_factory=list)


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Quiet first, then every form of nasty line."""
    forms = nasty_lines(LENGTH)
    with real_server(folder) as server:
        colleague, sender = (_typist(server, name) for name in ("operator2", "operator1"))
        _until_read(colleague)
        with _watched(server, colleague) as quiet:
            time.sleep(QUICK_S if quick else QUIET_S)
        took: dict[str, float] = {}
        refused: list[str] = []
        with _watched(server, colleague) as busy:
            for name, text in list(forms.items())[:: 4 if quick else 1]:
                began = time.perf_counter()
                status = sender(_typable(text))
                took[name] = (time.perf_counter() - began) * 1000
                if status != 200:
                    refused.append(name)
    slowest = max(took, key=lambda name: took[name])
    return [
        *_figures("sign of life", busy.loop, quiet.loop, STALL_AT_MOST),
        *_figures("call until its ticket", busy.calls, quiet.calls),
        *_figures("a colleague's line", busy.colleague, quiet.colleague),
        Figure(
            PART,
            f"worst of {len(took)} nasty lines",
            took[slowest] / 1000,
            "s",
            target=LINE_AT_MOST,
            note=f"{slowest}; refused in words: {', '.join(refused) or 'none'}",
        ),
    ]


def _figures(name: str, busy: list[float], quiet: list[float], target: Target | None = None) -> Iterator[Figure]:
    for share, words in ((0.5, "p50"), (0.99, "p99"), (1.0, "worst")):
        yield Figure(
            PART,
            f"{name}, {words}",
            percentile(busy, share),
            "ms",
            floor=percentile(quiet, share),
            floor_name="without nasty lines",
            target=target if share == 0.99 else None,
            note=f"{len(busy)} times" if share == 1.0 else "",
        )


def _typist(server: RealServer, username: str) -> Callable[[str], int]:
    session = server.sign_in(username)
    page = session.get(f"{server.origin}/console", timeout=ANSWER_S).text
    token = page.partition('name="csrf-token" content="')[2].partition('"')[0]
    headers = {"X-CSRFToken": token, "Origin": server.origin, "Referer": f"{server.origin}/console"}

    def type_line(text: str) -> int:
        answer = session.post(
            f"{server.origin}/api/v1/interpret", json={"text": text}, headers=headers, timeout=ANSWER_S
        )
        return answer.status_code

    return type_line


def _typable(text: str) -> str:
    """Without the control characters that the API refuses, and within its size as JSON."""
    kept = "".join(character for character in text if character >= " " or character in "\n\t")
    while len(json.dumps({"text": kept})) > 60_000:
        kept = kept[: len(kept) * 3 // 4]
    return kept


def _until_read(type_line: Callable[[str], int]) -> None:
    deadline = time.monotonic() + START_LIMIT_S
    while (status := type_line(LINE)) != 200:
        if time.monotonic() > deadline:
            raise NotMeasurable(f"a typed line was answered {status}")
        time.sleep(0.2)


@contextmanager
def _watched(server: RealServer, colleague: Callable[[str], int]) -> Iterator[_Waits]:
    waits, over = _Waits(), threading.Event()
    session = requests.Session()
    problems: list[Exception] = []

    def again(act: Callable[[], object], times: list[float], every_s: float) -> None:
        while not over.is_set():
            began = time.perf_counter()
            try:
                act()
            except Exception as problem:  # noqa: BLE001 it is raised again where the measurement is taken
                problems.append(problem)
                return
            times.append((time.perf_counter() - began) * 1000)
            over.wait(every_s)

    rung = iter(range(10**9))
    acts: list[tuple[Callable[[], object], list[float], float]] = [
        (lambda: session.get(f"{server.origin}/healthz", timeout=ANSWER_S), waits.loop, ASK_EVERY_S),
        (lambda: colleague(LINE), waits.colleague, TYPE_EVERY_S),
        (lambda: ring_fastagi(server.agi_port, f"{time.time():.0f}.{next(rung)}"), waits.calls, RING_EVERY_S),
    ]
    threads = [threading.Thread(target=again, args=act, daemon=True) for act in acts]
    for thread in threads:
        thread.start()
    try:
        yield waits
    finally:
        over.set()
        for thread in threads:
            thread.join(2 * ANSWER_S)
    if problems:
        raise NotMeasurable(f"while nasty lines were sent: {type(problems[0]).__name__}")
