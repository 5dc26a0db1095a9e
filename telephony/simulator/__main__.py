"""Command line of the simulator: a day of calls, or a load test.

python -m telephony.simulator [--host H] [--port P] [--calls-per-minute N] [--speed N] [--seed N] [--count N] ...
python -m telephony.simulator load [--host H] [--port P] [--concurrency N] [--sessions N]

Each prints one line of JSON with figures, and nothing about any caller.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from dispatch.city.pack import load_city
from telephony.simulator.automatic_seats import AutomaticSeats
from telephony.simulator.call_simulator import CallSimulator
from telephony.simulator.load import run_load
from telephony.simulator.simulated_day import SimulatedDay


def main(arguments: Sequence[str]) -> int:
    """Run what the command line asks for; 1 when a call or session got no ticket."""
    if arguments and arguments[0] == "load":
        return _load(arguments[1:])
    return _replay(arguments)


def _replay(arguments: Sequence[str]) -> int:
    parser = _parser("A seeded day of calls, played to a running FastAGI server.")
    parser.add_argument("--city", type=Path, default=Path("city/serang"), help="folder of the city pack")
    parser.add_argument("--calls-per-minute", type=float, default=6.0, help="on average, in the day's own time")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times as fast the day goes by (1 to 1000)")
    parser.add_argument("--seed", type=int, default=112, help="the same seed gives the same day")
    parser.add_argument("--count", type=int, help="stop after so many calls; without it, go on until interrupted")
    parser.add_argument("--seats", default="", help="extensions that answer by themselves, e.g. op1,op2")
    parser.add_argument("--answer-after", type=float, default=6.0, help="seconds a free seat lets it ring")
    options = parser.parse_args(arguments)
    if options.calls_per_minute <= 0 or not 1 <= options.speed <= 1000:
        parser.error("--calls-per-minute must be above 0, --speed from 1 to 1000")
    day = SimulatedDay(
        load_city(options.city),
        seed=options.seed,
        calls_per_minute=options.calls_per_minute,
        first_id=int(time.time()),
    )
    seats = AutomaticSeats(options.seats.split(",") if options.seats else [], options.answer_after / options.speed)
    simulator = CallSimulator(
        day, (options.host, options.port), answered_by=seats.answered_by, speed=options.speed, count=options.count
    )
    simulator.start()
    try:
        simulator.join()
    except KeyboardInterrupt:
        simulator.stop()
    _print(asdict(simulator.statistics))
    return 1 if simulator.statistics.without_ticket else 0


def _load(arguments: Sequence[str]) -> int:
    parser = _parser("As many incoming sessions as the server takes.")
    parser.add_argument("--concurrency", type=int, default=50, help="sessions under way at once")
    parser.add_argument("--sessions", type=int, default=10_000, help="sessions in all")
    options = parser.parse_args(arguments)
    result = run_load((options.host, options.port), concurrency=options.concurrency, sessions=options.sessions)
    _print(asdict(result))
    return 1 if result.failed else 0


def _parser(description: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m telephony.simulator", description=description)
    parser.add_argument("--host", default="127.0.0.1", help="address of the FastAGI server")
    parser.add_argument("--port", type=int, default=4573, help="port of the FastAGI server")
    return parser


def _print(figures: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
