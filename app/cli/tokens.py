"""Commands about the bearer tokens of programs."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy import select

from app.cli.running import SYSTEM, run, user_id_of
from app.people.person import hash_scoped_token, hash_token, new_token
from app.services import services
from dispatch.clock import to_iso
from dispatch.people.commands import create_api_token, revoke_api_token
from dispatch.roles import TokenScope
from dispatch.storage.tables import ApiToken


@click.group("token", cls=AppGroup)
def token() -> None:
    """Bearer tokens, by which a program acts for a user."""


@token.command("create")
@click.argument("username")
@click.option(
    "--scope",
    type=click.Choice([scope.value for scope in TokenScope]),
    default=TokenScope.ALL.value,
    show_default=True,
    help="What the token is good for: all that its user may do, or this alone.",
)
@click.option(
    "--days",
    type=click.IntRange(0, 3660),
    help="How long it lasts; 0: until it is revoked. By default as the city's policy says (sign_in.token_days).",
)
def create(username: str, scope: str, days: int | None) -> None:
    """Make a token and print it, alone; it cannot be shown again.

    It ends after its days, and before that with its user's password or access.
    """
    made, centre = new_token(), services().centre
    days = centre.city.policy.sign_in.token_days if days is None else days
    expires_at = centre.clock.now() + timedelta(days=days) if days else None
    outcome = run(
        create_api_token,
        actor=SYSTEM,
        user_id=user_id_of(username),
        token_hash=hash_token(made) if scope == TokenScope.ALL else hash_scoped_token(made),
        scope=scope,
        expires_at=expires_at,
    )
    click.echo(made)
    lasts = f"until {to_iso(expires_at)}" if expires_at else "until it is revoked"
    good_for = f"acts for {username}" if scope == TokenScope.ALL else f"of {username} is good for {scope} alone"
    click.echo(f"token {outcome.token_id} {good_for}, {lasts}", err=True)


@token.command("list")
@click.argument("username")
def list_tokens(username: str) -> None:
    """List a user's tokens by number; the tokens themselves are not kept."""
    user_id = user_id_of(username)
    centre = services().centre
    with centre.read() as connection:
        rows = connection.execute(
            select(ApiToken.__table__).where(ApiToken.user_id == user_id).order_by(ApiToken.id)
        ).all()
    for row in rows:
        scope = f"for {row.scope}" if row.scope != TokenScope.ALL else "for all"
        click.echo(f"{row.id}\tmade {to_iso(row.created_at)}\t{_state(row, centre.clock.now())}\t{scope}")


def _state(row: Any, now: datetime) -> str:
    if row.revoked_at:
        return f"revoked {to_iso(row.revoked_at)}"
    if row.expires_at is None:
        return "valid until it is revoked"
    return f"{'valid until' if row.expires_at > now else 'expired'} {to_iso(row.expires_at)}"


@token.command("revoke")
@click.argument("token_id", type=click.IntRange(1, 2**63 - 1))
def revoke(token_id: int) -> None:
    """Make a token useless at once, by its number."""
    run(revoke_api_token, actor=SYSTEM, token_id=token_id)
    click.echo(f"token {token_id} is revoked")
