"""Whether twice the input is twice the work, by the processor's time alone: a busy machine changes nothing in it."""

from __future__ import annotations

import gc
from collections.abc import Callable
from functools import lru_cache
from time import thread_time

from bench.nasty_lines import nasty_lines

TWICE = 2.5  #: how much work twice the input may be
UNSEEN_S = 0.003  #: below this a measurement says nothing
TRIES = 8


@lru_cache
def lines(length: int) -> dict[str, str]:
    """`nasty_lines`, made once."""
    return nasty_lines(length)


def grows_evenly(once: Callable[[], object], twice: Callable[[], object]) -> bool:
    """Whether the least processor time of some tries grows no faster than the input."""
    short = long = float("inf")
    for _ in range(TRIES):
        long = min(long, _cost_s(twice))
        if long <= UNSEEN_S:
            return True
        short = min(short, _cost_s(once))
        if long <= TWICE * short + UNSEEN_S:
            return True
    return False


def _cost_s(work: Callable[[], object]) -> float:
    gc.disable()
    try:
        began = thread_time()
        work()
        return thread_time() - began
    finally:
        gc.enable()
