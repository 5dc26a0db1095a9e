"""Threads that start at the same moment, and commands that hold the writer until a test lets go."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from dispatch.centre import Centre
from dispatch.storage.transaction import Transaction

LIMIT_S = 20.0


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run the jobs in threads that start together; return each one's result, or the exception that it raised."""
    start = threading.Barrier(len(jobs))
    results: list[Any] = [None] * len(jobs)

    def work(index: int, job: Callable[[], Any]) -> None:
        start.wait(LIMIT_S)
        results[index] = _attempt(job)

    _finish([threading.Thread(target=work, args=each, daemon=True) for each in enumerate(jobs)])
    return results


def in_one_batch(centre: Centre, jobs: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run the jobs so that the writer finds all of them waiting, in this order; results as `at_once` returns them."""
    entered, let_go = threading.Event(), threading.Event()
    results: list[Any] = [None] * len(jobs)

    def hold(_tx: Transaction) -> None:
        entered.set()
        let_go.wait(LIMIT_S)

    def work(index: int) -> None:
        results[index] = _attempt(jobs[index])

    holder = threading.Thread(target=centre.writer.run, args=(hold,), daemon=True)
    holder.start()
    assert entered.wait(LIMIT_S)
    threads = []
    for index in range(len(jobs)):
        waiting = centre.writer._queue.qsize()
        threads.append(threading.Thread(target=work, args=(index,), daemon=True))
        threads[-1].start()
        until(lambda waiting=waiting: centre.writer._queue.qsize() > waiting)
    let_go.set()
    _join([holder, *threads])
    return results


def until(condition: Callable[[], bool]) -> None:
    """Wait until the condition holds."""
    pause, tries = threading.Event(), 0
    while not condition():
        tries += 1
        assert tries * 0.001 < LIMIT_S, "waited in vain"
        pause.wait(0.001)


def _attempt(job: Callable[[], Any]) -> Any:
    try:
        return job()
    except Exception as error:  # noqa: BLE001 - the test looks at it
        return error


def _finish(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    _join(threads)


def _join(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.join(LIMIT_S)
        assert not thread.is_alive(), "a thread hangs"
