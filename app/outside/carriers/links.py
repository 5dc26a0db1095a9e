"""The address that a notice names, for the person who gets it."""

from __future__ import annotations

from app.outside.carriers.words import LinkFor
from config import Settings
from dispatch.deliveries.notices import NoticeKind
from dispatch.deliveries.saying import Said
from dispatch.links.task_links import link_for as path_for
from dispatch.roles import LadderRole

_OF_OWN_PAGES = {NoticeKind.HOLES: "/roster", NoticeKind.ROSTER: "/roster"}


def links_of(settings: Settings) -> LinkFor:
    """How an installation writes links; without a public address of its own a telephone could not follow any."""
    origin = settings.public_url or (f"http://{settings.http_host}:{settings.http_port}" if settings.demo else "")

    def link_for(said: Said) -> str | None:
        if not origin:
            return None
        if said.kind in _OF_OWN_PAGES:
            return origin + _OF_OWN_PAGES[NoticeKind(said.kind)]
        if said.role == LadderRole.LEADER:
            return f"{origin}/leader"  # leaders have a sign-in, and see there all that lies before them
        if said.contact_id is None or said.assignment_id is None:
            return None
        return origin + path_for(settings.secret_key, said.notice_id, said.contact_id)

    return link_for
