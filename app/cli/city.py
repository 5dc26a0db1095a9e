"""Commands about the city pack and the boundary file that a city may load over the pack's."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import click
from flask.cli import AppGroup

from app.node.boundary_choice import BOUNDARY_FILE, boundary_choice
from app.services import services
from dispatch.places.boundaries import BoundaryFileError, BoundaryLayer, BoundaryReport, load_boundaries
from dispatch.places.boundary_simplify import simplify_boundaries


@click.group("city", cls=AppGroup)
def city() -> None:
    """The city pack."""


@city.command("check")
def check() -> None:
    """Say what the city pack holds; a pack with faults does not get this far and names them all.

    Polygons with lesser faults serve, but the command ends with an error: a pack's polygons have none.
    """
    pack = services().centre.city
    parts = {
        "agencies": pack.agencies,
        "incident types": pack.incident_types,
        "kelurahan": pack.kelurahan,
        "landmarks": pack.landmarks,
        "streets and junctions": pack.streets,
        "seats": pack.seats,
        "decline reasons": pack.decline_reasons,
        "danger words": pack.danger_words,
    }
    click.echo(f"{pack.name} ({pack.code}), {pack.timezone}")
    for name, part in parts.items():
        click.echo(f"{len(part):6} {name}")
    choice = boundary_choice(services().settings)
    if choice is None:
        click.echo("     0 polygons: the kelurahan's points serve, and places found by them are called approximate")
        return
    layer = choice.read(pack)
    click.echo(f"{len(layer.codes):6} polygons, from {choice.path}: {layer.attribution}")
    faults = _faults(layer.report)
    if faults:
        raise click.ClickException(f"{choice.path}: {'; '.join(faults)}")


def _faults(report: BoundaryReport) -> list[str]:
    """What polygons that are to be relied on may not have."""
    found = {
        "kelurahan without a polygon": report.missing_codes,
        "codes that the city pack does not know": report.unknown_codes,
        "kelurahan whose point lies outside of their polygon": report.outside_own,
        "overlaps": [" and ".join(overlap.codes) for overlap in report.overlaps],
        "bad geometries": report.invalid,
    }
    return [f"{what}: {', '.join(which)}" for what, which in found.items() if which]


@click.group("boundaries", cls=AppGroup)
def boundaries() -> None:
    """The kelurahan as polygons."""


@boundaries.command("load")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--code-property", help="The property that holds the Kemendagri code, where it is not recognised.")
@click.option("--attribution", help="Whose borders these are, where the file does not say so.")
def load(file: Path, code_property: str | None, attribution: str | None) -> None:
    """Check a GeoJSON file and keep a copy of it; it is used from the next start on."""
    try:
        layer = load_boundaries(file, services().centre.city, code_property=code_property, attribution=attribution)
    except BoundaryFileError as error:
        raise click.ClickException(str(error)) from None
    target = services().settings.data_dir / BOUNDARY_FILE
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = target.with_suffix(".unfinished")
        if code_property or attribution:
            unfinished.write_text(_with_choices(file, code_property, layer.attribution), encoding="utf-8")
        else:
            shutil.copyfile(file, unfinished)
        unfinished.rename(target)
    except OSError as error:
        raise click.ClickException(f"SIAGA_DATA: cannot write {target}: {error.strerror}") from None
    _print_report(layer)
    click.echo(f"kept as {target}; restart Siaga 112 to use it")


@boundaries.command("simplify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--tolerance-m", type=click.FloatRange(0.1, 50), default=1.0, show_default=True)
@click.option("--code-property", help="The property that holds the Kemendagri code, where it is not recognised.")
@click.option("--attribution", help="Whose borders these are, where the file does not say so.")
def simplify(file: Path, target: Path, tolerance_m: float, code_property: str | None, attribution: str | None) -> None:
    """Make a light copy of a GeoJSON file, for a city pack: shared borders stay shared, and nothing else is kept."""
    city = services().centre.city
    try:
        light = simplify_boundaries(
            file, city, tolerance_m=tolerance_m, code_property=code_property, attribution=attribution
        )
        target.write_text(light.text(), encoding="utf-8")
    except BoundaryFileError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"cannot write {target}: {error.strerror}") from None
    click.echo(f"{light.points_before} points became {light.points_after}, {target.stat().st_size} bytes")
    click.echo(
        f"no border moved farther than {light.moved_m:.1f} m, no area changed by more than {light.area_change:.2%}"
    )


def _with_choices(file: Path, code_property: str | None, attribution: str) -> str:
    """The file's content with what was said on the command line, so that the next start needs no options."""
    content = json.loads(file.read_bytes().decode("utf-8-sig"))
    content["attribution"] = attribution
    for feature in content["features"]:
        properties = feature.get("properties") or {}
        if code_property and code_property in properties:
            feature["properties"] = {"kode": properties[code_property]}
    return json.dumps(content, ensure_ascii=False)


def _print_report(layer: BoundaryLayer) -> None:
    report = layer.report
    click.echo(f"coverage: {report.coverage:.1%} of the kelurahan, {report.area_km2} km2")
    click.echo(f"points of the pack inside their own polygon: {report.points_in_own:.1%}")
    click.echo(f"kelurahan without a polygon: {', '.join(report.missing_codes) or 'none'}")
    click.echo(f"codes that the city pack does not know: {', '.join(report.unknown_codes) or 'none'}")
    overlaps = [f"{' and '.join(overlap.codes)} ({overlap.area_m2:.0f} m2)" for overlap in report.overlaps]
    click.echo(f"overlaps: {'; '.join(overlaps) or 'none'}")
    click.echo(f"bad geometries: {'; '.join(report.invalid) or 'none'}")
    click.echo(f"attribution: {layer.attribution}")
