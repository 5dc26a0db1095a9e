"""Places beside the city pack."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId


class OwnLandmark(Base):
    """A place that the centre's people have named themselves; it is found by search until it is retired."""

    __tablename__ = "landmarks"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(String(120))
    other_names: Mapped[list[str]] = mapped_column(JSON)
    kelurahan_code: Mapped[str] = mapped_column(String(16))
    lat: Mapped[float]
    lon: Mapped[float]
    added_at: Mapped[datetime]
    added_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    retired_at: Mapped[datetime | None]
    retired_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class PlaceImport(Base):
    """One reading of an OpenStreetMap extract; the newest that is published and not cleared is searched."""

    __tablename__ = "place_imports"
    __table_args__ = NEVER_REUSED
    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(200))
    counts: Mapped[dict[str, Any]]
    begun_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    cleared_at: Mapped[datetime | None]


class ImportedPlace(Base):
    """A named place of an import; public geography, no personal data."""

    __tablename__ = "imported_places"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("place_imports.id"), index=True)
    key: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(String(120))
    other_names: Mapped[list[str]] = mapped_column(JSON)
    kind: Mapped[str] = mapped_column(String(12))
    kelurahan_code: Mapped[str] = mapped_column(String(16))
    lat: Mapped[float]
    lon: Mapped[float]
    accuracy_m: Mapped[int]
