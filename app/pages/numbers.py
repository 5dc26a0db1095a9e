"""The page of flagged numbers, and the ministry's list as a file."""

from __future__ import annotations

from datetime import datetime

from flask import Flask, Response, render_template

from app.api.number_flags import read_flags
from app.services import services
from app.web.guard import OVERSIGHT, SUPERVISORS, access, signed_in
from app.web.spreadsheets import csv_for_spreadsheets
from dispatch.nuisance.reading import MINISTRY_COLUMNS, ministry_rows
from dispatch.storage.epochs import read_epoch
from dispatch.storage.journal import newest_seq


def add_number_pages(app: Flask) -> None:
    """Offer the page and the file."""
    app.add_url_rule("/numbers", "numbers", numbers)
    app.add_url_rule("/numbers/ministry.csv", "ministry_list", ministry_list)


@access(OVERSIGHT)
def numbers() -> str:
    """Proposals to decide, blocks in force, the ministry's list."""
    with services().centre.read() as connection:
        newest = newest_seq(connection)  # before the flags: what happens between the two is told again, and harmless
        epoch = read_epoch(connection)
    may_decide = signed_in().role in SUPERVISORS
    return render_template("numbers.html", flags=read_flags(), newest=newest, epoch=epoch, may_decide=may_decide)


@access(OVERSIGHT)
def ministry_list() -> Response:
    """What was approved for a total block, one row a number, as CSV that a spreadsheet opens."""
    centre = services().centre
    with centre.read() as connection:
        rows = ministry_rows(connection, centre.city)
    answer = Response(csv_for_spreadsheets(MINISTRY_COLUMNS, rows), mimetype="text/csv")
    day = _local_day(centre.clock.now())
    answer.headers["Content-Disposition"] = f'attachment; filename="siaga112-{centre.city.code}-blokir-total-{day}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _local_day(now: datetime) -> str:
    return now.astimezone(services().centre.city.timezone).strftime("%Y%m%d")
