"""Programs' tokens: each reaches what its scope says, and ends with its time, its user's password or its user."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from app.services import services_of
from app.web.guard import NO_SCOPE, PUBLIC, access, declared_access, declared_scopes, signed_in
from dispatch.errors import CommandRefused
from dispatch.people.commands import create_api_token, deactivate_user, set_password
from dispatch.roles import Actor, Role, TokenScope
from dispatch.storage.tables import ApiToken
from tests.app.cli.test_commands_line import run
from tests.app.house import House, Program
from tests.app.web.test_routes_need_sign_in import path_of

SCOPE = TokenScope.CALL_RECORD


@pytest.fixture
def recording(house: House) -> House:
    """A house with one more route, which tokens of the scope may use."""

    @access(frozenset({Role.SUPERVISOR}), frozenset({SCOPE}))
    def hand_in() -> str:
        return signed_in().username

    house.app.add_url_rule("/api/v1/hand-in", "hand_in", hand_in)
    for username, role in (("dewi", Role.CALL_TAKER), ("ratna", Role.SUPERVISOR), ("adi", Role.ADMIN)):
        house.add(username, role)
    return house


@pytest.mark.parametrize("username", ["dewi", "ratna", "adi"])
def test_a_token_of_a_scope_reaches_what_is_declared_for_it_and_nothing_else(recording: House, username: str) -> None:
    program = recording.program(username, scope=SCOPE)
    reached = set()
    for endpoint in recording.app.view_functions:
        if declared_access(recording.app, endpoint) == PUBLIC:
            continue
        method, path = path_of(recording, endpoint)
        answer = program.post(path) if method == "POST" else program.get(path)
        if answer.status_code == 403:
            assert declared_scopes(recording.app, endpoint) == NO_SCOPE
            if path.startswith("/api/"):
                assert answer.get_json()["error"]["code"] == "scope_refused"
        else:
            reached.add(endpoint)
            assert SCOPE in declared_scopes(recording.app, endpoint)
    assert "hand_in" in reached
    services_of(recording.app).refusals.tell_left_out()
    assert recording.journal_kinds()[-1] == "access.refusals_left_out"


@pytest.mark.parametrize("path", ["/sign-in", "/language/en"])
def test_a_token_of_a_scope_is_a_stranger_where_everybody_may_go(recording: House, path: str) -> None:
    program = recording.program("ratna", scope=SCOPE)
    answer = program.get(path) if path == "/sign-in" else program.post(path)
    assert answer.status_code == (200 if path == "/sign-in" else 303)  # no `you are signed in already`
    with recording.centre.read() as connection:
        languages = connection.exec_driver_sql("SELECT language FROM users").scalars().all()
    assert set(languages) == {None}


def test_whoever_has_the_role_needs_no_scope_and_others_are_not_let_in_by_it(recording: House) -> None:
    assert recording.program("ratna").get("/api/v1/hand-in").text == "ratna"
    assert recording.program("dewi").get("/api/v1/hand-in").status_code == 403


def test_a_token_ends_when_its_time_is_over(staffed: House) -> None:
    program = staffed.program("dewi", days=2)
    staffed.clock.step(2 * 86_400 - 1)
    assert program.get("/api/v1/board").status_code == 200
    staffed.clock.step(1)
    assert program.get("/api/v1/board").status_code == 401


@pytest.mark.parametrize("scope", list(TokenScope))
def test_tokens_end_with_the_password_and_other_peoples_do_not(recording: House, scope: str) -> None:
    mine, others = recording.program("dewi", scope=scope), recording.program("ratna", scope=scope)
    path = "/api/v1/hand-in" if scope == SCOPE else "/api/v1/snapshot"
    assert mine.get(path).status_code == 200
    user_id = recording.user_ids["dewi"]
    changed = recording.centre.run(set_password, actor=Actor.system(), user_id=user_id, password_hash="x")
    assert changed.tokens == 1
    assert mine.get(path).status_code == 401
    assert others.get(path).status_code == 200
    assert recording.journal_kinds().count("token.revoked") == 1  # by which the feed cuts the program's sockets


def test_tokens_end_with_their_user_and_no_new_ones_are_made(recording: House) -> None:
    program, user_id = recording.program("dewi", scope=SCOPE), recording.user_ids["dewi"]
    recording.centre.run(deactivate_user, actor=Actor.system(), user_id=user_id)
    assert program.get("/api/v1/hand-in").status_code == 401
    assert "token.revoked" in recording.journal_kinds()
    refused = run(recording, "token", "create", "dewi")
    assert refused.exit_code == 1
    assert "deactivated" in refused.output


def test_a_scope_that_nobody_knows_is_refused_and_opens_nothing(recording: House) -> None:
    arguments: dict[str, Any] = {"user_id": recording.user_ids["ratna"], "token_hash": "x", "scope": "everything"}
    with pytest.raises(CommandRefused):
        recording.centre.run(create_api_token, actor=Actor.system(), **arguments)
    program = recording.program("ratna")
    with recording.centre.engine.begin() as connection:  # as a newer release may have written it
        connection.execute(update(ApiToken).values(scope="of-a-newer-release"))
    assert program.get("/api/v1/board").status_code == 401


def test_the_command_line_makes_a_token_for_one_thing_and_some_days_and_lists_it(recording: House) -> None:
    made = run(recording, "token", "create", "dewi", "--scope", SCOPE.value, "--days", "30")
    assert made.exit_code == 0, made.output
    assert "good for call-record alone" in made.stderr
    program = Program(recording.app.test_client(), made.stdout.strip())
    assert program.get("/api/v1/hand-in").status_code == 200
    assert program.get("/api/v1/board").status_code == 403
    listed = run(recording, "token", "list", "dewi").output
    assert "valid until 2026-12-24" in listed
    assert "for call-record" in listed
    recording.clock.step(31 * 86_400)
    assert "expired 2026-12-24" in run(recording, "token", "list", "dewi").output
    assert program.get("/api/v1/hand-in").status_code == 401


def test_without_a_word_a_token_lasts_as_the_policy_says(recording: House) -> None:
    run(recording, "token", "create", "dewi")
    run(recording, "token", "create", "dewi", "--days", "0")
    first, second = run(recording, "token", "list", "dewi").output.splitlines()
    assert "valid until 2027-11-24" in first
    assert "valid until it is revoked" in second


def test_a_release_that_knows_no_scopes_does_not_find_a_narrow_token(recording: House) -> None:
    from app.people.person import hash_token

    made = run(recording, "token", "create", "ratna", "--scope", SCOPE.value).stdout.strip()
    with recording.centre.read() as connection:
        hashes = connection.exec_driver_sql("SELECT token_hash FROM api_tokens").scalars().all()
    assert hash_token(made) not in hashes
