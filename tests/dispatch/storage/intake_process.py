"""A process that registers calls and prints what it answered, until it is killed: `DATABASE_URL [crash_at_batch]`.

Each line that it prints is a linkedid and the ticket that the exchange was told. With `crash_at_batch` it kills itself
after that batch was committed and before anybody was answered: the moment that is the hardest to survive.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable
from itertools import count
from pathlib import Path

from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.centre import Centre
from dispatch.city.pack import load_city
from dispatch.clock import SystemClock
from dispatch.places.finder import Places
from dispatch.storage.engine import make_engine

SYSTEM_NAME = "siaga-a"
THREADS = 8


def main(database_url: str, crash_at_batch: int | None) -> None:
    batches = count(1)

    def run_then_perhaps_die(work: Callable[[], None]) -> None:
        work()
        commits = threading.current_thread().name == "writer"  # and does not move SQLite's log
        if commits and next(batches) == crash_at_batch:
            os.kill(os.getpid(), signal.SIGKILL)

    city = load_city(Path(__file__).resolve().parents[3] / "city" / "serang")
    centre = Centre(make_engine(database_url), city, Places(city), SystemClock(), run_then_perhaps_die)
    threads = [threading.Thread(target=_register_for_ever, args=(centre, thread)) for thread in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _register_for_ever(centre: Centre, thread: int) -> None:
    for number in count(1):
        linkedid = f"{thread}.{number}"
        answer = centre.run(register_call, call=IncomingCall(SYSTEM_NAME, linkedid))
        # One write for the line: a reader never sees half of one from another thread in it.
        os.write(sys.stdout.fileno(), f"{linkedid} {answer.ticket_number}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else None)
