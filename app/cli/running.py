"""Runs dispatch commands for the command line, and says in plain words why one was refused."""

from __future__ import annotations

import click
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.services import services
from app.web.messages import explain
from dispatch.errors import CommandRefused, StorageUnavailable
from dispatch.roles import Actor
from dispatch.storage.tables import User
from dispatch.storage.transaction import Command, P, R

NO_SCHEMA = "The database cannot be used. If it is new, run: flask --app wsgi db upgrade"


#: Whoever has the command line acts as the system itself.
SYSTEM = Actor.system()


def run(command: Command[P, R], /, *args: P.args, **arguments: P.kwargs) -> R:
    """Run a command; click.ClickException where it was refused."""
    try:
        return services().centre.run(command, *args, **arguments)
    except CommandRefused as refusal:
        raise click.ClickException(explain(refusal.code, refusal.details, "en")) from None
    except StorageUnavailable as unavailable:
        raise click.ClickException(f"{NO_SCHEMA} ({unavailable})") from None


def user_id_of(username: str) -> int:
    """The id of a user; click.ClickException where there is none of that name."""
    try:
        with services().centre.read() as connection:
            user_id = connection.execute(select(User.id).where(User.username == username)).scalar()
    except SQLAlchemyError:
        raise click.ClickException(NO_SCHEMA) from None
    if user_id is None:
        raise click.ClickException(f"There is no user {username}; see: flask --app wsgi user list")
    return int(user_id)
