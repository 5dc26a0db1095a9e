"""This machine's clock: whether something keeps it right, and whether it agrees with the database's."""

from __future__ import annotations

import ctypes
import ctypes.util
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.checks.finding import Finding, ok, unseen, wrong
from dispatch.centre import Centre

#: Where two clocks are further apart, times of calls and clocks of tickets no longer mean the same.
APART_S = 2.0
#: What adjtimex answers while nothing steers the clock (TIME_ERROR).
_UNSTEERED = 5
_TIMEX_BYTES = 512  # struct timex has about 208


def check_clock(centre: Centre, now: datetime | None = None) -> Iterator[Finding]:
    """Ask the kernel whether its clock is steered, and the database what time it has."""
    yield _steered(_kernel_state())
    if centre.engine.dialect.name != "sqlite":
        yield _against_the_database(centre, now or datetime.now(UTC))


def _steered(state: int | None) -> Finding:
    if state is None:
        return unseen("time: whether this machine's clock is synchronised", "timedatectl")
    if state == _UNSTEERED:
        return wrong(
            "time: this machine's clock is not synchronised", "apt install chrony, or timedatectl set-ntp true"
        )
    return ok("time: this machine's clock is synchronised")


def _kernel_state() -> int | None:
    """What adjtimex(2) says without changing anything; None where it cannot be asked."""
    name = ctypes.util.find_library("c")
    try:
        adjtimex = ctypes.CDLL(name, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return None
    state = adjtimex(ctypes.byref(ctypes.create_string_buffer(_TIMEX_BYTES)))
    return int(state) if state >= 0 else None


def _against_the_database(centre: Centre, now: datetime) -> Finding:
    try:
        with centre.read() as connection:
            theirs = connection.execute(text("SELECT clock_timestamp()")).scalar_one()
    except SQLAlchemyError:
        return unseen("time: the database's clock")
    apart_s = abs((theirs - now).total_seconds())
    if apart_s > APART_S:
        return wrong(
            f"time: this machine and the database are {apart_s:.0f} s apart", "NTP on both; timedatectl tells on each"
        )
    return ok("time: this machine and the database agree")
