"""A house with people in it: an application on an empty database, and ways to act as somebody."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from app.people.person import hash_token, new_token
from app.services import services_of
from app.web.guard import SESSION_COOKIE
from dispatch.calls.answering import call_answered
from dispatch.calls.incoming import IncomingCall
from dispatch.calls.intake import register_call
from dispatch.calls.progress import call_ended
from dispatch.centre import Centre
from dispatch.errors import StorageUnavailable
from dispatch.people.commands import create_api_token, create_user
from dispatch.roles import Actor, ActorKind, Role
from dispatch.storage.transaction import Transaction
from tests.steppable_clock import SteppableClock

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PASSWORD = "correct horse battery"
KELURAHAN = "36.73.01.1001"
FIRE = "kebakaran-bangunan"


class Program:
    """A program with a bearer token."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client = client
        self.headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.client.get(path, headers=self.headers | options.pop("headers", {}), **options)

    def post(self, path: str, body: object = None, **options: Any) -> TestResponse:
        options.setdefault("json", {} if body is None else body)
        return self.client.post(path, headers=self.headers | options.pop("headers", {}), **options)


@dataclass
class House:
    """The application, its centre and its people."""

    app: Flask
    centre: Centre
    clock: SteppableClock
    user_ids: dict[str, int] = field(default_factory=dict)
    calls: int = 0

    def add(self, username: str, role: Role, agency: str | None = None) -> int:
        """Make a person whose password is PASSWORD."""
        made = self.centre.run(
            create_user,
            actor=Actor.system(),
            username=username,
            display_name=username.capitalize(),
            password_hash=services_of(self.app).passwords.hash(PASSWORD),
            role=role,
            agency_code=agency,
        )
        self.user_ids[username] = made.user_id
        return self.user_ids[username]

    def staff(self) -> House:
        """Two call takers, a supervisor, an admin, and responders of two agencies."""
        self.add("dewi", Role.CALL_TAKER)
        self.add("rizki", Role.CALL_TAKER)
        self.add("ratna", Role.SUPERVISOR)
        self.add("adi", Role.ADMIN)
        self.add("damkar", Role.RESPONDER, "DAMKAR")
        self.add("dishub", Role.RESPONDER, "DISHUB")
        self.add("sekda", Role.LEADER)
        return self

    def program(self, username: str, scope: str = "all", days: float | None = None) -> Program:
        """A program that acts for a person."""
        token = new_token()
        self.centre.run(
            create_api_token,
            actor=Actor.system(),
            user_id=self.user_ids[username],
            token_hash=hash_token(token),
            scope=scope,
            expires_at=self.clock.now() + timedelta(days=days) if days else None,
        )
        return Program(self.app.test_client(), token)

    def browser(self, username: str | None = None, **form: str) -> FlaskClient:
        """A browser, signed in as somebody or as nobody."""
        client = self.app.test_client()
        if username is not None:
            answer = sign_in(client, username, **form)
            assert answer.status_code == 303, answer.text
        return client

    def call(self, number: str = "081200000417") -> tuple[str, str]:
        """Let the phone ring: returns (ticket number, linkedid)."""
        self.calls += 1
        linkedid = f"1700000000.{self.calls}"
        registered = self.centre.run(
            register_call,
            call=IncomingCall(system_name="pbx", linkedid=linkedid, ani=number, presentation="allowed", dnid="112"),
        )
        return registered.ticket_number, linkedid

    def break_storage(self) -> None:
        """Let the database refuse a write, as a full disk does."""

        def refused(_tx: Transaction) -> None:
            raise OperationalError("INSERT", {}, Exception("database or disk is full"))

        with suppress(StorageUnavailable):
            self.centre.run(refused)

    def abandoned(self, number: str = "081200000417") -> str:
        """A caller who hung up before anybody answered: returns the ticket's number."""
        ticket, linkedid = self.call(number)
        self.centre.run(call_ended, system_name="pbx", linkedid=linkedid)
        return ticket

    def answer(self, linkedid: str, extension: str) -> None:
        self.centre.run(call_answered, system_name="pbx", linkedid=linkedid, extension=extension)

    def dispatched(self, operator: Program, *agencies: str) -> tuple[str, dict[str, int]]:
        """A fire, sent to agencies: returns the ticket's number and the assignments' ids by agency."""
        number, _ = self.call()
        steps: tuple[tuple[str, dict[str, Any]], ...] = (
            ("claim", {}),
            ("classify", {"classification": "genuine", "type_code": FIRE, "words": "rumah terbakar di Serang"}),
            ("locate", {"kelurahan_code": KELURAHAN}),
            ("dispatch", {"agencies": list(agencies)}),
        )
        for verb, body in steps:
            answer = operator.post(f"/api/v1/tickets/{number}/{verb}", body)
            assert answer.status_code == 200, answer.text
        ticket = answer.get_json()["ticket"]
        return number, {assignment["agency"]: assignment["id"] for assignment in ticket["assignments"]}

    def actor(self, username: str, role: Role, agency: str | None = None) -> Actor:
        return Actor(ActorKind.USER, self.user_ids[username], username.capitalize(), role, agency)

    def journal_kinds(self) -> list[str]:
        with self.centre.read() as connection:
            return list(connection.exec_driver_sql("SELECT kind FROM journal ORDER BY seq").scalars())


def choose_language(client: FlaskClient, code: str, path: str = "/sign-in", **form: str) -> TestResponse:
    """Press the button of a language."""
    headers = {"Referer": f"http://localhost{path}"}
    return client.post(
        f"/language/{code}", data={"csrf_token": csrf_token(client, "/any-page"), **form}, headers=headers
    )


def csrf_token(client: FlaskClient, path: str = "/sign-in") -> str:
    """The form token that a page carries."""
    found = re.search(r'<meta name="csrf-token" content="([^"]+)"', client.get(path).text)
    assert found is not None
    return found[1]


def signed_out(client: FlaskClient) -> FlaskClient:
    """The same browser without its session, as after a night."""
    client.delete_cookie(SESSION_COOKIE)
    return client


def sign_in(client: FlaskClient, username: str, password: str = PASSWORD, **form: str) -> TestResponse:
    """Fill in the sign-in page and send it."""
    path = form.pop("path", "/sign-in")
    address = form.pop("address", "127.0.0.1")
    data = {"username": username, "password": password, "csrf_token": csrf_token(client), **form}
    return client.post(path, data=data, environ_overrides={"REMOTE_ADDR": address})
