"""The demo: users whose password everybody knows, and a simulated telephone exchange."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app.people.passwords import Passwords
from dispatch.centre import Centre
from dispatch.people.commands import create_user
from dispatch.roles import Actor
from dispatch.storage.tables import Call, SeatOccupancy, Ticket, User

if TYPE_CHECKING:
    from telephony.simulator.call_simulator import CallSimulator

DEMO_PASSWORD = "siaga-demo"
#: The telephone of an operator who sits nowhere; no seat has it, so the call is recorded without one.
NO_SEAT = "demo"
DEMO_SEED = 112  #: every demo has the same calls, so that a guide can name them


def seed_users(centre: Centre, passwords: Passwords) -> list[str]:
    """Make the demo users that are missing. Where there are other users, makes none and returns their names."""
    demo = {user.username: user for user in centre.city.demo_users}
    with centre.read() as connection:
        known = set(connection.execute(select(User.username)).scalars())
    strangers = sorted(known - set(demo))
    missing = [user for name, user in demo.items() if name not in known]
    if strangers or not missing:
        return strangers
    password_hash = passwords.hash(DEMO_PASSWORD)  # one for all: this password is no secret
    for user in missing:
        centre.run(
            create_user,
            actor=Actor.system(),
            username=user.username,
            display_name=user.display_name,
            password_hash=password_hash,
            role=user.role,
            agency_code=user.agency_code,
        )
    return []


def remaining_demo_users(centre: Centre, passwords: Passwords) -> list[str]:
    """Users who could still sign in with the demo's password."""
    names = [user.username for user in centre.city.demo_users]
    with centre.read() as connection:
        rows = connection.execute(
            select(User.username, User.password_hash).where(User.username.in_(names), User.deactivated_at.is_(None))
        ).all()
    known_to_all = {
        stored for stored in {row.password_hash for row in rows} if passwords.matches(stored, DEMO_PASSWORD)
    }
    return [row.username for row in rows if row.password_hash in known_to_all]


def answered_by(centre: Centre, linkedid: str) -> str | None:
    """The telephone on which a simulated call is answered: that of whoever has taken its ticket, None until then."""
    statement = (
        select(Ticket.owner_id, SeatOccupancy.seat)
        .join(Call, Call.ticket_id == Ticket.id)
        .outerjoin(SeatOccupancy, SeatOccupancy.user_id == Ticket.owner_id)
        .where(Call.linkedid == linkedid)
    )
    with centre.read() as connection:
        row = connection.execute(statement).first()
    if row is None or row.owner_id is None:
        return None
    seat = centre.city.seats.get(row.seat or "")
    return seat.extension if seat is not None else NO_SEAT


def simulated_calls(centre: Centre, address: tuple[str, int], calls_per_minute: float) -> CallSimulator:
    """A day of calls to the FastAGI server at `address`; each is answered once an operator has taken its ticket."""
    from telephony.simulator.call_simulator import CallSimulator
    from telephony.simulator.simulated_day import SimulatedDay

    day = SimulatedDay(
        centre.city, seed=DEMO_SEED, calls_per_minute=calls_per_minute, first_id=int(centre.clock.now().timestamp())
    )
    return CallSimulator(day, address, answered_by=lambda linkedid: answered_by(centre, linkedid))
