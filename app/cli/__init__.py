"""The command line, `flask --app wsgi COMMAND`: starts no server; a running one notices what it changes."""

from __future__ import annotations

from flask import Flask

from app.cli.audit import audit
from app.cli.calls import calls
from app.cli.check import check
from app.cli.city import boundaries, city
from app.cli.contacts import contact, roster
from app.cli.ladders import ladders
from app.cli.places import places
from app.cli.push import push_key
from app.cli.storage import backup, db, journal, restored
from app.cli.tokens import token
from app.cli.users import create_admin, user


def add_commands(app: Flask) -> None:
    """Offer the commands of `app`."""
    for command in (
        create_admin,
        user,
        token,
        boundaries,
        city,
        places,
        journal,
        backup,
        restored,
        db,
        check,
        calls,
        audit,
        contact,
        roster,
        ladders,
        push_key,
    ):
        app.cli.add_command(command)
