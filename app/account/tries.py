"""One try to prove who one is: it waits its turn, is refused while the stored tries say so, and is stored itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import request
from sqlalchemy import Connection, Row, select

from app.account.known_browsers import browser_of
from app.account.sealing import keyed_name
from app.load.networks import network_of
from app.people.hashing_queue import Lane
from app.people.sign_in_limits import Try, is_familiar, wait_s
from app.services import services
from dispatch.people.commands import record_sign_in_attempt
from dispatch.storage.tables import User


class TooSoon(Exception):
    """The next try is allowed in `wait_s` seconds only."""

    def __init__(self, wait_s: float) -> None:
        self.wait_s = wait_s
        super().__init__(f"{wait_s:.0f} s")


def try_of(username: str, kind: str) -> Try:
    """Who tries what with the current request."""
    centre = services().centre
    policy, now = centre.city.policy.sign_in, centre.clock.now()
    network, lasts = network_of(request.remote_addr or "?"), timedelta(days=policy.known_browser_days)
    with centre.read() as connection:
        user_id = connection.execute(select(User.id).where(User.username == username)).scalar()
        familiar = user_id is not None and is_familiar(connection, user_id, network, now - lasts)
    browser = browser_of(request)
    known = browser is not None and browser.knows(user_id, now, lasts)
    return Try(
        name=username if user_id is not None else keyed_name(username),
        network=network,
        device=browser.id if browser is not None and known else None,
        familiar=familiar,
        kind=kind,
    )


def lane_of(tried: Try) -> Lane:
    """How soon its password is checked."""
    if tried.device is not None:
        return Lane.KNOWN_BROWSER
    return Lane.KNOWN_NETWORK if tried.familiar else Lane.STRANGER


def attempt(tried: Try, is_right: Callable[[Row[Any] | None], bool], username: str) -> Row[Any] | None:
    """The user, if `is_right` says so of the row; None where the proof is wrong.

    1. Wait for the turn of this name from this place.
    2. Refuse while the stored tries say so (TooSoon; TooManyWaiting; HashingBusy where the processor has no time).
    3. Check; a name that does not exist takes as long as one that does.
    4. Store the try, successful or not, and only then answer.
    """
    centre, sign_ins = services().centre, services().sign_ins
    with sign_ins.turns.of(tried.place):
        with centre.read() as connection:
            now, policy = centre.clock.now(), centre.city.policy.sign_in
            wait = wait_s(connection, tried, now, policy, sign_ins.under_way)
            user = active_user(connection, username)
        if wait > 0:
            sign_ins.ended["refused"] += 1
            raise TooSoon(wait)
        with sign_ins.under_way.one_more(tried):
            right = is_right(user)
            centre.run(
                record_sign_in_attempt,
                username=tried.name,
                address=tried.network,
                succeeded=right and user is not None,
                kind=tried.kind,
                device=tried.device,
            )
    sign_ins.ended["succeeded" if right and user is not None else "failed"] += 1
    return user if right else None


def active_user(connection: Connection, username: str) -> Row[Any] | None:
    """The row of a user who may sign in."""
    return connection.execute(
        select(User.__table__).where(User.username == username, User.deactivated_at.is_(None))
    ).first()
