"""Commands about users. A password is typed twice without being shown, or read from standard input."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.account.password_rules import context_of, problem_with
from app.cli.running import NO_SCHEMA, SYSTEM, run, user_id_of
from app.people.passwords import MAX_LENGTH
from app.services import services
from dispatch.clock import to_iso
from dispatch.people.commands import create_user, deactivate_user, set_password
from dispatch.people.second_factors import reset_second_factor
from dispatch.roles import Role
from dispatch.storage.tables import SignInAttempt, User

_from_stdin = click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
_name = click.option("--name", default="", help="The name that colleagues see; by default the username.")


@click.command("create-admin")
@click.argument("username")
@_name
@_from_stdin
@with_appcontext
def create_admin(username: str, name: str, password_stdin: bool) -> None:
    """Make an administrator: the first user of a new installation."""
    _create(username, name, Role.ADMIN, None, password_stdin)


@click.group("user", cls=AppGroup)
def user() -> None:
    """Users and their passwords."""


@user.command("add")
@click.argument("username")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--agency", help="The agency's code, for responders.")
@_name
@_from_stdin
def add(username: str, role: str, agency: str | None, name: str, password_stdin: bool) -> None:
    """Make a user."""
    _create(username, name, Role(role), agency, password_stdin)


@user.command("list")
def list_users() -> None:
    """List all users: username, role, agency, name, and since when a user is deactivated."""
    try:
        with services().centre.read() as connection:
            rows = connection.execute(select(User.__table__).order_by(User.username)).all()
    except SQLAlchemyError:
        raise click.ClickException(NO_SCHEMA) from None
    for row in rows:
        state = f"deactivated {to_iso(row.deactivated_at)}" if row.deactivated_at else "active"
        click.echo("\t".join((row.username, row.role, row.agency_code or "-", row.display_name, state)))


@user.command("deactivate")
@click.argument("username")
def deactivate(username: str) -> None:
    """Take a user's access away at once: sessions and tokens end, sockets are cut."""
    run(deactivate_user, actor=SYSTEM, user_id=user_id_of(username))
    click.echo(f"{username} can no longer sign in.")


@user.command("set-password")
@click.argument("username")
@_from_stdin
def change_password(username: str, password_stdin: bool) -> None:
    """Replace a user's password; the user is signed out everywhere, and the user's tokens end."""
    user_id = user_id_of(username)
    password_hash = _hash_of(password_stdin, username)
    tokens = run(set_password, actor=SYSTEM, user_id=user_id, password_hash=password_hash).tokens
    click.echo(f"{username} has a new password.")
    if tokens:
        click.echo(f"{tokens} token{'s' if tokens > 1 else ''} of {username} ended with the old one; make new ones.")


@user.command("reset-second-factor")
@click.argument("username")
def reset_factor(username: str) -> None:
    """Forget a user's authenticator and recovery codes; the next sign-in makes a new one known."""
    changed = run(reset_second_factor, actor=SYSTEM, user_id=user_id_of(username)).changed
    if changed:
        click.echo(f"{username} is signed out, and makes a new authenticator known at the next sign-in.")
    else:
        click.echo(f"{username} has no authenticator.")


@user.command("attempts")
@click.option("--failed", is_flag=True, help="Only those that failed.")
def attempts(failed: bool) -> None:
    """List the tries to sign in that are kept, newest last: when, name, network, how, and how it ended.

    A name that no user has is shown as `?` and a mark of its own: what was typed there may be a password.
    """
    statement = select(SignInAttempt.__table__).order_by(SignInAttempt.at, SignInAttempt.id)
    if failed:
        statement = statement.where(SignInAttempt.succeeded.is_(False))
    try:
        with services().centre.read() as connection:
            rows = connection.execute(statement).all()
    except SQLAlchemyError:
        raise click.ClickException(NO_SCHEMA) from None
    for row in rows:
        browser = "known browser" if row.device else "new browser"
        end = "succeeded" if row.succeeded else "failed"
        click.echo(
            "\t".join(
                (
                    to_iso(row.at),
                    row.username[:8] if row.username[0:1] == "?" else row.username,
                    row.address,
                    row.kind,
                    browser,
                    end,
                )
            )
        )


def _create(username: str, name: str, role: Role, agency: str | None, from_stdin: bool) -> None:
    password_hash = _hash_of(from_stdin, username, name)
    run(
        create_user,
        actor=SYSTEM,
        username=username,
        display_name=name or username,
        password_hash=password_hash,
        role=role.value,
        agency_code=agency,
    )
    click.echo(f"{username} can sign in now ({role.value}).")


def _hash_of(from_stdin: bool, *names: str) -> str:
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    else:
        password = str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    city = services().centre.city
    least = city.policy.sign_in.min_length
    match problem_with(password, least, context_of(city, *names)):
        case "too_short" | "too_long":
            raise click.ClickException(f"A password has {least} to {MAX_LENGTH} characters.")
        case "too_easy":
            raise click.ClickException(
                "This password is easy to guess: it is common, or made of words that everybody here knows. "
                "Take four unusual words, or let a password manager make one."
            )
    return services().passwords.hash(password)
