"""Commands about places: an OpenStreetMap extract beside the city pack, and the centre's own landmarks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.cli.running import NO_SCHEMA, SYSTEM, run
from app.services import services
from dispatch.clock import to_iso
from dispatch.landmarks.commands import (
    ROWS_AT_ONCE,
    add_imported_places,
    begin_place_import,
    clear_place_import,
    drop_unsearched_places,
    publish_place_import,
)
from dispatch.landmarks.keeper import active_import
from dispatch.landmarks.osm_file import OsmFileError, read_osm_file
from dispatch.storage.tables import OwnLandmark, PlaceImport

_WORDS = {
    "read": "places and streets read",
    "kept": "kept",
    "outside": "outside of the city",
    "unnamed": "without a name",
    "duplicates": "in the city pack already",
    "repeated": "further pieces of a kept one",
}


@click.group("places", cls=AppGroup)
def places() -> None:
    """Places beside those of the city pack."""


@places.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def import_file(file: Path) -> None:
    """Read the named places of an OpenStreetMap extract (.osm.pbf) and search them instead of those read before.

    Running servers find the new names by themselves. A whole country takes much memory: cut the city out first
    (osmium extract --bbox).
    """
    centre = services().centre
    try:
        reading = read_osm_file(file, centre.city, centre.places)
    except OsmFileError as error:
        raise click.ClickException(f"{error}. Nothing was changed.") from None
    import_id = run(begin_place_import, actor=SYSTEM, file_name=file.name).import_id
    for start in range(0, len(reading.places), ROWS_AT_ONCE):
        some = [asdict(place) for place in reading.places[start : start + ROWS_AT_ONCE]]
        run(add_imported_places, actor=SYSTEM, import_id=import_id, places=some)
    run(publish_place_import, actor=SYSTEM, import_id=import_id, counts=reading.counts.as_dict())
    while run(drop_unsearched_places, actor=SYSTEM).changed:
        pass
    _print_counts(reading.counts.as_dict())
    click.echo(
        "Running servers search these within seconds; no restart is needed. (c) OpenStreetMap contributors, ODbL"
    )


@places.command("list")
def list_places() -> None:
    """Say which extract is searched, and how many landmarks of the centre's own."""
    try:
        with services().centre.read() as connection:
            import_id = active_import(connection)
            found = connection.execute(select(PlaceImport.__table__).where(PlaceImport.id == import_id)).first()
            live = select(func.count()).select_from(OwnLandmark).where(OwnLandmark.retired_at.is_(None))
            own = connection.execute(live).scalar_one()
    except SQLAlchemyError:
        raise click.ClickException(NO_SCHEMA) from None
    if found is None:
        click.echo("no OpenStreetMap extract; read one: flask --app wsgi places import FILE.osm.pbf")
    else:
        click.echo(f"{found.file_name}, imported {to_iso(found.published_at)}")
        _print_counts(found.counts)
    click.echo(f"{own:8} landmarks of the centre's own")


@places.command("clear")
def clear() -> None:
    """Search no OpenStreetMap extract any more; the centre's own landmarks stay."""
    if not run(clear_place_import, actor=SYSTEM).changed:
        click.echo("There is no OpenStreetMap extract to clear.")
        return
    while run(drop_unsearched_places, actor=SYSTEM).changed:
        pass
    click.echo("The extract is no longer searched.")


def _print_counts(counts: dict[str, int]) -> None:
    for name, words in _WORDS.items():
        click.echo(f"{counts.get(name, 0):8} {words}")
