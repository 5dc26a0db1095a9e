"""Brings the places that stand in the database into search, and looks only at what has changed.

Own landmarks are indexed in blocks, so that adding one costs milliseconds however many there are; an import is read
once, outside of the loop where there is one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Row, select

from dispatch.citypack import CityPack
from dispatch.place_entries import Kind, PlaceEntry, Source, names_for
from dispatch.place_layers import Layer
from dispatch.place_search import NameIndex
from dispatch.place_words import name_forms
from dispatch.tables import ImportedPlace, OwnLandmark, PlaceImport
from dispatch.writer import Offload

if TYPE_CHECKING:
    from dispatch.centre import Centre

#: Own landmarks to an index: one that is full is never made again.
BLOCK = 256
OWN_ACCURACY_M = 25  #: a person put the pin on a map or read a coordinate out
OWN_LANDMARK = "landmark."
IMPORT = "places."

_ACTIVE_IMPORT = (
    select(PlaceImport.id, PlaceImport.cleared_at)
    .where(PlaceImport.published_at.is_not(None))
    .order_by(PlaceImport.published_at.desc(), PlaceImport.id.desc())
    .limit(1)
)
_OWN = select(OwnLandmark.__table__).where(OwnLandmark.retired_at.is_(None)).order_by(OwnLandmark.id)


def active_import(connection: Connection) -> int | None:
    """The id of the import that is searched, None where there is none."""
    newest = connection.execute(_ACTIVE_IMPORT).first()
    return None if newest is None or newest.cleared_at is not None else int(newest.id)


class PlaceKeeper:
    """Keeps `centre.places` as the database has it. `refresh` may be called from anywhere, at any time, and again."""

    def __init__(self, centre: Centre, offload: Offload | None = None) -> None:
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
            self._offload(self._read)
            imported = (self._imported,) if self._imported is not None else ()
            self._centre.places.add_layers((*imported, *self._blocks.values()))

    def _read(self) -> None:
        city = self._centre.city
        with self._centre.read() as connection:
            import_id = active_import(connection)
            if import_id != self._import_id:
                self._imported = None if import_id is None else _imported_layer(connection, city, import_id)
                self._import_id = import_id
            own = connection.execute(_OWN).all()
        blocks: dict[tuple[int, ...], Layer] = {}
        for start in range(0, len(own), BLOCK):
            rows = own[start : start + BLOCK]
            ids = tuple(row.id for row in rows)
            blocks[ids] = self._blocks.get(ids) or _layer([_own_entry(city, row) for row in rows])
        self._blocks = blocks


def _imported_layer(connection: Connection, city: CityPack, import_id: int) -> Layer:
    table = ImportedPlace.__table__
    rows = connection.execute(select(table).where(table.c.import_id == import_id).order_by(table.c.id))
    return _layer([_entry(city, row, row.key, row.kind, row.accuracy_m, "osm") for row in rows])


def _own_entry(city: CityPack, row: Row[Any]) -> tuple[PlaceEntry, Sequence[str]]:
    return _entry(city, row, f"own-{row.id}", "landmark", OWN_ACCURACY_M, "own")


def _entry(
    city: CityPack, row: Row[Any], key: str, kind: Kind, accuracy_m: int, source: Source
) -> tuple[PlaceEntry, Sequence[str]]:
    # A city pack may have lost a kelurahan since: the place keeps its point.
    ward = city.kelurahan.get(row.kelurahan_code)
    code, district = (ward.code, ward.kecamatan) if ward else (None, None)
    entry = PlaceEntry(key, row.name, kind, code, district, row.lat, row.lon, accuracy_m, source=source)
    return entry, (row.name, *row.other_names)


def _layer(entries: Sequence[tuple[PlaceEntry, Sequence[str]]]) -> Layer:
    whole = {"".join(name_forms(name)) for entry, names in entries if entry.kind == "landmark" for name in names}
    return Layer([entry for entry, _ in entries], NameIndex(names_for(entries, whole)))


def _run_here(work: Callable[[], object]) -> None:
    work()
