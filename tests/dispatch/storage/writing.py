"""How tests of the writer let it write, and look at what it has written."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import select

from dispatch.calls.incoming import IncomingCall, RegisteredCall
from dispatch.calls.intake import register_call
from dispatch.centre import Centre
from dispatch.storage.journal import verify
from dispatch.storage.tables import Call, Ticket
from tests.dispatch.storage.intake_process import SYSTEM_NAME

CALL_PATH_LIMIT_S = 3.0  #: what the dialplan's guard allows
CALLER = "081298765001"


def registration(centre: Centre, linkedid: str, **call: Any) -> Callable[[], RegisteredCall]:
    return partial(centre.run, register_call, call=IncomingCall(SYSTEM_NAME, linkedid, ani=CALLER, **call))


def linkedids(centre: Centre) -> list[str]:
    with centre.read() as connection:
        return list(connection.execute(select(Call.linkedid).order_by(Call.id)).scalars())


def assert_whole(centre: Centre, entries: int | None = None) -> None:
    """The chain holds without gaps, and every call has its one ticket and its one entry."""
    with centre.read() as connection:
        found = verify(connection)
        assert found.broken is None
        assert found.entries == found.newest
        assert entries is None or found.entries == entries
        calls = connection.execute(select(Call.ticket_id)).scalars().all()
        assert sorted(calls) == sorted(connection.execute(select(Ticket.id)).scalars())
