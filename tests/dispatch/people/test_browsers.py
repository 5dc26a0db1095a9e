"""Browsers that ring for their user: who may, for whom, how many, and when it ends."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from typing import Any

import pytest
from sqlalchemy import select

from dispatch.city.ladders import Channel
from dispatch.deliveries.notices import NoticeKind
from dispatch.duty.contacts import add_contact
from dispatch.duty.on_duty import channels_of
from dispatch.errors import InvalidValue, NotFound, NotPermitted
from dispatch.people.browsers import BROWSERS_LIMIT, forget_browser, keep_browser
from dispatch.people.commands import close_web_session, deactivate_user, revoke_web_sessions, set_password
from dispatch.people.sessions import end_idle_sessions
from dispatch.roles import Actor, ActorKind, Role
from dispatch.rosters.browser_testing import AGAIN_AFTER, begin_browser_test
from dispatch.storage.tables import Notice, NoticeDelivery, PushSubscription, User
from tests.dispatch.shift import Shift
from tests.dispatch.telling import change

HERE = "https://fcm.googleapis.com/fcm/send/here"
KEYS = {
    "p256dh": urlsafe_b64encode(b"\x04" + b"k" * 64).decode().rstrip("="),
    "auth": urlsafe_b64encode(b"0123456789abcdef").decode().rstrip("="),
}


def keep(shift: Shift, actor: Actor, endpoint: str = HERE, **values: Any) -> Any:
    return shift.run(keep_browser, **{"actor": actor, "session_id": None, "endpoint": endpoint, **KEYS, **values})


def ringing(shift: Shift) -> list[tuple[str, int]]:
    """Endpoint and user of every browser that rings."""
    with shift.centre.read() as connection:
        rows = connection.execute(
            select(PushSubscription.endpoint, PushSubscription.user_id)
            .where(PushSubscription.gone_at.is_(None))
            .order_by(PushSubscription.id)
        )
        return [(row.endpoint, row.user_id) for row in rows]


def ways(shift: Shift, actor: Actor) -> list[Channel]:
    """How a contact is reached that this user is."""
    with shift.centre.read() as connection:
        username = connection.execute(select(User.username).where(User.id == actor.user_id)).scalar_one()
    made = shift.run(
        add_contact, actor=shift.ratna, agency_code="DAMKAR", name="Herman", role="duty", username=username
    )
    with shift.centre.read() as connection:
        return [way.channel for way in channels_of(connection, made.contact_id, actor.user_id)]


def test_a_browser_rings_for_whoever_tapped_there(shift: Shift) -> None:
    first = keep(shift, shift.damkar)
    assert (first.changed, first.state, first.receipt_at) == (True, "on", None)
    before = shift.everything()
    again = keep(shift, shift.damkar)
    assert (again.changed, again.state, again.subscription_id) == (False, "on", first.subscription_id)
    assert shift.everything() == before
    assert ways(shift, shift.damkar) == [Channel.PUSH]


def test_who_may_be_woken(shift: Shift) -> None:
    with shift.centre.read() as connection:
        leader = Actor(ActorKind.USER, connection.execute(select(User.id)).scalars().first(), "Sekda", Role.LEADER)
    for number, actor in enumerate((shift.damkar, shift.ratna, leader)):
        assert keep(shift, actor, f"{HERE}{number}").changed
    for other in (shift.dewi, shift.admin, Actor.system()):
        with pytest.raises(NotPermitted):
            keep(shift, other, f"{HERE}-other")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("endpoint", "http://fcm.googleapis.com/x"),
        ("endpoint", "https://"),
        ("endpoint", "https://[::1/x"),
        ("endpoint", "https://fcm.googleapis.com/" + "x" * 1000),
        ("p256dh", "a"),
        ("p256dh", KEYS["auth"]),
        ("p256dh", "%" * 87),
        ("auth", ""),
        ("auth", "abcde"),
        ("auth", KEYS["p256dh"]),
    ],
)
def test_what_is_no_subscription(shift: Shift, field: str, value: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        keep(shift, shift.damkar, **{field: value})
    assert refused.value.details == {"field": field, "problem": "form"}
    assert ringing(shift) == []


def test_a_telephone_that_is_handed_over_rings_for_the_new_person_alone(shift: Shift) -> None:
    keep(shift, shift.damkar)
    assert keep(shift, shift.psc119).changed
    assert ringing(shift) == [(HERE, shift.psc119.user_id)]
    assert ways(shift, shift.damkar) == []
    # The old row keeps nothing by which anybody is reached: what was on its way to it finds no address.
    old = shift.rows(PushSubscription)[0]
    assert (old.p256dh, old.auth, HERE in old.endpoint) == ("", "", False)


def test_nobody_takes_over_a_browser_that_is_not_theirs(shift: Shift) -> None:
    keep(shift, shift.damkar)
    with pytest.raises(InvalidValue) as refused:
        keep(shift, shift.psc119, auth=urlsafe_b64encode(b"another 16 bytes").decode().rstrip("="))
    assert refused.value.details["problem"] == "taken"
    assert not shift.run(forget_browser, actor=shift.psc119, endpoint=HERE).changed
    keep(shift, shift.psc119, f"{HERE}/2", replaces=HERE)
    assert (HERE, shift.damkar.user_id) in ringing(shift)


def test_a_subscription_that_the_browser_has_changed_takes_the_place_of_the_old_one(shift: Shift) -> None:
    keep(shift, shift.damkar)
    keep(shift, shift.damkar, f"{HERE}/2", replaces=HERE)
    assert ringing(shift) == [(f"{HERE}/2", shift.damkar.user_id)]


def test_the_page_learns_that_the_push_service_has_given_its_browser_up(shift: Shift) -> None:
    kept = keep(shift, shift.damkar)
    change(shift, PushSubscription, kept.subscription_id, gone_at=shift.clock.now())
    assert keep(shift, shift.damkar).state == "gone"
    anew = keep(shift, shift.damkar, f"{HERE}/2", replaces=HERE)
    assert anew.state == "on"
    assert ringing(shift) == [(f"{HERE}/2", shift.damkar.user_id)]


def test_the_browser_that_was_silent_for_longest_makes_room(shift: Shift) -> None:
    for number in range(BROWSERS_LIMIT):
        keep(shift, shift.damkar, f"{HERE}/{number}")
        shift.clock.step(60)
    change(shift, PushSubscription, shift.rows(PushSubscription)[0].id, receipt_at=shift.clock.now())
    keep(shift, shift.psc119, f"{HERE}/other")
    keep(shift, shift.damkar, f"{HERE}/new")
    mine = [endpoint for endpoint, user in ringing(shift) if user == shift.damkar.user_id]
    assert len(mine) == BROWSERS_LIMIT
    assert f"{HERE}/0" in mine
    assert f"{HERE}/1" not in mine


def test_signing_out_there_ends_it_and_a_session_that_goes_idle_does_not(shift: Shift) -> None:
    session, other = shift.sign_in(shift.damkar), shift.sign_in(shift.damkar)
    keep(shift, shift.damkar, session_id=session)
    keep(shift, shift.damkar, f"{HERE}/other", session_id=other)
    shift.run(close_web_session, actor=shift.damkar, session_id=session)
    assert ringing(shift) == [(f"{HERE}/other", shift.damkar.user_id)]
    resting = shift.sign_in(shift.ratna)
    keep(shift, shift.ratna, f"{HERE}/ratna", session_id=resting)
    shift.clock.step(9 * 3600)
    assert shift.run(end_idle_sessions, actor=Actor.system(), grace_s=0).changed
    assert (f"{HERE}/ratna", shift.ratna.user_id) in ringing(shift)


@pytest.mark.parametrize(
    "command",
    [
        (revoke_web_sessions, {}),
        (deactivate_user, {}),
        (set_password, {"password_hash": "$argon2id$x"}),
    ],
)
def test_signing_out_everywhere_ends_them_all(shift: Shift, command: tuple[Any, dict[str, Any]]) -> None:
    what, more = command
    keep(shift, shift.damkar, session_id=shift.sign_in(shift.damkar))
    keep(shift, shift.damkar, f"{HERE}/expired")
    keep(shift, shift.psc119, f"{HERE}/other")
    shift.run(what, actor=Actor.system(), user_id=shift.damkar.user_id, **more)
    assert ringing(shift) == [(f"{HERE}/other", shift.psc119.user_id)]


def test_the_browser_where_a_password_is_changed_rings_on(shift: Shift) -> None:
    own = shift.sign_in(shift.damkar)
    keep(shift, shift.damkar, session_id=own)
    keep(shift, shift.damkar, f"{HERE}/other", session_id=shift.sign_in(shift.damkar))
    shift.run(revoke_web_sessions, actor=shift.damkar, user_id=shift.damkar.user_id, keep_session_id=own)
    assert ringing(shift) == [(HERE, shift.damkar.user_id)]


def test_a_test_goes_to_this_browser_alone_and_by_no_other_channel(shift: Shift) -> None:
    kept = keep(shift, shift.damkar)
    keep(shift, shift.damkar, f"{HERE}/other")
    asked = shift.run(begin_browser_test, actor=shift.damkar, endpoint=HERE)
    (notice,) = shift.rows(Notice)
    (delivery,) = shift.rows(NoticeDelivery)
    assert (notice.id, notice.kind, notice.next_channel_at) == (asked.notice_id, NoticeKind.TEST, None)
    assert (delivery.push_subscription_id, delivery.channel) == (kept.subscription_id, Channel.PUSH)
    assert not shift.run(begin_browser_test, actor=shift.damkar, endpoint=HERE).changed
    shift.clock.step(AGAIN_AFTER.total_seconds())
    assert shift.run(begin_browser_test, actor=shift.damkar, endpoint=HERE).changed
    for actor, endpoint in ((shift.psc119, HERE), (shift.damkar, f"{HERE}/unknown")):
        with pytest.raises(NotFound):
            shift.run(begin_browser_test, actor=actor, endpoint=endpoint)
