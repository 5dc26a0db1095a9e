"""How long somebody has to wait before the next try to sign in, judged from the tries that were stored.

- A browser that signed in as this name before is held to its own failures alone. Those count for nobody else: a tablet
  that goes on with an old password delays itself.
- Anybody else is held to three counts of strangers' failures within a quarter of an hour: of this name from this
  network, of this name from anywhere, of this network with any name. The last two never delay a right password by more
  than some seconds (sign_in.stranger_wait_s), and neither does the first where the name has signed in from this network
  before: strangers must not keep the real operator out. Of one name a network counts three failures at most, so that
  one device with one wrong password is no attack on many.

Tries under way count as failures until their end is known, so that many at once are no way around.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Row, select

from dispatch.city.policy import SignInPolicy
from dispatch.storage.tables import SignInAttempt, WebSession

WINDOW = timedelta(minutes=15)
FIRST_WAIT_S = 15.0  #: after too many failures of one name from one place; doubles with each further failure
FIRST_STRANGER_WAIT_S = 1.0  #: the same, for what others may have done
FREE_SAME_PLACE, FREE_KNOWN_BROWSER, FREE_SAME_NAME, FREE_SAME_NETWORK = 5, 10, 25, 40
COUNTED_OF_A_NAME = 3  #: failures of one name that count against its network
_READ = 400  #: rows looked at for one count


@dataclass(frozen=True, slots=True)
class Try:
    """Who tries what."""

    name: str  #: a username, or the keyed hash of what is none
    network: str
    device: str | None  #: the known browser's id, None for a stranger
    familiar: bool  #: whether the name has signed in from this network before
    kind: str = "password"  #: or `code`

    @property
    def place(self) -> str:
        """What tries are taken in turn by: one name from one place."""
        return f"{self.kind} {self.name} {self.device or self.network}"


class UnderWay:
    """Counts the tries of this node whose end is not known yet."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def of(self, key: str) -> int:
        """How many are under way."""
        return self._counts[key]

    @contextmanager
    def one_more(self, tried: Try) -> Iterator[None]:
        """Count a stranger's try by its name and its network while it lasts; a known browser's delays nobody."""
        keys = () if tried.device else (f"name {tried.name}", f"network {tried.network}")
        self._counts.update(keys)
        try:
            yield
        finally:
            self._counts.subtract(keys)
            for key in keys:
                if self._counts[key] <= 0:
                    del self._counts[key]


def is_familiar(connection: Connection, user_id: int, network: str, since: datetime) -> bool:
    """Whether this user has signed in from this network since then."""
    own = (WebSession.user_id == user_id) & (WebSession.address == network) & (WebSession.created_at > since)
    return connection.execute(select(WebSession.id).where(own).limit(1)).first() is not None


def wait_s(connection: Connection, tried: Try, now: datetime, policy: SignInPolicy, under_way: UnderWay) -> float:
    """Seconds until the next try is allowed; 0 means now."""
    kind = (SignInAttempt.kind == tried.kind) & (SignInAttempt.at > now - WINDOW)
    name = kind & (SignInAttempt.username == tried.name)
    longest, short = float(policy.longest_wait_s), float(policy.stranger_wait_s)
    if tried.device is not None:
        own = _failures(connection, name & (SignInAttempt.device == tried.device))
        return _wait(own, 0, FREE_KNOWN_BROWSER, FIRST_WAIT_S, longest, now)
    strange = SignInAttempt.device.is_(None)
    network = SignInAttempt.address == tried.network
    here = _failures(connection, name & network & strange)
    anywhere = _failures(connection, name & strange)
    around = _of_many_names(connection, kind & network & strange)
    first = FIRST_STRANGER_WAIT_S
    return max(
        _wait(here, 0, FREE_SAME_PLACE, *((first, short) if tried.familiar else (FIRST_WAIT_S, longest)), now),
        _wait(anywhere, under_way.of(f"name {tried.name}"), FREE_SAME_NAME, first, short, now),
        _wait(around, under_way.of(f"network {tried.network}"), FREE_SAME_NETWORK, first, short, now),
    )


def _failures(connection: Connection, which: ColumnElement[bool]) -> list[datetime]:
    """The failures since the last success, newest first."""
    failures = []
    for row in _rows(connection, which):
        if row.succeeded:
            break
        failures.append(row.at)
    return failures


def _of_many_names(connection: Connection, which: ColumnElement[bool]) -> list[datetime]:
    counted: Counter[str] = Counter()
    failures = []
    for row in _rows(connection, which & SignInAttempt.succeeded.is_(False)):
        counted[row.username] += 1
        if counted[row.username] <= COUNTED_OF_A_NAME:
            failures.append(row.at)
    return failures


def _rows(connection: Connection, which: ColumnElement[bool]) -> Sequence[Row[datetime, bool, str]]:
    columns = select(SignInAttempt.at, SignInAttempt.succeeded, SignInAttempt.username).where(which)
    newest_first = columns.order_by(SignInAttempt.at.desc(), SignInAttempt.id.desc())
    return connection.execute(newest_first.limit(_READ)).all()


def _wait(
    failures: list[datetime], under_way: int, free: int, first_s: float, longest_s: float, now: datetime
) -> float:
    over = len(failures) + under_way - free
    if over < 0:
        return 0.0
    pause: float = min(first_s * 2 ** min(over, 20), longest_s)
    newest = failures[0] if failures else now
    return max(0.0, pause - (now - newest).total_seconds())
