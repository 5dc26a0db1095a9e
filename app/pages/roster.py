"""The page of people and shifts, and the shifts as a file."""

from __future__ import annotations

from flask import Flask, Response, render_template, request

from app.services import services
from app.web.guard import OVERSIGHT, RESPONDERS, access, signed_in
from app.web.spreadsheets import csv_for_spreadsheets
from dispatch.city.ladders import Channel
from dispatch.duty.addresses import BY_HAND
from dispatch.errors import NotFound
from dispatch.roles import LadderRole
from dispatch.rosters.changes import midnight
from dispatch.rosters.reading import area_name, readable_agencies, rosters_overview
from dispatch.rosters.roster_file import COLUMNS, roster_rows
from dispatch.storage.epochs import read_epoch
from dispatch.storage.journal import newest_seq

_EDITORS = OVERSIGHT | RESPONDERS


def add_roster_pages(app: Flask) -> None:
    """Offer the page and the file."""
    app.add_url_rule("/roster", "roster", roster)
    app.add_url_rule("/roster/duties.csv", "roster_file", roster_file)


@access(_EDITORS)
def roster() -> str:
    """Agencies with holes first, an agency's week, the ladder of a shift, its people and their channels."""
    centre, person = services().centre, signed_in()
    with centre.read() as connection:
        newest, epoch = newest_seq(connection), read_epoch(connection)
        agencies = rosters_overview(connection, centre.city, person.actor, centre.clock.now())
    return render_template(
        "roster.html",
        rosters={"items": agencies, "next": None},
        newest=newest,
        epoch=epoch,
        areas=_areas(),
        roles=[role.value for role in LadderRole],
        channels=[channel.value for channel in BY_HAND if channel is not Channel.APPRISE or person.role in OVERSIGHT],
    )


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


def _areas() -> dict[str, list[dict[str, str | None]]]:
    """By agency of which there are many offices: the areas that one may have, kecamatan first."""
    city = services().centre.city
    codes = sorted({code.rpartition(".")[0] for code in city.kelurahan}) + list(city.kelurahan)
    named = [{"code": code, "name": area_name(city, code)} for code in codes]
    return dict.fromkeys(city.ladders.roster.areas, named)
