"""This node: its database, its people, and whether it can be reached where the guard looks for it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection, HTTPException

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from app.checks.finding import Finding, ok, wrong
from app.checks.settings import is_any
from config import Settings
from dispatch.centre import Centre
from dispatch.roles import Role
from dispatch.storage.migrate import current_revision, newest_revision
from dispatch.storage.schema import schema_of
from dispatch.storage.tables import User

TIMEOUT_S = 2.0
#: Nothing is sent there: the system only says which of its addresses it would use (an address for documentation).
_ELSEWHERE = ("192.0.2.1", 9)


def check_node(settings: Settings, centre: Centre) -> Iterator[Finding]:
    """Look at the database, then at the running node from outside."""
    try:
        with centre.read() as connection:
            serves, revision = schema_of(connection).serves, current_revision(connection)
            admins = connection.execute(
                select(func.count()).select_from(User).where(User.role == Role.ADMIN, User.deactivated_at.is_(None))
            ).scalar_one()
    except SQLAlchemyError as error:
        yield wrong(
            f"database: cannot be used ({type(getattr(error, 'orig', None) or error).__name__})",
            "SIAGA_DATABASE_URL; is it new: flask --app wsgi db upgrade",
        )
        return
    if serves:
        yield ok(f"database: schema {revision}")
    else:
        yield wrong(
            f"database: it has schema {revision}, this version needs {newest_revision()}",
            "flask --app wsgi db upgrade; where it is newer than this software, update the software",
        )
    if not admins:
        yield wrong("people: there is no admin", "flask --app wsgi create-admin NAME")
    yield from _reached(settings)


def _reached(settings: Settings) -> Iterator[Finding]:
    """Ask as the guard asks: on the address that Asterisk is given, and on port 5112."""
    host = _address_for_others(settings.agi_host)
    url = f"http://{host}:{settings.http_port}/readyz"
    try:
        status, checks = _ask(host, settings.http_port)
    except (OSError, HTTPException, ValueError) as error:
        yield wrong(
            f"guard: {url} does not answer ({type(error).__name__}), so the guard holds this node to be dead",
            "does it run (systemctl status siaga112)? SIAGA_HTTP_HOST, and the firewall on that port",
        )
        return
    if status == 200:
        yield ok(f"guard: {url} answers ready")
    else:
        bad = ", ".join(sorted(name for name, good in checks.items() if not good)) or "no reason given"
        yield wrong(f"guard: {url} answers {status}: {bad}", "journalctl -u siaga112")
    yield _agi(host, settings.agi_port)


def _agi(host: str, port: int) -> Finding:
    try:
        socket.create_connection((host, port), TIMEOUT_S).close()
    except OSError as error:
        return wrong(
            f"calls: nobody takes FastAGI connections on {host}:{port} ({type(error).__name__})",
            "SIAGA_AGI_HOST, SIAGA_AGI_PORT, and the firewall on that port",
        )
    return ok(f"calls: FastAGI listens on {host}:{port}")


def _ask(host: str, port: int) -> tuple[int, dict[str, bool]]:
    connection = HTTPConnection(host, port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        said = json.loads(answer.read(64 * 1024))
        checks = said.get("checks") if isinstance(said, dict) else None
        return answer.status, checks if isinstance(checks, dict) else {}
    finally:
        connection.close()


def _address_for_others(host: str) -> str:
    """The address under which another machine reaches what listens on `host`."""
    if not is_any(host):
        return host
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe, suppress(OSError):
        probe.connect(_ELSEWHERE)
        return str(probe.getsockname()[0])
    return "127.0.0.1"
