"""How long somebody has to wait before the next try to sign in, judged from the tries that were stored.

Three counts of failures within the last quarter of an hour decide: of this name from this address, of this name from
anywhere, of this address with any name. The second is generous, so that a stranger who knows an operator's name cannot
lock the operator out; a success ends the first two.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, select

from dispatch.tables import SignInAttempt

WINDOW = timedelta(minutes=15)
FIRST_WAIT_S = 15.0  #: doubles with each further failure
LONGEST_WAIT_S = 300.0


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures are free before waiting begins, and whether a success wipes them out."""

    free: int
    reset_by_success: bool


SAME_NAME_AND_ADDRESS = Limit(5, True)
SAME_NAME = Limit(25, True)
SAME_ADDRESS = Limit(40, False)  #: a whole centre may stand behind one address


def wait_s(connection: Connection, username: str, address: str, now: datetime) -> float:
    """Seconds until the next try is allowed; 0 means now."""
    name, place = SignInAttempt.username == username, SignInAttempt.address == address
    return max(
        _wait(connection, name & place, SAME_NAME_AND_ADDRESS, now),
        _wait(connection, name, SAME_NAME, now),
        _wait(connection, place, SAME_ADDRESS, now),
    )


def _wait(connection: Connection, which: ColumnElement[bool], limit: Limit, now: datetime) -> float:
    statement = (
        select(SignInAttempt.at, SignInAttempt.succeeded)
        .where(which, SignInAttempt.at > now - WINDOW)
        .order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
        .limit(2 * limit.free + 20)
    )
    failures: list[datetime] = []
    for at, succeeded in connection.execute(statement):
        if not succeeded:
            failures.append(at)
        elif limit.reset_by_success:
            break
    over = len(failures) - limit.free
    if over < 0:
        return 0.0
    pause: float = min(FIRST_WAIT_S * 2**over, LONGEST_WAIT_S)
    return max(0.0, pause - (now - failures[0]).total_seconds())
