"""`flask --app wsgi push-key`: a key with which browsers are woken."""

from __future__ import annotations

import click
from flask.cli import with_appcontext


@click.command("push-key")
@with_appcontext
def push_key() -> None:
    """Print a new private key for SIAGA_PUSH_KEY; nothing is kept."""
    from app.outside.carriers.push import new_private_key  # with what encrypts, which other commands need not wait for

    click.echo(new_private_key())
