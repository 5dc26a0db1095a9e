"""The web application: what people and programs reach. `create_app` makes one; importing it starts nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argon2 import PasswordHasher
    from flask import Flask

    from config import Settings
    from dispatch.centre import Centre
    from dispatch.places.boundaries import BoundaryLayer


def create_app(
    settings: Settings,
    centre: Centre,
    *,
    boundaries: BoundaryLayer | None = None,
    hasher: PasswordHasher | None = None,
) -> Flask:
    """Make the application of one node; nothing runs until `app.node.serving` starts it.

    `settings` must have a secret key. `hasher` decides how much work a password costs.
    """
    # Only here: who checks an installation and hands over to gunicorn needs none of it, and it takes a second.
    from app.application import make_application

    return make_application(settings, centre, boundaries=boundaries, hasher=hasher)
