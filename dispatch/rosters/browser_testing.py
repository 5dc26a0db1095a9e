"""Tests whether a browser rings: its own worker tells that the message was shown, and nobody has to answer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from dispatch.city.ladders import Channel
from dispatch.deliveries.notices import About, NoticeKind, notify
from dispatch.duty.on_duty import ChannelOfPerson, PersonOnDuty
from dispatch.errors import NotFound
from dispatch.people.browsers import own_browser
from dispatch.roles import Actor, LadderRole, Role
from dispatch.storage.tables import Notice, PushSubscription
from dispatch.storage.transaction import Outcome, Transaction

#: A test that has not come by then proves nothing of a night alarm.
WANTED = timedelta(minutes=5)
#: Pressed again within this, the same test goes on.
AGAIN_AFTER = timedelta(seconds=10)
_ROLES = {Role.RESPONDER: LadderRole.DUTY, Role.LEADER: LadderRole.LEADER}


@dataclass(frozen=True, slots=True, kw_only=True)
class BrowserAsked(Outcome):
    """The notice that was sent; `changed` is False while the test before it is fresh."""

    notice_id: int | None = None


def begin_browser_test(tx: Transaction, *, actor: Actor, endpoint: str) -> BrowserAsked:
    """Send a message to this browser alone. Raises NotFound for one that does not ring for this user."""
    browser = own_browser(tx, actor, endpoint)
    if browser is None:
        raise NotFound("browser", "endpoint")
    if browser.test_sent_at is not None and tx.now - browser.test_sent_at < AGAIN_AFTER:
        return BrowserAsked(False)
    tx.update(PushSubscription, PushSubscription.id == browser.id, test_sent_at=tx.now)
    way = ChannelOfPerson(Channel.PUSH, None, browser.id, browser.receipt_at)
    role = _ROLES.get(actor.role or Role.SUPERVISOR, LadderRole.SUPERVISOR)
    person = PersonOnDuty(None, actor.user_id, actor.name, role, actor.agency_code or "", None, False, (way,))
    notice_id = notify(tx, person, About(NoticeKind.TEST), facts={"browser": True}, deadline=tx.now + WANTED)
    tx.update(Notice, Notice.id == notice_id, next_channel_at=None)  # another channel would prove nothing of this one
    return BrowserAsked(True, notice_id=notice_id)
