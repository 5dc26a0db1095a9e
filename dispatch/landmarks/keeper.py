"""Brings the places that stand in the database into search, and looks only at what has changed.

Own landmarks are indexed in blocks, so that adding one costs milliseconds however many there are; an import is read
in small steps and indexed outside of the loop where there is one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from time import sleep
from typing import TYPE_CHECKING, Any, Protocol

from sqlalchemy import Connection, Row, bindparam, select

from dispatch.city.pack import CityPack
from dispatch.places.names.entries import Kind, PlaceEntry, Source, names_for
from dispatch.places.names.index import NameIndex
from dispatch.places.names.layers import Layer
from dispatch.places.names.words import name_forms
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import ImportedPlace, OwnLandmark, PlaceImport
from dispatch.storage.writer import Offload

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from dispatch.places.finder import Places

#: Own landmarks to an index: one that is full is never made again.
BLOCK = 256
#: Imported places to a query.
READ_AT_ONCE = 1000
OWN_ACCURACY_M = 25  #: a person put the pin on a map or read a coordinate out
#: What changes the places that are searched.
PLACES_CHANGED = frozenset(
    {
        JournalKind.LANDMARK_ADDED,
        JournalKind.LANDMARK_RETIRED,
        JournalKind.PLACES_IMPORTED,
        JournalKind.PLACES_CLEARED,
    }
)

_ACTIVE_IMPORT = (
    select(PlaceImport.id, PlaceImport.cleared_at)
    .where(PlaceImport.published_at.is_not(None))
    .order_by(PlaceImport.published_at.desc(), PlaceImport.id.desc())
    .limit(1)
)
_OWN = select(OwnLandmark.__table__).where(OwnLandmark.retired_at.is_(None)).order_by(OwnLandmark.id)
_IMPORTED = (
    select(ImportedPlace.__table__)
    .where(ImportedPlace.import_id == bindparam("import_id"), ImportedPlace.id > bindparam("after"))
    .order_by(ImportedPlace.id)
    .limit(READ_AT_ONCE)
)

_Named = tuple[PlaceEntry, Sequence[str]]  #: a place with all its names


def active_import(connection: Connection) -> int | None:
    """The id of the import that is searched, None where there is none."""
    newest = connection.execute(_ACTIVE_IMPORT).first()
    return None if newest is None or newest.cleared_at is not None else int(newest.id)


class PlaceSource(Protocol):
    """A centre, as far as its places go."""

    @property
    def city(self) -> CityPack: ...  # noqa: D102

    @property
    def places(self) -> Places: ...  # noqa: D102

    def read(self) -> AbstractContextManager[Connection]: ...  # noqa: D102


class PlaceKeeper:
    """Keeps `centre.places` as the database has it. `refresh` may be called from anywhere, at any time, and again."""

    def __init__(self, centre: PlaceSource, offload: Offload | None = None) -> None:
        """`offload` runs a function elsewhere and returns when it is done."""
        self._centre = centre
        self._offload = offload or _run_here
        self._lock = threading.Lock()
        self._import_id: int | None = None
        self._imported: Layer | None = None
        self._blocks: dict[tuple[int, ...], Layer] = {}

    def refresh(self) -> None:
        """Read what has changed and search it from now on. Raises SQLAlchemyError and then changes nothing."""
        with self._lock:
            with self._centre.read() as connection:
                import_id = active_import(connection)
                own = connection.execute(_OWN).all()
            if import_id != self._import_id:
                self._imported = self._import(import_id) if import_id is not None else None
                self._import_id = import_id
            self._blocks = {ids: self._blocks.get(ids) or self._block(rows) for ids, rows in _in_blocks(own)}
            imported = (self._imported,) if self._imported is not None else ()
            self._centre.places.add_layers((*imported, *self._blocks.values()))

    def _import(self, import_id: int) -> Layer:
        """An import's places; its rows do not change, so they may be read a few at a time."""
        city = self._centre.city
        entries: list[_Named] = []
        after = 0
        while True:
            with self._centre.read() as connection:
                rows = connection.execute(_IMPORTED, {"import_id": import_id, "after": after}).all()
            if not rows:
                break
            entries += [_entry(city, row, row.key, row.kind, row.accuracy_m, "osm") for row in rows]
            after = rows[-1].id
            sleep(0)  # under gevent this is where calls and screens have their turn
        made: list[Layer] = []
        self._offload(lambda: made.append(_layer(entries)))
        return made[0]

    def _block(self, rows: Sequence[Row[Any]]) -> Layer:
        return _layer([_own_entry(self._centre.city, row) for row in rows])


def _in_blocks(rows: Sequence[Row[Any]]) -> Iterator[tuple[tuple[int, ...], Sequence[Row[Any]]]]:
    """Landmarks in blocks, each with the ids that it holds: what is in a block with the same ids is the same."""
    for start in range(0, len(rows), BLOCK):
        some = rows[start : start + BLOCK]
        yield tuple(row.id for row in some), some


def _own_entry(city: CityPack, row: Row[Any]) -> _Named:
    return _entry(city, row, f"own-{row.id}", "landmark", OWN_ACCURACY_M, "own")


def _entry(city: CityPack, row: Row[Any], key: str, kind: Kind, accuracy_m: int, source: Source) -> _Named:
    # A city pack may have lost a kelurahan since: the place keeps its point.
    ward = city.kelurahan.get(row.kelurahan_code)
    code, district = (ward.code, ward.kecamatan) if ward else (None, None)
    entry = PlaceEntry(key, row.name, kind, code, district, row.lat, row.lon, accuracy_m, source=source)
    return entry, (row.name, *row.other_names)


def _layer(entries: Sequence[_Named]) -> Layer:
    whole = {"".join(name_forms(name)) for entry, names in entries if entry.kind == "landmark" for name in names}
    return Layer([entry for entry, _ in entries], NameIndex(names_for(entries, whole)))


def _run_here(work: Callable[[], object]) -> None:
    work()
