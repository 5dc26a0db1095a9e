"""Numbers that were flagged, as a supervisor reads them: proposals with their evidence, blocks, the ministry's list.

Holds callers' numbers: for supervisors and admins, except `standing_of_caller`, which an
operator reads beside the number that is on the line.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, TextClause, func, select

from dispatch.city.pack import CityPack
from dispatch.clock import to_iso, to_iso_if_any
from dispatch.nuisance import shapes
from dispatch.nuisance.rules import FlagKind, FlagState, Standing, is_in_force, limit_of, window_start
from dispatch.storage.rows import NumberFlagRow
from dispatch.storage.tables import LIVE_FLAGS, Call, NumberFlag, Ticket, User
from dispatch.tickets.lifecycle import Classification

EVIDENCE_SHOWN = 20  #: calls, the newest first
DECIDED_SHOWN = 50
MINISTRY_COLUMNS = ("nomor", "jumlah_panggilan_iseng", "diusulkan", "disetujui", "disetujui_oleh", "alasan")


def flags_of_centre(connection: Connection, city: CityPack, now: datetime) -> shapes.FlagsOfCentre:
    """Return the flags by what is to be done about them."""
    waiting = _read(connection, _flags(NumberFlag.state == FlagState.PROPOSED).order_by(NumberFlag.id))
    in_force = _flags(LIVE_FLAGS, NumberFlag.state == FlagState.APPROVED, NumberFlag.expires_at > now)
    approved = _read(connection, in_force.order_by(NumberFlag.expires_at, NumberFlag.id))
    ministry = _read(connection, _ministry())
    shown = {row.id for row in (*approved, *ministry)}
    newest_first = _flags(NumberFlag.state != FlagState.PROPOSED).order_by(NumberFlag.id.desc())
    rest = _read(connection, newest_first.limit(DECIDED_SHOWN))
    decided = [row for row in rest if row.id not in shown]
    reader = _Reader(connection, city, now, [*waiting, *approved, *ministry, *decided])
    return {
        "proposed": [reader.whole(row) for row in waiting],
        "blocks": [reader.whole(row) for row in approved],
        "ministry": [reader.brief(row) for row in ministry],
        "decided": [reader.brief(row) for row in decided],
        "policy": policy_view(city),
    }


def flag_view(connection: Connection, city: CityPack, now: datetime, flag_id: int) -> shapes.NumberFlagWithCalls | None:
    """Return one flag with its evidence, None when there is none."""
    rows = _read(connection, _flags(NumberFlag.id == flag_id))
    return _Reader(connection, city, now, rows).whole(rows[0]) if rows else None


def policy_view(city: CityPack) -> shapes.NuisanceRule:
    """Return the rule as the screens name it."""
    policy = city.policy.nuisance
    return {
        "limit": policy.limit,
        "ministry_limit": policy.ministry_limit,
        "window_days": policy.window_days,
        "block_hours": policy.block_hours,
        "enforce": policy.enforce,
    }


def ministry_rows(connection: Connection, city: CityPack) -> list[dict[str, str]]:
    """Return what the ministry is asked to block for good: one row a number, instants in the city's time."""
    rows = _read(connection, _ministry())
    names = _names(connection, rows)
    local = city.timezone
    return [
        {
            "nomor": row.number,
            "jumlah_panggilan_iseng": str(row.prank_count),
            "diusulkan": row.proposed_at.astimezone(local).strftime("%Y-%m-%d %H:%M"),
            "disetujui": row.decided_at.astimezone(local).strftime("%Y-%m-%d %H:%M") if row.decided_at else "",
            "disetujui_oleh": names.get(row.decided_by, ""),
            "alasan": row.reason or "",
        }
        for row in rows
    ]


def standing_of_caller(connection: Connection, city: CityPack, now: datetime, number: str) -> shapes.CallerStanding:
    """Return how a number stands, whether or not the city enforces it."""
    flags = _read(connection, _flags(NumberFlag.number == number, LIVE_FLAGS))
    blocks = [row for row in flags if is_in_force(row.kind, row.state, row.expires_at, now)]
    waiting = [row for row in flags if row.state == FlagState.PROPOSED]
    since = window_start(now, city.policy.nuisance)
    answer: shapes.CallerStanding = {
        "count": _counts(connection, [number], since, Classification.PRANK).get(number, 0),
        "limit": city.policy.nuisance.limit,
        "standing": Standing.BLOCKED if blocks else Standing.PROPOSED if waiting else Standing.CLEAR,
        "since": None,
        "expires_at": None,
    }
    if blocks:
        answer["since"] = to_iso_if_any(blocks[-1].decided_at)
        answer["expires_at"] = to_iso_if_any(blocks[-1].expires_at)
    elif waiting:
        answer["since"] = to_iso(waiting[0].proposed_at)
    return answer


class _Reader:
    """Reads what belongs to flags with one query a table, however many there are."""

    def __init__(self, connection: Connection, city: CityPack, now: datetime, rows: Sequence[NumberFlagRow]) -> None:
        self._connection, self._city, self._now = connection, city, now
        numbers = sorted({row.number for row in rows})
        since = window_start(now, city.policy.nuisance)
        self._pranks = _counts(connection, numbers, since, Classification.PRANK)
        self._genuine = _counts(connection, numbers, since, Classification.GENUINE)
        self._names = _names(connection, rows)
        evidence = {ticket_id for row in rows for ticket_id in row.evidence}
        self._still_prank = _prank_tickets(connection, evidence)

    def brief(self, row: NumberFlagRow) -> shapes.NumberFlag:
        state = row.state
        block_over = row.kind == FlagKind.BLOCK and row.expires_at is not None and row.expires_at <= self._now
        if state == FlagState.APPROVED and block_over:
            state = FlagState.EXPIRED.value
        return {
            "id": row.id,
            "number": row.number,
            "carrier": self._city.prefixes.carrier(row.number),
            "kind": row.kind,
            "state": state,
            "count": row.prank_count,
            "count_now": self._pranks.get(row.number, 0),
            "limit": limit_of(FlagKind(row.kind), self._city.policy.nuisance),
            "genuine": self._genuine.get(row.number, 0),
            "undone": sum(ticket_id not in self._still_prank for ticket_id in row.evidence),
            "proposed_at": to_iso(row.proposed_at),
            "proposed_by": self._names.get(row.proposed_by),
            "decided_at": to_iso_if_any(row.decided_at),
            "decided_by": self._names.get(row.decided_by),
            "reason": row.reason,
            "expires_at": to_iso_if_any(row.expires_at),
            "lifted_at": to_iso_if_any(row.lifted_at),
            "lifted_by": self._names.get(row.lifted_by),
            "lift_reason": row.lift_reason,
        }

    def whole(self, row: NumberFlagRow) -> shapes.NumberFlagWithCalls:
        calls = self._connection.execute(
            select(
                Call.received_at,
                Call.state,
                Call.gate_result,
                Ticket.id,
                Ticket.number,
                Ticket.classification,
                User.display_name,
            )
            .join_from(Call, Ticket, Ticket.id == Call.ticket_id)
            .outerjoin(User, User.id == func.coalesce(Call.answered_by, Ticket.closed_by))
            .where(Call.number == row.number)
            .order_by(Call.received_at.desc(), Call.id.desc())
            .limit(EVIDENCE_SHOWN)
        )
        counted = set(row.evidence)
        return {
            **self.brief(row),
            "calls": [
                {
                    "ticket": call.number,
                    "at": to_iso(call.received_at),
                    "state": call.state,
                    "gate": call.gate_result,
                    "classification": call.classification,
                    "operator": call.display_name,
                    "counted": call.id in counted,
                }
                for call in calls
            ],
        }


def _flags(*where: ColumnElement[bool] | TextClause) -> Select[Any]:
    return select(NumberFlag.__table__).where(*where)


def _read(connection: Connection, flags: Select[Any]) -> list[NumberFlagRow]:
    return [NumberFlagRow.from_row(row) for row in connection.execute(flags)]


def _ministry() -> Select[Any]:
    approved = _flags(NumberFlag.kind == FlagKind.TOTAL_BLOCK, NumberFlag.state == FlagState.APPROVED)
    return approved.order_by(NumberFlag.id)


def _counts(connection: Connection, numbers: list[str], since: datetime, kind: Classification) -> dict[str, int]:
    counts: dict[str, int] = {}
    for start in range(0, len(numbers), 500):
        rows = connection.execute(
            select(Call.number, func.count())
            .join(Ticket, Ticket.id == Call.ticket_id)
            .where(
                Call.number.in_(numbers[start : start + 500]), Call.received_at >= since, Ticket.classification == kind
            )
            .group_by(Call.number)
        )
        counts |= {row[0]: row[1] for row in rows if row[0] is not None}
    return counts


def _prank_tickets(connection: Connection, ids: set[int]) -> set[int]:
    wanted, found = sorted(ids), set[int]()
    for start in range(0, len(wanted), 500):
        some = wanted[start : start + 500]
        found |= set(
            connection.execute(
                select(Ticket.id).where(Ticket.id.in_(some), Ticket.classification == Classification.PRANK)
            ).scalars()
        )
    return found


def _names(connection: Connection, rows: Sequence[NumberFlagRow]) -> dict[int | None, str]:
    ids = {person for row in rows for person in (row.proposed_by, row.decided_by, row.lifted_by) if person is not None}
    if not ids:
        return {}
    found = connection.execute(select(User.id, User.display_name).where(User.id.in_(ids)))
    return {row.id: row.display_name for row in found}
