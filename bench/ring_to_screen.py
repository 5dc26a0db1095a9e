"""Ring to screen: from FastAGI's connect to the entry's arrival at the last of many signed-in screens."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.child_process import child_process
from bench.figures import Figure, Target, percentile
from bench.real_server import NotMeasurable, cookies_of, real_server
from bench.rings import ring_fastagi, ring_floor, ring_steadily

PART = "ring to screen"
SCREENS = (1, 50, 200)
#: Calls a second, and for how many seconds: long enough for a p99.
RATES = {5: 24.0, 50: 10.0}
QUICK_RATES = {5: 4.0, 50: 2.0}
AT_MOST = Target(2.5, of="ratio")
WARM_UP_RINGS = 3
#: The last entry may still be under way when the last call has been answered.
SETTLE_S = 1.0


@dataclass(frozen=True)
class Delays:
    """From a call's beginning to the last screen, in ms, of all the calls that reached every screen."""

    p50_ms: float
    p99_ms: float
    calls: int
    lost: int
    sample: str


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """Measure the application, then both floors at the same sizes and rates."""
    rates = QUICK_RATES if quick else RATES
    measured: dict[tuple[int, int], Delays] = {}
    with real_server(folder) as server:
        session = server.sign_in("supervisor")
        cookie = cookies_of(session)
        for screens in SCREENS:
            with _screens(server.http_port, screens, cookie) as collect:
                ring = partial(ring_fastagi, server.agi_port)
                measured |= _at_all_rates(ring, rates, screens, collect, "app")
    sample = measured[SCREENS[0], 5].sample
    floors = {kind: _floors(kind, folder, rates, sample) for kind in ("socketio", "bare")}
    return [
        figure
        for (screens, per_s), delays in measured.items()
        for figure in _figures(
            screens, per_s, delays, floors["socketio"][screens, per_s], floors["bare"][screens, per_s]
        )
    ]


def _figures(screens: int, per_s: int, app: Delays, socketio: Delays, bare: Delays) -> list[Figure]:
    name = f"{screens} screens, {per_s} calls/s"
    note = f"{app.lost} of {app.calls} calls did not reach every screen" if app.lost else ""
    return [
        Figure(PART, f"{name}, p50", app.p50_ms, "ms", socketio.p50_ms, "commit + Socket.IO"),
        Figure(PART, f"{name}, p99", app.p99_ms, "ms", socketio.p99_ms, "commit + Socket.IO", AT_MOST, note),
        Figure(PART, f"{name}, p99", app.p99_ms, "ms", bare.p99_ms, "commit + bare sockets"),
    ]


def _floors(kind: str, folder: Path, rates: dict[int, float], sample: str) -> dict[tuple[int, int], Delays]:
    delays: dict[tuple[int, int], Delays] = {}
    for screens in SCREENS:
        with child_process("bench.fan_out_floor", kind, folder, screens) as (tell, hear):
            tell.write(sample)
            tell.close()
            web_port, ring_port = (int(port) for port in hear.readline().split())
            with _screens(web_port, screens, "") as collect:
                delays |= _at_all_rates(partial(ring_floor, ring_port), rates, screens, collect, kind)
    return delays


def _at_all_rates(
    ring: Callable[[str], int],
    rates: dict[int, float],
    screens: int,
    collect: Callable[[], tuple[dict[str, list[int]], str]],
    name: str,
) -> dict[tuple[int, int], Delays]:
    for index in range(WARM_UP_RINGS):
        ring(f"bench-{name}-{screens}-warm-{index}")
    began = {
        per_s: ring_steadily(ring, per_s=per_s, seconds=seconds, name=f"{name}-{screens}-{per_s}")
        for per_s, seconds in rates.items()
    }
    arrivals, sample = collect()
    return {(screens, per_s): _delays(calls, arrivals, screens, sample) for per_s, calls in began.items()}


def _delays(began: dict[str, int], arrivals: dict[str, list[int]], screens: int, sample: str) -> Delays:
    delays_ms = [
        (arrivals[linkedid][1] - began_ns) / 1e6
        for linkedid, began_ns in began.items()
        if linkedid in arrivals and arrivals[linkedid][0] >= screens
    ]
    if not delays_ms:
        raise NotMeasurable(f"no call reached all of {screens} screens")
    lost = len(began) - len(delays_ms)
    return Delays(percentile(delays_ms, 0.5), percentile(delays_ms, 0.99), len(began), lost, sample)


@contextmanager
def _screens(port: int, count: int, cookie: str) -> Iterator[Callable[[], tuple[dict[str, list[int]], str]]]:
    """Connect that many screens; calling what is given ends them and returns what arrived."""
    with child_process("bench.feed_clients", port, count, SETTLE_S) as (tell, hear):
        tell.write(cookie + "\n")
        tell.flush()
        if hear.readline().strip() != "ready":
            raise NotMeasurable(f"{count} screens could not connect")

        def collect() -> tuple[dict[str, list[int]], str]:
            tell.close()
            report = json.loads(hear.readline())
            return report["arrivals"], report["sample"]

        yield collect
