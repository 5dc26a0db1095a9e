"""The page of what waits since the database was brought back from a backup: a supervisor says what becomes of it."""

from __future__ import annotations

from flask import Flask, render_template

from app.services import services
from app.web.guard import OVERSIGHT, SUPERVISORS, access, signed_in
from dispatch.ladders.held import read_held
from dispatch.storage.epochs import read_epoch
from dispatch.storage.journal import newest_seq


def add_held_page(app: Flask) -> None:
    """Offer the page."""
    app.add_url_rule("/held", "held", held)


@access(OVERSIGHT)
def held() -> str:
    """Each ticket for which something waits, with what was planned."""
    with services().centre.read() as connection:
        newest, epoch, waiting = newest_seq(connection), read_epoch(connection), read_held(connection)
    may_decide = signed_in().role in SUPERVISORS
    return render_template("held.html", held=waiting, newest=newest, epoch=epoch, may_decide=may_decide)
