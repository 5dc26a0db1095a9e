"""`flask --app wsgi audit`: whether everybody was told who should have been."""

from __future__ import annotations

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError

from app.cli.running import NO_SCHEMA
from app.services import services
from dispatch.audit.auditor import audit as audit_centre


@click.command("audit")
@with_appcontext
def audit() -> None:
    """Look over all open clocks; exit code 0 when no step was missed, 1 otherwise."""
    centre = services().centre
    try:
        found = audit_centre(centre.read, centre.city, centre.clock.now())
    except SQLAlchemyError:
        raise click.ClickException(NO_SCHEMA) from None
    for missed in found.findings:
        rung = "" if missed.rung is None else f" rung {missed.rung}"
        since = f"{missed.since:%Y-%m-%d %H:%M:%S} UTC"
        click.echo(f"missed: {missed.what} {missed.subject}{rung} ticket {missed.ticket_number}, since {since}")
    if found.held:
        click.echo(f"{found.held} ladders wait since the database was brought back: flask --app wsgi ladders list-held")
    click.echo(f"{found.clocks} open clocks, {found.missed} steps missed")
    raise SystemExit(0 if found.clean else 1)
