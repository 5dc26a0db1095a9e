"""`flask --app wsgi check`: what is not right with this installation, and what to do about it."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.checks.clock import check_clock
from app.checks.exchange import check_exchange
from app.checks.finding import Standing
from app.checks.node import check_node
from app.checks.pages import check_pages
from app.checks.settings import check_settings
from app.services import services


@click.command("check")
@with_appcontext
def check() -> None:
    """Say what is not right with this installation, and what to do; exit code 1 when something is wrong.

    Nothing is changed. Each line says ok, WRONG or `not seen`: what cannot be seen from this machine is no fault. The
    machine that Asterisk runs on has its own check, telephony/asterisk/check.sh, which this runs where both are one.
    """
    settings, centre = services().settings, services().centre
    findings = [
        *check_settings(settings),
        check_pages(),
        *check_node(settings, centre),
        *check_exchange(settings, centre),
        *check_clock(centre),
    ]
    for finding in findings:
        click.echo("\n".join(finding.lines()))
    bad = sum(finding.standing is Standing.WRONG for finding in findings)
    if bad:
        click.echo(f"{bad} to mend", err=True)
        raise click.exceptions.Exit(1)
