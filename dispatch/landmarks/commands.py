"""Commands about places: the centre's own landmarks, and the import of an OpenStreetMap extract.

An import is written in many short commands, because the writer's turn is also the calls' turn; nothing of it is
searched before `publish_place_import`, which replaces the earlier one at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from dispatch.errors import InvalidValue, NotFound, NotPermitted
from dispatch.landmarks.keeper import active_import
from dispatch.places.names.words import name_forms
from dispatch.places.plane import distance_m
from dispatch.roles import OPERATOR_ROLES, Actor, ActorKind, Role
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import ImportedPlace, OwnLandmark, PlaceImport
from dispatch.storage.transaction import Outcome, Transaction
from dispatch.text import clean_line

NAME_LIMIT = 120
OTHER_NAMES_LIMIT = 10
#: Two landmarks of one name this near are one.
SAME_PLACE_M = 100.0
#: Rows to a command: a few milliseconds of the writer's time.
ROWS_AT_ONCE = 500
#: An import that was not published within this time never will be.
GIVEN_UP = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LandmarkAdded(Outcome):
    """The new landmark."""

    landmark_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportBegun(Outcome):
    """The new import."""

    import_id: int


def add_landmark(
    tx: Transaction,
    *,
    actor: Actor,
    name: str,
    lat: float,
    lon: float,
    other_names: Sequence[str] = (),
    kelurahan_code: str | None = None,
) -> LandmarkAdded:
    """Give a point a name by which search finds it.

    The kelurahan is the one that the point lies in unless one is given. Raises NotPermitted or InvalidValue (`lat`
    outside of the city, a `name` without a letter or taken by a landmark within SAME_PLACE_M).
    """
    if actor.role not in OPERATOR_ROLES:
        raise NotPermitted("add-landmark", actor.role)
    names = _names(name, other_names)
    located = tx.places.locate(lat, lon)
    if located is None:
        raise InvalidValue("lat", "outside_city")
    if kelurahan_code is not None and kelurahan_code not in tx.city.kelurahan:
        raise InvalidValue("kelurahan_code", "unknown")
    spelt = name_forms(names[0])
    table = OwnLandmark.__table__
    for other in tx.connection.execute(select(table).where(OwnLandmark.retired_at.is_(None))):
        if name_forms(other.name) == spelt and distance_m(lat, lon, other.lat, other.lon) <= SAME_PLACE_M:
            raise InvalidValue("name", "taken")
    landmark_id = tx.insert(
        OwnLandmark,
        name=names[0],
        other_names=names[1:],
        kelurahan_code=kelurahan_code or located.kelurahan_code,
        lat=lat,
        lon=lon,
        added_at=tx.now,
        added_by=actor.user_id,
    )
    seq = tx.record(JournalKind.LANDMARK_ADDED, actor, landmark_id=landmark_id)
    return LandmarkAdded(True, seq=seq, landmark_id=landmark_id)


def retire_landmark(tx: Transaction, *, actor: Actor, landmark_id: int) -> Outcome:
    """Take a landmark out of search; a supervisor may, and whoever added it. Tickets that name it keep its name."""
    found = tx.connection.execute(select(OwnLandmark.__table__).where(OwnLandmark.id == landmark_id)).first()
    if found is None:
        raise NotFound("landmark", landmark_id)
    if not may_retire(actor, found.added_by):
        raise NotPermitted("retire-landmark", actor.role)
    if found.retired_at is not None:
        return Outcome(changed=False)
    tx.update(OwnLandmark, OwnLandmark.id == landmark_id, retired_at=tx.now, retired_by=actor.user_id)
    return Outcome(True, seq=tx.record(JournalKind.LANDMARK_RETIRED, actor, landmark_id=landmark_id))


def may_retire(actor: Actor, added_by: int | None) -> bool:
    """Whether this actor may retire a landmark that `added_by` added."""
    if actor.kind is ActorKind.SYSTEM or actor.role is Role.SUPERVISOR:
        return True
    return actor.role in OPERATOR_ROLES and actor.user_id == added_by


def begin_place_import(tx: Transaction, *, actor: Actor, file_name: str) -> ImportBegun:
    """Begin an import that nobody searches yet."""
    import_id = tx.insert(PlaceImport, file_name=clean_line(file_name, 200), counts={}, begun_at=tx.now)
    return ImportBegun(True, import_id=import_id)


def add_imported_places(
    tx: Transaction, *, actor: Actor, import_id: int, places: Sequence[Mapping[str, Any]]
) -> Outcome:
    """Write places (columns of ImportedPlace), at most ROWS_AT_ONCE, of an import that is not published yet."""
    assert len(places) <= ROWS_AT_ONCE
    _require_unpublished(tx, import_id)
    tx.insert_rows(ImportedPlace, [{**place, "import_id": import_id} for place in places])
    return Outcome(True)


def publish_place_import(tx: Transaction, *, actor: Actor, import_id: int, counts: Mapping[str, int]) -> Outcome:
    """Search this import from now on, instead of the one before."""
    _require_unpublished(tx, import_id)
    tx.update(PlaceImport, PlaceImport.id == import_id, published_at=tx.now, counts=dict(counts))
    return Outcome(
        True, seq=tx.record(JournalKind.PLACES_IMPORTED, actor, import_id=import_id, kept=counts.get("kept", 0))
    )


def clear_place_import(tx: Transaction, *, actor: Actor) -> Outcome:
    """Search no import any more."""
    import_id = active_import(tx.connection)
    if import_id is None:
        return Outcome(changed=False)
    tx.update(PlaceImport, PlaceImport.id == import_id, cleared_at=tx.now)
    return Outcome(True, seq=tx.record(JournalKind.PLACES_CLEARED, actor, import_id=import_id))


def drop_unsearched_places(tx: Transaction, *, actor: Actor) -> Outcome:
    """Delete some places that are no longer searched, and of imports given up; `changed` while there may be more."""
    table = ImportedPlace.__table__
    over = PlaceImport.published_at.is_not(None) | (PlaceImport.begun_at < tx.now - GIVEN_UP)
    imports = select(PlaceImport.id).where(over, PlaceImport.id != (active_import(tx.connection) or 0))
    some = select(table.c.id).where(table.c.import_id.in_(imports)).limit(ROWS_AT_ONCE)
    dropped = tx.delete(ImportedPlace, ImportedPlace.id.in_(some))
    return Outcome(changed=dropped > 0)


def _require_unpublished(tx: Transaction, import_id: int) -> None:
    found = tx.connection.execute(select(PlaceImport.published_at).where(PlaceImport.id == import_id)).first()
    if found is None or found.published_at is not None:
        raise NotFound("place_import", import_id)


def _names(name: str, other_names: Sequence[str]) -> list[str]:
    """The name and its other names, cleaned, none twice. Raises InvalidValue where search could find none of it."""
    first = clean_line(name, NAME_LIMIT + 1)
    if len(first) > NAME_LIMIT:
        raise InvalidValue("name", "too_long")
    if not any(any(letter.isalpha() for letter in form) for form in name_forms(first)):
        raise InvalidValue("name", "empty")
    if len(other_names) > OTHER_NAMES_LIMIT:
        raise InvalidValue("other_names", "too_long")
    others = [clean_line(other, NAME_LIMIT) for other in other_names]
    return list(dict.fromkeys([first, *(other for other in others if name_forms(other))]))
