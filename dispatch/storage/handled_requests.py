"""Requests that may come twice: the first answer is kept, and given again instead of doing twice what was asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import timedelta
from functools import cache
from typing import Any, get_type_hints

from sqlalchemy import delete, insert, select

from dispatch.storage.tables import HandledRequest
from dispatch.storage.transaction import Outcome, Transaction

#: How long a browser that was away may repeat a request; a phone without signal comes back within a shift.
REQUEST_ID_KEPT = timedelta(days=7)

_COMMON = frozenset(field.name for field in fields(Outcome))


def run_once(
    tx: Transaction,
    request_id: str,
    command: Callable[..., Outcome],
    args: Sequence[Any],
    arguments: Mapping[str, Any],
) -> Outcome:
    """Run `command(tx, *args, **arguments)` unless this request was handled; then return its answer, unchanged."""
    outcome_class = _outcome_class(command)
    kept = tx.connection.execute(select(HandledRequest.outcome).where(HandledRequest.request_id == request_id)).scalar()
    if kept is not None:
        return _restored(outcome_class, kept)
    outcome = command(tx, *args, **arguments)
    tx.connection.execute(delete(HandledRequest).where(HandledRequest.at < tx.now - REQUEST_ID_KEPT))
    tx.connection.execute(
        insert(HandledRequest).values(
            request_id=request_id,
            command=getattr(command, "__name__", "?"),
            outcome=_as_kept(outcome),
            at=tx.now,
        )
    )
    return outcome


def _as_kept(outcome: Outcome) -> dict[str, Any]:
    """What every outcome has, and under `detail` what this command's own has besides; the release before reads it."""
    told = asdict(outcome)
    own = {name: told.pop(name) for name in tuple(told) if name not in _COMMON}
    return {**told, "detail": own or None}


def _restored(outcome_class: type[Outcome], kept: Mapping[str, Any]) -> Outcome:
    told = {**kept, **(kept["detail"] or {}), "changed": False}
    known: dict[str, Any] = {field.name: told[field.name] for field in fields(outcome_class) if field.name in told}
    for name, value in known.items():
        if isinstance(value, list):
            known[name] = tuple(value)  # JSON knows no tuples
    return outcome_class(**known)


@cache
def _outcome_class(command: Callable[..., Outcome]) -> type[Outcome]:
    """The class that a command says it returns."""
    returned: type[Outcome] = get_type_hints(command).get("return", Outcome)
    assert issubclass(returned, Outcome), command
    return returned
