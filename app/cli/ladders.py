"""Commands about ladders that wait for a person since the database was brought back from a backup."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy.exc import SQLAlchemyError

from app.cli.running import NO_SCHEMA, SYSTEM, run
from app.services import services
from dispatch.ladders.held import drop_held, drop_loose_messages, read_held, release_held
from dispatch.ladders.shapes import Held


@click.group("ladders", cls=AppGroup)
def ladders() -> None:
    """Who is told when nobody acts: what waits since the database was brought back from a backup."""


@ladders.command("list-held")
def list_held() -> None:
    """List each ticket for which something waits, with what was planned."""
    held = _held()
    if held["restored_at"] is None:
        click.echo("The database was never brought back from a backup, as far as it knows; nothing waits.")
        return
    click.echo(f"brought back at {held['restored_at']}")
    for ticket in held["items"]:
        click.echo(f"{ticket['ticket_number']} {ticket['priority'] or '-'} {ticket['state']}")
        for ladder in ticket["ladders"]:
            agency = f" {ladder['agency']}" if ladder["agency"] else ""
            planned = (
                f"next {ladder['next_who']}, was due {ladder['next_at']}" if ladder["next_who"] else "none is next"
            )
            click.echo(f"  {ladder['clock']}{agency}, due {ladder['due_at']}: {ladder['rung']} steps taken, {planned}")
        for message in ticket["messages"]:
            click.echo(f"  message {message['kind']} to {message['role']} by {message['channel']}")
    if held["loose_messages"]:
        click.echo(f"{len(held['loose_messages'])} messages that belong to no ticket")
    click.echo(f"{len(held['items'])} tickets wait")


@ladders.command("release")
@click.option("--ticket", metavar="NUMBER", help="This one only; without it all that wait.")
@click.option(
    "--send-messages", is_flag=True, help="Send what waited, marked as perhaps sent twice; else it is dropped."
)
def release(ticket: str | None, send_messages: bool) -> None:
    """Let what waits go on from now: the next rung comes at its own distance, nothing of the past at once."""
    went_on = sent = dropped = 0
    for number in _numbers(ticket):
        done = run(release_held, actor=SYSTEM, number=number, send_messages=send_messages)
        went_on, sent, dropped = went_on + done.ladders, sent + done.messages, dropped + done.dropped
    click.echo(f"{went_on} ladders go on from now, {sent} messages are sent, {dropped} dropped")


@ladders.command("drop")
@click.option("--ticket", metavar="NUMBER", help="This one only; without it all that wait, and loose messages.")
def drop(ticket: str | None) -> None:
    """End what waits: the clocks run on, and nobody is told of them."""
    dropped = sum(run(drop_held, actor=SYSTEM, number=number).dropped for number in _numbers(ticket))
    if ticket is None:
        dropped += run(drop_loose_messages, actor=SYSTEM).dropped
    click.echo(f"{dropped} ladders and messages dropped")


def _numbers(ticket: str | None) -> list[str]:
    return [ticket] if ticket is not None else [one["ticket_number"] for one in _held()["items"]]


def _held() -> Held:
    try:
        with services().centre.read() as connection:
            return read_held(connection)
    except SQLAlchemyError:
        raise click.ClickException(NO_SCHEMA) from None
