"""What a centre has on its hands in a busy hour, made by the product's own commands."""

from __future__ import annotations

from itertools import count, islice

from sqlalchemy import select

from app.node.demo import seed_users
from app.people.passwords import Passwords
from dispatch.agencies.assignments import acknowledge_assignment, set_en_route
from dispatch.call_taking.classify import classify_ticket
from dispatch.call_taking.dispatch import dispatch_ticket
from dispatch.call_taking.locate import locate_ticket
from dispatch.call_taking.ownership import claim_ticket
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.calls.progress import call_ended
from dispatch.centre import Centre
from dispatch.roles import Actor, ActorKind, Role
from dispatch.storage.tables import User

WORKED, CALLBACKS, RINGING = 30, 6, 4
OPERATOR = "operator1"


def operator_id(centre: Centre) -> int:
    """Make the demo's users and return the id of the one who works all tickets here."""
    seed_users(centre, Passwords())
    with centre.read() as connection:
        return int(connection.execute(select(User.id).where(User.username == OPERATOR)).scalar_one())


def leave_open_tickets(centre: Centre, user_id: int) -> None:
    """Leave tickets at agencies, a callback list, and calls that ring."""
    operator = Actor(ActorKind.USER, user_id, OPERATOR, Role.CALL_TAKER)
    identities = (f"open-{number}" for number in count(1))
    incidents = list(centre.city.incident_types.values())
    kelurahan = list(centre.city.kelurahan)
    for index, linkedid in enumerate(islice(identities, WORKED)):
        number = _ring(centre, linkedid)
        incident = incidents[index % len(incidents)]
        centre.run(claim_ticket, actor=operator, number=number)
        centre.run(classify_ticket, actor=operator, number=number, classification="genuine", type_code=incident.code)
        centre.run(locate_ticket, actor=operator, number=number, kelurahan_code=kelurahan[index % len(kelurahan)])
        agencies = [incident.primary, *incident.supporting[:2]]
        sent = centre.run(dispatch_ticket, actor=operator, number=number, agencies=agencies)
        if index % 3:
            _take_up(centre, sent.assignment_ids[0], incident.primary, moving=index % 3 == 2)
        centre.run(call_ended, system_name="bench", linkedid=linkedid, cause="16", duration_s=90)
    for linkedid in islice(identities, CALLBACKS):
        _ring(centre, linkedid)
        centre.run(call_ended, system_name="bench", linkedid=linkedid, cause="16", duration_s=9)
    for linkedid in islice(identities, RINGING):
        _ring(centre, linkedid)


def _ring(centre: Centre, linkedid: str) -> str:
    call = IncomingCall("bench", linkedid, ani="081234567890", presentation="allowed_passed_screen", dnid="112")
    return str(centre.run(register_call, call=call).ticket_number)


def _take_up(centre: Centre, assignment_id: int, agency: str, *, moving: bool) -> None:
    responder = Actor(ActorKind.USER, None, "", Role.RESPONDER, agency)
    centre.run(acknowledge_assignment, actor=responder, assignment_id=assignment_id)
    if moving:
        centre.run(set_en_route, actor=responder, assignment_id=assignment_id)
