"""The pages (console, agency, board): each is a template and the data it starts from."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, render_template, send_file, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.feed.prepared_json import PreparedJson
from app.pages.card_catalogue import prepared_cards
from app.pages.catalogue import decline_reasons_of
from app.people.person import Person
from app.services import services
from app.web.guard import CENTRE, EVERYONE, OPERATORS, RESPONDERS, access, current_person, for_walls, signed_in
from app.web.languages import current_language
from app.web.own_tickets import check_assignment, seen_by
from dispatch.clock import to_iso
from dispatch.people.keys import keys_of
from dispatch.roles import Role

_HOME = {
    Role.CALL_TAKER: "console",
    Role.SUPERVISOR: "board",
    Role.ADMIN: "board",
    Role.RESPONDER: "agency",
    Role.LEADER: "leader",
}


def add_pages(app: Flask) -> None:
    """Offer the pages, and to every template what all of them show."""
    app.context_processor(_for_every_template)
    app.add_url_rule("/", "home", home)
    app.add_url_rule("/console", "console", console)
    app.add_url_rule("/board", "board", board)
    app.add_url_rule("/map/city.pmtiles", "map_file", map_file)
    app.add_url_rule("/agency", "agency", agency)
    app.add_url_rule(f"/agency/<int(max={2**63 - 1}):assignment_id>", "assignment", assignment)


@access(EVERYONE)
@for_walls
def home() -> Response:
    """Send everybody to the page of their role."""
    person = signed_in()
    return redirect(url_for("board" if person.wall else _HOME[person.role]), 303)


@access(OPERATORS)
def console() -> str:
    """The operator's console."""
    centre = services().centre
    return render_template(
        "console.html", seats=_seats(), cards=prepared_cards(centre.city), keys=_own_keys(), **_start_of_page()
    )


@access(CENTRE)
@for_walls
def board() -> str:
    """The supervisor's board; no caller's number or name reaches it."""
    return render_template("board.html", **_start_of_page(services().snapshots.of_board(signed_in())))


@access(EVERYONE)
@for_walls
def map_file() -> Response:
    """The city's PMTiles file, in the ranges that a map asks for; 404 where none is configured."""
    path = services().settings.pmtiles
    if path is None or not path.is_file():
        abort(404)
    answer = send_file(path.resolve(), mimetype="application/vnd.pmtiles", conditional=True)
    answer.headers["Cache-Control"] = "private, no-cache"  # kept, and asked about again: the file may be replaced
    return answer


@access(RESPONDERS)
def agency() -> str:
    """The agency's list: new, under way, done."""
    return render_template("agency.html", assignment_id=None, **_start_of_page())


@access(RESPONDERS)
def assignment(assignment_id: int) -> str:
    """One task. Opening it acknowledges nothing: chat programs open links to preview them."""
    person = signed_in()
    ticket = seen_by(person, check_assignment(person, assignment_id, "page"))
    reasons = decline_reasons_of(services().centre.city)
    return render_template(
        "agency.html", assignment_id=assignment_id, ticket=ticket, decline_reasons=reasons, **_start_of_page()
    )


def _start_of_page(snapshot: PreparedJson | None = None) -> dict[str, Any]:
    person = signed_in()
    return {
        "snapshot": snapshot or services().snapshots.of_tickets(person),
        "catalogue": services().catalogue,
        "session_expires_at": to_iso(person.expires_at) if person.expires_at else None,
    }


def _seats() -> list[dict[str, str]]:
    seats, language = services().centre.city.seats.values(), current_language()
    return [{"code": seat.code, "name": seat.name(language), "extension": seat.extension} for seat in seats]


def _own_keys() -> dict[str, str]:
    with services().centre.read() as connection:
        return dict(keys_of(connection, signed_in().user_id))


def _for_every_template() -> dict[str, Any]:
    settings, centre = services().settings, services().centre
    return {
        "language": current_language(),
        "city": centre.city,
        "me": _me(current_person()),
        **_idle(current_person()),
        "tiles_url": settings.tile_url,
        "tiles_attribution": settings.tile_attribution,
        "pmtiles": url_for("map_file") if settings.pmtiles else "",
        "geocoder": settings.geocoder,
        "demo_phones": services().phones is not None,
        "push_key": services().push_key,
    }


def _me(person: Person | None) -> dict[str, Any] | None:
    if person is None:
        return None
    agencies = services().centre.city.agencies
    own = agencies.get(person.agency_code) if person.agency_code else None
    return {
        "id": person.user_id,
        "username": person.username,
        "name": person.display_name,
        "role": person.role,
        "agency": person.agency_code,
        "agency_name": own.name if own else None,
        "seat": person.seat,
        "wall": person.wall,
    }


def _idle(person: Person | None) -> dict[str, Any]:
    """What a page needs to warn before its session goes idle: nothing where it may rest."""
    policy = services().centre.city.policy.sign_in
    limited = person is not None and person.session_id is not None and not person.wall and policy.idle_s[person.role]
    return {"idle_warn_s": policy.idle_warn_s if limited else None}
