"""Users, their sessions, seats and tokens."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatch.errors import CommandRefused, NotFound, NotPermitted
from dispatch.people.commands import (
    close_web_session,
    create_api_token,
    create_user,
    deactivate_user,
    open_web_session,
    record_refusal,
    record_sign_in_attempt,
    revoke_api_token,
    revoke_web_sessions,
    set_language,
    set_password,
    take_seat,
)
from dispatch.roles import Actor
from dispatch.storage.tables import ApiToken, SeatOccupancy, SignInAttempt, User, WebSession
from tests.dispatch.shift import Shift

NEW_USER: dict[str, Any] = {
    "actor": Actor.system(),
    "username": "sari",
    "display_name": "Sari",
    "password_hash": "$argon2id$RAHASIA",
    "role": "call_taker",
}


def refusal(shift: Shift, command: Any, **arguments: Any) -> CommandRefused:
    """Give a command that has to be refused, see that it left nothing, and return the refusal."""
    before = shift.everything()
    with pytest.raises(CommandRefused) as refused:
        shift.run(command, **arguments)
    assert shift.everything() == before
    return refused.value


def unchanged(shift: Shift, command: Any, **arguments: Any) -> None:
    """Give a command that has been done before and see that it says so and writes nothing."""
    before = shift.everything()
    assert not shift.run(command, **arguments).changed
    assert shift.everything() == before


# --- Users.


def test_a_new_user_is_in_the_journal_by_id_only(shift: Shift) -> None:
    made = shift.run(create_user, **NEW_USER)
    user = shift.rows(User)[-1]
    assert (user.id, user.username, user.role, user.agency_code) == (
        made.user_id,
        "sari",
        "call_taker",
        None,
    )
    entry = shift.entries()[-1]
    assert (entry.kind, entry.data) == (
        "user.created",
        {"user_id": user.id, "role": "call_taker", "agency": None},
    )


@pytest.mark.parametrize(
    ("changes", "details"),
    [
        ({"username": "dewi"}, {"field": "username", "problem": "taken"}),
        ({"username": "Sari"}, {"field": "username", "problem": "form"}),
        ({"username": "s"}, {"field": "username", "problem": "form"}),
        ({"username": "sari\n"}, {"field": "username", "problem": "form"}),
        ({"username": "s" * 64}, {"field": "username", "problem": "form"}),
        ({"role": "king"}, {"field": "role", "problem": "unknown"}),
        ({"role": "responder"}, {"missing": ["agency_code"]}),
        ({"role": "responder", "agency_code": "KUA"}, {"field": "agency_code", "problem": "unknown"}),
        ({"agency_code": "DAMKAR"}, {"field": "agency_code", "problem": "only_responders"}),
    ],
)
def test_a_user_that_cannot_be_is_refused(
    sqlite_shift: Shift, changes: dict[str, str], details: dict[str, Any]
) -> None:
    assert refusal(sqlite_shift, create_user, **{**NEW_USER, **changes}).details == details


def test_a_name_on_the_screen_is_bounded_and_falls_back_to_the_username(shift: Shift) -> None:
    shift.run(create_user, **{**NEW_USER, "display_name": "\x00 \n"})
    shift.run(create_user, **{**NEW_USER, "username": "sari2", "display_name": "S\r\nari " + "x" * 300})
    names = [user.display_name for user in shift.rows(User)[-2:]]
    assert names[0] == "sari"
    assert names[1].startswith("S ari x")
    assert len(names[1]) == 120


def test_a_new_password_signs_the_user_out_everywhere(shift: Shift) -> None:
    sessions = [shift.seat(shift.dewi, "1"), shift.sign_in(shift.dewi)]
    other = shift.sign_in(shift.rizki)
    changed = shift.run(set_password, actor=shift.dewi, user_id=shift.dewi.user_id, password_hash="$argon2id$new")
    assert changed.changed
    assert shift.kinds()[-3:] == ["user.password_changed", "seat.left", "session.revoked"]
    assert shift.entries()[-1].data == {"session_ids": sessions}
    assert {s.id: s.revoked_at is None for s in shift.rows(WebSession)} == {
        **dict.fromkeys(sessions, False),
        other: True,
    }
    assert not shift.rows(SeatOccupancy)


def test_a_new_password_changes_something_even_where_nobody_is_signed_in(shift: Shift) -> None:
    changed = shift.run(set_password, actor=Actor.system(), user_id=shift.dewi.user_id, password_hash="$argon2id$new")
    assert changed.changed
    assert changed.seq == shift.newest()
    assert shift.kinds() == ["user.password_changed"]


def test_a_deactivated_user_loses_sessions_seat_and_tokens_at_once(shift: Shift) -> None:
    session = shift.seat(shift.dewi, "1")
    shift.run(create_api_token, actor=Actor.system(), user_id=shift.dewi.user_id, token_hash="a" * 64)
    assert shift.run(deactivate_user, actor=shift.admin, user_id=shift.dewi.user_id).changed
    assert shift.kinds()[-3:] == ["user.deactivated", "seat.left", "session.revoked"]
    assert [s.revoked_at is not None for s in shift.rows(WebSession)] == [True]
    assert shift.entries()[-1].data == {"session_ids": [session]}
    assert [token.revoked_at is not None for token in shift.rows(ApiToken)] == [True]
    assert not shift.rows(SeatOccupancy)
    unchanged(shift, deactivate_user, actor=shift.admin, user_id=shift.dewi.user_id)
    assert shift.run(deactivate_user, actor=shift.admin, user_id=shift.rizki.user_id).changed  # without any session


def test_a_language_is_remembered(shift: Shift) -> None:
    shift.run(set_language, actor=shift.dewi, user_id=shift.dewi.user_id, language="en")
    assert shift.rows(User)[0].language == "en"
    assert refusal(shift, set_language, actor=shift.dewi, user_id=shift.dewi.user_id, language="jv")


def test_users_and_tokens_that_do_not_exist_are_not_found(shift: Shift) -> None:
    for command, arguments in (
        (set_password, {"user_id": 999, "password_hash": "x"}),
        (deactivate_user, {"user_id": 999}),
        (create_api_token, {"user_id": 999, "token_hash": "x"}),
        (revoke_api_token, {"token_id": 999}),
    ):
        assert isinstance(refusal(shift, command, actor=shift.admin, **arguments), NotFound)


# --- Sessions.


def test_a_session_is_opened_closed_once_and_stays_closed(shift: Shift) -> None:
    session = shift.sign_in(shift.dewi)
    assert shift.entries()[-1].data == {"session_id": session}
    assert shift.run(close_web_session, actor=shift.dewi, session_id=session).changed
    assert (shift.kinds()[-1], shift.entries()[-1].data) == ("session.closed", {"session_ids": [session]})
    closed_at = shift.rows(WebSession)[0].revoked_at
    shift.clock.step(1)
    unchanged(shift, close_web_session, actor=shift.dewi, session_id=session)
    unchanged(shift, close_web_session, actor=shift.dewi, session_id=999)
    assert shift.rows(WebSession)[0].revoked_at == closed_at


def test_a_user_is_signed_out_of_every_browser(shift: Shift) -> None:
    sessions = [shift.sign_in(shift.dewi) for _ in range(3)]
    shift.run(close_web_session, actor=shift.dewi, session_id=sessions[0])
    shift.run(revoke_web_sessions, actor=shift.admin, user_id=shift.dewi.user_id)
    assert shift.entries()[-1].data == {"session_ids": sessions[1:]}
    unchanged(shift, revoke_web_sessions, actor=shift.admin, user_id=shift.dewi.user_id)


def test_nothing_that_could_be_used_to_sign_in_is_in_the_journal(shift: Shift) -> None:
    shift.run(create_user, **NEW_USER)
    expires_at = shift.clock.now() + timedelta(hours=12)
    shift.run(open_web_session, actor=shift.dewi, token_hash="RAHASIA".ljust(64, "0"), expires_at=expires_at)
    shift.run(create_api_token, actor=shift.admin, user_id=shift.dewi.user_id, token_hash="RAHASIA".ljust(64, "1"))
    shift.run(record_sign_in_attempt, username="RAHASIA", address="203.0.113.9", succeeded=False)
    assert not [entry for entry in shift.entries() if "RAHASIA" in str(entry) or "203.0" in str(entry)]


# --- Seats.


def test_a_seat_has_one_user_and_a_user_one_seat(shift: Shift) -> None:
    shift.seat(shift.dewi, "1")
    session = shift.seat(shift.rizki, "2")
    taken = shift.run(take_seat, actor=shift.rizki, session_id=session, seat="1")
    assert taken.from_user_id == shift.dewi.user_id
    assert [(row.seat, row.user_id) for row in shift.rows(SeatOccupancy)] == [("1", shift.rizki.user_id)]
    assert shift.entries()[-1].data == {"seat": "1", "from_user_id": shift.dewi.user_id}
    unchanged(shift, take_seat, actor=shift.rizki, session_id=session, seat="1")


def test_a_new_browser_at_the_same_seat_holds_it_from_then_on(shift: Shift) -> None:
    old = shift.seat(shift.dewi, "1")
    new = shift.sign_in(shift.dewi)
    taken = shift.run(take_seat, actor=shift.dewi, session_id=new, seat="1")
    assert (taken.changed, taken.from_user_id) == (True, None)
    shift.run(close_web_session, actor=shift.dewi, session_id=old)
    assert [row.session_id for row in shift.rows(SeatOccupancy)] == [new]


def test_colleagues_learn_that_a_seat_was_left(shift: Shift) -> None:
    session = shift.seat(shift.dewi, "1")
    shift.run(close_web_session, actor=shift.dewi, session_id=session)
    assert [(entry.kind, entry.data) for entry in shift.entries()[-2:]] == [
        ("seat.left", {"seat": "1"}),
        ("session.closed", {"session_ids": [session]}),
    ]


def test_only_whoever_works_tickets_sits_at_a_seat(shift: Shift) -> None:
    for actor in (shift.damkar, shift.admin):
        session = shift.sign_in(actor)
        assert isinstance(refusal(shift, take_seat, actor=actor, session_id=session, seat="1"), NotPermitted)
    session = shift.sign_in(shift.ratna)
    assert shift.run(take_seat, actor=shift.ratna, session_id=session, seat="1").changed


def test_a_seat_is_taken_with_a_session_of_one_s_own_that_still_lives(shift: Shift) -> None:
    session, foreign = shift.sign_in(shift.dewi), shift.sign_in(shift.rizki)
    assert refusal(shift, take_seat, actor=shift.dewi, session_id=session, seat="7").details["problem"] == "unknown"
    assert isinstance(refusal(shift, take_seat, actor=shift.dewi, session_id=foreign, seat="1"), NotFound)
    assert isinstance(refusal(shift, take_seat, actor=shift.dewi, session_id=999, seat="1"), NotFound)
    shift.run(close_web_session, actor=shift.dewi, session_id=session)
    assert isinstance(refusal(shift, take_seat, actor=shift.dewi, session_id=session, seat="1"), NotFound)


# --- Tokens, attempts, refusals.


def test_a_token_is_revoked_once(shift: Shift) -> None:
    made = shift.run(create_api_token, actor=shift.admin, user_id=shift.dewi.user_id, token_hash="a" * 64)
    token_id = made.token_id
    assert shift.entries()[-1].data == {"token_id": token_id, "user_id": shift.dewi.user_id}
    assert shift.run(revoke_api_token, actor=shift.admin, token_id=token_id).changed
    assert (shift.kinds()[-1], shift.entries()[-1].data) == ("token.revoked", {"token_id": token_id})
    assert isinstance(refusal(shift, revoke_api_token, actor=shift.admin, token_id=token_id), NotFound)


def test_tries_to_sign_in_are_kept_beside_the_journal_whatever_was_typed(shift: Shift) -> None:
    shift.run(record_sign_in_attempt, username="\x00" + "n" * 300, address="2001:db8::1", succeeded=False)
    [row] = shift.rows(SignInAttempt)
    assert (len(row.username), row.address, row.succeeded) == (64, "2001:db8::1", False)
    assert not shift.entries()


def test_tries_to_sign_in_are_forgotten_after_a_day(shift: Shift) -> None:
    for seconds in (0, 24 * 3600, 1):
        shift.clock.step(seconds)
        shift.run(record_sign_in_attempt, username="dewi", address="203.0.113.9", succeeded=True)
    assert [row.at for row in shift.rows(SignInAttempt)] == [
        shift.clock.now() - timedelta(seconds=1),
        shift.clock.now(),
    ]


@pytest.mark.parametrize(
    ("key", "kept"),
    [
        ("261124-001", "261124-001"),
        ("261124-1000", "261124-1000"),
        ("17", "17"),
        ("api.claim_ticket", "api.claim_ticket"),
        ("081298765001", None),  # an address may hold anything, a caller's number too
        ("Budi Santoso", None),
        ("\x00\ud800", None),
        ("", None),
    ],
)
def test_who_asked_for_what_is_not_theirs_is_recorded_by_its_public_key(
    sqlite_shift: Shift, key: str, kept: str | None
) -> None:
    sqlite_shift.run(record_refusal, actor=sqlite_shift.dishub, entity="ticket", key=key, via="api")
    entry = sqlite_shift.entries()[-1]
    assert (entry.kind, entry.actor_id) == ("access.refused", sqlite_shift.dishub.user_id)
    assert entry.data == {"entity": "ticket", "key": kept, "via": "api"}
