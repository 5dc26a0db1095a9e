"""Shifts as a file."""

from __future__ import annotations

from flask import Flask, Response, request

from app.services import services
from app.web.guard import OVERSIGHT, RESPONDERS, access, signed_in
from app.web.spreadsheets import csv_for_spreadsheets
from dispatch.errors import NotFound
from dispatch.rosters.changes import midnight
from dispatch.rosters.reading import readable_agencies
from dispatch.rosters.roster_file import COLUMNS, roster_rows

_EDITORS = OVERSIGHT | RESPONDERS


def add_roster_pages(app: Flask) -> None:
    """Offer the file."""
    app.add_url_rule("/roster/duties.csv", "roster_file", roster_file)


@access(_EDITORS)
def roster_file() -> Response:
    """The shifts from today on, as CSV that a spreadsheet opens and `roster import` takes."""
    centre, person = services().centre, signed_in()
    agency = request.args.get("agency")
    if agency is not None and agency not in readable_agencies(centre.city, person.actor):
        raise NotFound("agency", agency)
    today = centre.clock.now().astimezone(centre.city.timezone).date()
    with centre.read() as connection:
        rows = roster_rows(connection, person.actor, agency, midnight(today).isoformat(timespec="minutes"))
    answer = Response(csv_for_spreadsheets(COLUMNS, rows), mimetype="text/csv")
    name = f"siaga112-{centre.city.code}-piket-{agency.lower() + '-' if agency else ''}{today:%Y%m%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
