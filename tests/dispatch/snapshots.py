"""What somebody's page starts from, as the server puts it together: the state that many share, and who is asking."""

from __future__ import annotations

from typing import Any

from dispatch.centre import Centre
from dispatch.feed.snapshot import agency_state, centre_state, me
from dispatch.roles import Actor, Role


def snapshot(centre: Centre, actor: Actor) -> dict[str, Any]:
    """Return the snapshot of this person alone."""
    if actor.role is Role.RESPONDER:
        return {**agency_state(centre, actor.agency_code or ""), "me": me(actor)}
    return {**centre_state(centre), "me": me(actor)}
