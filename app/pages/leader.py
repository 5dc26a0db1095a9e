"""A leader's page: what reached the office, and following it up. Its script asks again every few seconds."""

from __future__ import annotations

from flask import Flask, render_template

from app.services import services
from app.web.guard import LEADERS, access, signed_in
from dispatch.leaders.reading import overview


def add_leader_page(app: Flask) -> None:
    """Offer the page."""
    app.add_url_rule("/leader", "leader", leader)


@access(LEADERS)
def leader() -> str:
    """What the ladders have brought before the leader's office."""
    centre = services().centre
    with centre.read() as connection:
        found = overview(connection, centre.city, signed_in().actor, centre.clock.now())
    return render_template("leader.html", overview=found)
