"""Commands about people whom ladders may tell, and their rosters."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from app.cli.running import NO_SCHEMA, SYSTEM, run
from app.services import services
from app.web.messages import explain
from app.web.spreadsheets import csv_for_spreadsheets
from dispatch.city.ladders import Channel
from dispatch.duty.addresses import normalise_address
from dispatch.duty.contacts import add_contact, remove_contact, set_channels
from dispatch.errors import InvalidValue, RosterFileWrong, StorageUnavailable
from dispatch.roles import LadderRole
from dispatch.rosters.changes import midnight
from dispatch.rosters.reading import contacts_of, holes_view
from dispatch.rosters.roster_file import COLUMNS, import_roster, read_roster_file, roster_rows
from dispatch.rosters.shapes import Hole
from dispatch.storage.transaction import Transaction

#: Option -> channel, in the order in which they are tried.
_WAYS = ("whatsapp", "telegram", "sms", "email", "apprise")


@click.group("contact", cls=AppGroup)
def contact() -> None:
    """People whom ladders may tell, and how each is reached."""


@contact.command("add")
@click.argument("agency")
@click.argument("name")
@click.option("--role", type=click.Choice([role.value for role in LadderRole]), required=True)
@click.option("--area", help="Of an agency with many offices: the code of a kelurahan or kecamatan.")
@click.option("--user", help="The username with which this person signs in, if any.")
@click.option("--whatsapp", metavar="NUMBER")
@click.option("--telegram", metavar="ID", help="The number that Telegram has for the person or group.")
@click.option("--sms", metavar="NUMBER")
@click.option("--email", metavar="ADDRESS")
@click.option("--apprise", metavar="URL", help="Any further service, by the address that Apprise gives it.")
def add(agency: str, name: str, role: str, area: str | None, user: str | None, **ways: str | None) -> None:
    """Make a person known, or set how one is reached who is known already. Untested channels are used, and marked."""
    given = [(way, address) for way in _WAYS if (address := ways[way]) is not None]
    who = {"agency_code": agency, "name": name, "role": role, "area_code": area, "username": user}
    for way, address in given:
        _check_address(way, address)
    contact_id = run(_add, who=who, channels=given)
    click.echo(f"{contact_id}\t{agency}\t{role}\t{name}\t{', '.join(way for way, _ in given) or 'no channel'}")


@contact.command("list")
@click.option("--agency", help="Only this agency's.")
def list_contacts(agency: str | None) -> None:
    """List contacts: id, agency, area, role, name, and the channels in order; a tested one says since when."""
    centre = services().centre
    try:
        with centre.read() as connection:
            found = contacts_of(connection, centre.city, SYSTEM, centre.clock.now(), agency_code=agency)
    except SQLAlchemyError:
        raise click.ClickException(NO_SCHEMA) from None
    for one in found:
        ways = [f"{way['channel']} {way['address']} ({_tested(way['tested_at'])})" for way in one["channels"]]
        columns = (str(one["id"]), one["agency"], one["area"] or "-", one["role"], one["name"])
        click.echo("\t".join((*columns, "; ".join(ways) or "no channel")))


def _tested(instant: str | None) -> str:
    return f"tested {instant[:10]}" if instant else "not tested"


@contact.command("remove")
@click.argument("contact_id", type=int)
def remove(contact_id: int) -> None:
    """Tell somebody nothing any more; the shifts to come end too."""
    changed = run(remove_contact, actor=SYSTEM, contact_id=contact_id).changed
    click.echo(f"Contact {contact_id} is told nothing any more." if changed else f"Contact {contact_id} was removed.")


@click.group("roster", cls=AppGroup)
def roster() -> None:
    """Who has which shift."""


@roster.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_file(file: Path) -> None:
    """Take the shifts of a CSV file (agency, area, name, from, to, role; wall times): all of them or none."""
    try:
        lines = read_roster_file(file.read_text(encoding="utf-8-sig"))
        done = services().centre.run(import_roster, actor=SYSTEM, lines=lines)
    except RosterFileWrong as wrong:
        raise _named(file, wrong) from None
    except UnicodeDecodeError:
        raise click.ClickException(f"{file.name} is no UTF-8 text; save it as CSV UTF-8") from None
    except StorageUnavailable as unavailable:
        raise click.ClickException(f"{NO_SCHEMA} ({unavailable})") from None
    click.echo(f"{done.added} shifts are new, {done.left_out} were there already.")
    _list_holes(sorted({line.agency for line in lines}))


@roster.command("export")
@click.option("--agency", help="Only this agency's.")
def export_file(agency: str | None) -> None:
    """Write the shifts from today on as CSV, as `roster import` takes it."""
    centre = services().centre
    today = midnight(centre.clock.now().astimezone(centre.city.timezone).date()).isoformat(timespec="minutes")
    try:
        with centre.read() as connection:
            rows = roster_rows(connection, SYSTEM, agency, today)
    except SQLAlchemyError:
        raise click.ClickException(NO_SCHEMA) from None
    sys.stdout.write(csv_for_spreadsheets(COLUMNS, rows))


@roster.command("holes")
@click.option("--agency", help="Only this agency's.")
def list_holes(agency: str | None) -> None:
    """List where nobody would be told in the days to come."""
    _list_holes([agency] if agency else [None])


def _check_address(way: str, address: str) -> None:
    """Refuse an address that cannot be one by the option that it was given to: several may have been."""
    try:
        normalise_address(Channel(way), address, services().centre.city.policy.numbers)
    except InvalidValue as refusal:
        raise click.ClickException(f"--{way}: {explain(refusal.code, refusal.details, 'en')}") from None


def _add(tx: Transaction, *, who: Mapping[str, Any], channels: list[tuple[str, str]]) -> int:
    """A contact with its channels is one command: a wrong address leaves no half-known person."""
    contact_id = add_contact(tx, actor=SYSTEM, **who).contact_id
    if channels:
        set_channels(tx, actor=SYSTEM, contact_id=contact_id, channels=channels)
    return contact_id


def _named(file: Path, wrong: RosterFileWrong) -> click.ClickException:
    """Every mistake as FILE:row:field: what is wrong."""
    problems = wrong.details["problems"]
    assert isinstance(problems, list)
    lines = [f"{file.name}:{one['row']}:{one['field']}: {explain('invalid_value', one, 'en')}" for one in problems]
    return click.ClickException("\n".join([explain(wrong.code, wrong.details, "en"), *lines]))


def _list_holes(agencies: list[str] | list[None]) -> None:
    centre = services().centre
    try:
        with centre.read() as connection:
            for agency in agencies:
                for hole in holes_view(connection, centre.city, SYSTEM, centre.clock.now(), agency):
                    click.echo(_hole_line(hole))
    except SQLAlchemyError:
        raise click.ClickException(NO_SCHEMA) from None


def _hole_line(hole: Hole) -> str:
    local = services().centre.city.timezone
    times = [
        datetime.fromisoformat(instant).astimezone(local).strftime("%Y-%m-%dT%H:%M")
        for instant in (hole["starts_at"], hole["ends_at"])
        if instant is not None
    ]
    who = hole["name"] or hole["role"]
    weight = "hole" if hole["deep"] else "warning"
    return "\t".join((weight, hole["agency"], hole["area"] or "-", hole["kind"], who, *times))
