"""Operations on people, their channels and their shifts: the centre's supervisors, and each agency for itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, select

from app.api import requests, shapes
from app.api.operations import ApiRequest, Operations
from app.services import services
from app.web.guard import EVERYONE, RESPONDERS
from app.web.languages import current_language
from dispatch.city.model import Priority
from dispatch.duty import channel_tests, checking_in, contacts
from dispatch.duty.wall_times import wall_shift
from dispatch.roles import Role
from dispatch.rosters import changes, reading
from dispatch.rosters.channel_testing import begin_channel_test
from dispatch.rosters.roster_file import import_roster, read_roster_file
from dispatch.rosters.shapes import RosterWeek, ShiftView
from dispatch.storage.tables import Contact, ContactChannel, Duty
from dispatch.storage.transaction import Outcome

operations = Operations()
#: Whoever may change something somewhere; where, the command decides. It answers NotFound for other agencies.
EDITORS = frozenset({Role.SUPERVISOR, Role.ADMIN}) | RESPONDERS
_ID = f"<int(max={2**63 - 1}):"
_CONTACT, _CHANNEL, _DUTY = (
    f"/contacts/{_ID}contact_id>",
    f"/contact-channels/{_ID}channel_id>",
    f"/duties/{_ID}duty_id>",
)


@operations.get("/contacts", tag="duty", roles=EVERYONE, query=requests.ContactQuery, answer=shapes.Contacts)
def list_contacts(request: ApiRequest) -> shapes.Contacts:
    """List the people whom ladders may tell; addresses only to whoever may edit them."""
    query, centre, actor = request.query, services().centre, request.person.actor
    if query.agency is not None:
        reading.require_readable(centre.city, actor, query.agency)
    with centre.read() as connection:
        items = reading.contacts_of(
            connection,
            centre.city,
            actor,
            centre.clock.now(),
            agency_code=query.agency,
            after=query.after,
            limit=query.limit + 1,
        )
    more = len(items) > query.limit
    items = items[: query.limit]
    return {"items": items, "next": items[-1]["id"] if more else None}


@operations.post("/contacts", tag="duty", roles=EDITORS, body=requests.AddContact, answer=shapes.RosterDone)
def add_contact(request: ApiRequest) -> shapes.RosterDone:
    """Make a person known whom ladders may tell."""
    body = request.body
    named = {"agency_code": body.agency, "name": body.name, "role": body.role, "area_code": body.area}
    return _run(request, contacts.add_contact, **named, username=body.username)


@operations.post(f"{_CONTACT}/change", tag="duty", roles=EDITORS, body=requests.ChangeContact, answer=shapes.RosterDone)
def change_contact(request: ApiRequest) -> shapes.RosterDone:
    """Correct who a contact is."""
    body = request.body
    named = {"name": body.name, "role": body.role, "area_code": body.area, "username": body.username}
    return _run(request, contacts.change_contact, **request.path, **named)


@operations.post(f"{_CONTACT}/remove", tag="duty", roles=EDITORS, answer=shapes.RosterDone)
def remove_contact(request: ApiRequest) -> shapes.RosterDone:
    """Tell somebody nothing any more: channels and the shifts to come end too."""
    return _run(request, contacts.remove_contact, **request.path)


@operations.post(f"{_CONTACT}/channels", tag="duty", roles=EDITORS, body=requests.SetChannels, answer=shapes.RosterDone)
def set_channels(request: ApiRequest) -> shapes.RosterDone:
    """Say how somebody is reached, in order; what is new or changed has to be tested."""
    ways = [(one.channel, one.address) for one in request.body.channels]
    return _run(request, contacts.set_channels, **request.path, channels=ways)


@operations.post(f"{_CONTACT}/check-in", tag="duty", roles=EDITORS, answer=shapes.RosterDone)
def check_in(request: ApiRequest) -> shapes.RosterDone:
    """Say SIAP for the shift that runs or begins soon; `duty_id` is null where there is none."""
    return _run(request, checking_in.check_in, **request.path, by=_by(request))


@operations.post(f"{_CHANNEL}/test", tag="duty", roles=EDITORS, answer=shapes.RosterDone)
def test_channel(request: ApiRequest) -> shapes.RosterDone:
    """Send a message that has to be answered with its code; until then the channel is marked as not tested."""
    return _run(request, begin_channel_test, **request.path)


@operations.post(f"{_CHANNEL}/prove", tag="duty", roles=EDITORS, body=requests.ProveChannel, answer=shapes.RosterDone)
def prove_channel(request: ApiRequest) -> shapes.RosterDone:
    """Type the code of a test that came by a channel which brings no answers back."""
    return _run(request, channel_tests.answer_test_by_code, **request.path, code=request.body.code)


@operations.get("/duties", tag="duty", roles=EVERYONE, query=requests.DutyQuery, answer=shapes.Duties)
def list_duties(request: ApiRequest) -> shapes.Duties:
    """List the shifts of a time."""
    query, centre, actor = request.query, services().centre, request.person.actor
    if query.agency is not None:
        reading.require_readable(centre.city, actor, query.agency)
    with centre.read() as connection:
        items = reading.duties_of(connection, centre.city, actor, query.since, query.until, query.agency)
    return {"items": items, "next": None}


@operations.post("/duties", tag="duty", roles=EDITORS, body=requests.AddDuty, answer=shapes.RosterDone)
def add_duty(request: ApiRequest) -> shapes.RosterDone:
    """Give somebody a shift, who is told."""
    return _run(request, changes.add_duty, **_fields(request))


@operations.post(f"{_DUTY}/remove", tag="duty", roles=EDITORS, body=requests.RemoveDuty, answer=shapes.RosterDone)
def remove_duty(request: ApiRequest) -> shapes.RosterDone:
    """Take a shift away; its person is told."""
    return _run(request, changes.remove_duty, **request.path, **_fields(request))


@operations.post(f"{_DUTY}/swap", tag="duty", roles=EDITORS, body=requests.SwapDuty, answer=shapes.RosterDone)
def swap_duty(request: ApiRequest) -> shapes.RosterDone:
    """Give a shift to somebody else, perhaps for one of theirs; both are told."""
    return _run(request, changes.swap_duty, **request.path, **_fields(request))


@operations.get("/rosters", tag="duty", roles=EVERYONE, answer=shapes.Rosters)
def list_rosters(request: ApiRequest) -> shapes.Rosters:
    """List the agencies with their holes, the deepest first."""
    centre = services().centre
    with centre.read() as connection:
        items = reading.rosters_overview(connection, centre.city, request.person.actor, centre.clock.now())
    return {"items": items, "next": None}


@operations.get("/rosters/<string:agency>", tag="duty", roles=EVERYONE, query=requests.WeekQuery, answer=RosterWeek)
def show_roster(request: ApiRequest) -> RosterWeek:
    """Show an agency's week: shifts, people, channels, holes."""
    centre, actor, query = services().centre, request.person.actor, request.query
    agency = request.path["agency"]
    reading.require_readable(centre.city, actor, agency)
    now = centre.clock.now()
    day = query.day or now.astimezone(centre.city.timezone).date()
    with centre.read() as connection:
        return reading.roster_week(
            connection,
            centre.city,
            actor,
            now,
            agency_code=agency,
            monday=changes.monday_of(day),
            area_code=query.area,
            language=current_language(),
        )


@operations.get(
    "/rosters/<string:agency>/shift", tag="duty", roles=EVERYONE, query=requests.ShiftQuery, answer=ShiftView
)
def show_shift(request: ApiRequest) -> ShiftView:
    """Show whom a task's ladder would tell in a shift, rung by rung, and who could have the shift."""
    centre, actor, query = services().centre, request.person.actor, request.query
    agency = request.path["agency"]
    reading.require_readable(centre.city, actor, agency)
    shift = wall_shift(query.starts_local, query.ends_local, centre.city.timezone)
    with centre.read() as connection:
        return reading.shift_view(
            connection,
            centre.city,
            actor,
            centre.clock.now(),
            agency_code=agency,
            shift=shift,
            area_code=query.area,
            priority=Priority(query.priority),
        )


@operations.post("/rosters/copy-week", tag="duty", roles=EDITORS, body=requests.CopyWeek, answer=shapes.RosterDone)
def copy_week(request: ApiRequest) -> shapes.RosterDone:
    """Give everybody the shifts of the week before, where nobody has them yet."""
    body = request.body
    monday = changes.monday_of(body.day)
    return _run(request, changes.copy_week, agency_code=body.agency, monday=monday, version=body.version)


@operations.post("/rosters/import", tag="duty", roles=EDITORS, body=requests.ImportRoster, answer=shapes.RosterDone)
def take_roster(request: ApiRequest) -> shapes.RosterDone:
    """Take a file of shifts (agency, area, name, from, to, role): all of it or nothing."""
    return _run(request, import_roster, lines=read_roster_file(request.body.text))


@operations.get("/holes", tag="duty", roles=EVERYONE, query=requests.AgencyQuery, answer=shapes.Holes)
def list_holes(request: ApiRequest) -> shapes.Holes:
    """List where nobody would be told in the days to come."""
    centre, actor, agency = services().centre, request.person.actor, request.query.agency
    if agency is not None:
        reading.require_readable(centre.city, actor, agency)
    with centre.read() as connection:
        items = reading.holes_view(connection, centre.city, actor, centre.clock.now(), agency)
    return {"items": items, "next": None}


def _fields(request: ApiRequest) -> dict[str, Any]:
    return {field: value for field, value in request.body or ()}  # noqa: C416  # not dict(): see run_command


def _by(request: ApiRequest) -> str:
    return checking_in.PAGE if request.person.role is Role.RESPONDER else checking_in.CENTRE


def _run(request: ApiRequest, command: Callable[..., Outcome], **arguments: Any) -> shapes.RosterDone:
    """Run a command as whoever asks, once per request, and answer with the holes of the agency that it was about."""
    centre, actor = services().centre, request.person.actor
    outcome = centre.run_once(request.request_id, command, actor=actor, **arguments)
    with centre.read() as connection:
        agency = arguments.get("agency_code") or _agency_of(connection, arguments)
        holes = reading.holes_view(connection, centre.city, actor, centre.clock.now(), agency)
    return {
        "changed": outcome.changed,
        "seq": outcome.seq,
        "contact_id": getattr(outcome, "contact_id", None),
        "duty_id": getattr(outcome, "duty_id", None),
        "added": getattr(outcome, "added", None),
        "left_out": getattr(outcome, "left_out", None),
        "holes": holes,
    }


def _agency_of(connection: Connection, arguments: dict[str, Any]) -> str | None:
    """The agency of what a command was about; None for a file, which may be about several."""
    statement = select(Contact.agency_code)
    if "contact_id" in arguments:
        statement = statement.where(Contact.id == arguments["contact_id"])
    elif "duty_id" in arguments:
        statement = statement.join(Duty, Duty.contact_id == Contact.id).where(Duty.id == arguments["duty_id"])
    elif "channel_id" in arguments:
        statement = statement.join(ContactChannel, ContactChannel.contact_id == Contact.id).where(
            ContactChannel.id == arguments["channel_id"]
        )
    else:
        return None
    agency: str | None = connection.execute(statement).scalar()
    return agency
