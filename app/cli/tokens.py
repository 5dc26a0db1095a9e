"""Commands about the bearer tokens of programs."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.access import hash_token, new_token
from app.cli.running import run, user_id_of
from app.services import services
from dispatch.clock import to_iso
from dispatch.commands.people import create_api_token, revoke_api_token
from dispatch.tables import ApiToken


@click.group("token", cls=AppGroup)
def token() -> None:
    """Bearer tokens, by which a program acts for a user."""


@token.command("create")
@click.argument("username")
def create(username: str) -> None:
    """Make a token and print it, alone; it cannot be shown again."""
    made = new_token()
    outcome = run(create_api_token, user_id=user_id_of(username), token_hash=hash_token(made))
    click.echo(made)
    click.echo(f"token {(outcome.detail or {})['token_id']} acts for {username}", err=True)


@token.command("list")
@click.argument("username")
def list_tokens(username: str) -> None:
    """List a user's tokens by number; the tokens themselves are not kept."""
    user_id = user_id_of(username)
    with services().centre.read() as connection:
        rows = connection.execute(
            select(ApiToken.__table__).where(ApiToken.user_id == user_id).order_by(ApiToken.id)
        ).all()
    for row in rows:
        state = f"revoked {to_iso(row.revoked_at)}" if row.revoked_at else "valid"
        click.echo(f"{row.id}\tmade {to_iso(row.created_at)}\t{state}")


@token.command("revoke")
@click.argument("token_id", type=click.IntRange(1, 2**63 - 1))
def revoke(token_id: int) -> None:
    """Make a token useless at once, by its number."""
    run(revoke_api_token, token_id=token_id)
    click.echo(f"token {token_id} is revoked")
