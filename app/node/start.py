"""Starting: everything that can be wrong with an installation is found here and said in one line."""

from __future__ import annotations

import os
import resource
import socket
import sys
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from secrets import token_urlsafe
from typing import TYPE_CHECKING

import click
from gevent import get_hub
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from app import create_app
from app.node.boundary_choice import boundary_choice
from app.node.dangerous_starts import DangerousStart, refuse_danger, warnings_of
from app.node.demo import DEMO_PASSWORD, remaining_demo_users, seed_users
from app.node.demo_people import seed_people
from app.node.journal_mark import MARK_FILE, read_mark
from app.node.own_listener import bind_without_listening
from app.people.passwords import Passwords
from app.web.page_files import REMEDY, problem_of_page_files
from config import Settings, SettingsError
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack, CityPackError, load_city
from dispatch.places.boundaries import BoundaryFileError, BoundaryLayer
from dispatch.storage.durability import UnsafeStorage, demand_durability, in_memory
from dispatch.storage.engine import make_engine, make_no_file
from dispatch.storage.migrate import MigrationRefused, migrate_at_start
from dispatch.storage.tables import User
from dispatch.storage.writer import Offload

if TYPE_CHECKING:
    from flask import Flask

MOST_DESCRIPTORS = 65_536
BOUND_SOCKET = "SIAGA_BOUND_SOCKET"  #: how the bound socket is handed to app/gunicorn_settings.py


class StartError(click.ClickException):
    """Why this installation cannot start: one line, exit code 2."""

    exit_code = 2


def load_settings() -> Settings:
    """The settings, with a secret key. Raises StartError."""
    try:
        settings = Settings.from_environ()
        if _is_command_on_nothing(settings):
            # Where there is no database nothing can be kept that needs the key, and a command that was run without the
            # service's settings leaves nothing behind.
            return replace(settings, secret_key=settings.secret_key or token_urlsafe(48))
        return settings.with_secret_key()
    except SettingsError as error:
        raise StartError(str(error)) from None


def _is_command_on_nothing(settings: Settings) -> bool:
    """Whether this is `flask --app wsgi COMMAND` on an SQLite file that does not exist."""
    url = make_url(settings.database_url)
    missing = url.get_backend_name() == "sqlite" and not Path(url.database or "").exists()
    return missing and os.environ.get("FLASK_RUN_FROM_CLI") == "true"


def build(settings: Settings) -> Flask:
    """Make the application on its own database; starts no server. Raises StartError."""
    city = _city(settings)
    boundaries = _boundaries(settings, city)
    centre = _centre(settings, city, boundaries, _off_the_loop)
    if centre.engine.dialect.name == "postgresql":
        from app.node.postgres_connection import wait_in_loop  # with its driver, which SQLite's users need not wait for

        wait_in_loop(centre.engine)
    from app.node.ownership import hand_over_at_exit

    hand_over_at_exit(settings)
    return create_app(settings, centre, boundaries=boundaries)


def serve() -> None:
    """What `python wsgi.py` does.

    1. Check settings, city pack, folders and ports; bring a new database or SQLite to the newest schema.
    2. In the demo, make its users; otherwise see that none of them is left.
    3. Say where everything is, and become gunicorn, which binds nothing itself: the port is ours already.
    """
    settings = load_settings()
    try:
        refuse_danger(settings)
    except DangerousStart as error:
        raise StartError(str(error)) from None
    city = _city(settings)
    _prepare_storage(settings)
    with closing(_centre(settings, city, _boundaries(settings, city), None)) as centre:
        _prepare_users(settings, centre)
        nobody = _has_no_users(centre)
    # Only tried: bound by the worker itself, so that calls are refused at once while there is no worker.
    _bind("SIAGA_AGI_PORT", settings.agi_host, settings.agi_port).close()
    listener = _bind("SIAGA_HTTP_PORT", settings.http_host, settings.http_port)
    _print_banner(settings, city, listener.getsockname()[1], nobody)
    _allow_descriptors()
    _become_gunicorn(listener)


def _city(settings: Settings) -> CityPack:
    try:
        return load_city(settings.city)
    except CityPackError as error:
        raise StartError(f"SIAGA_CITY: {error}") from None


def _boundaries(settings: Settings, city: CityPack) -> BoundaryLayer | None:
    choice = boundary_choice(settings)
    if choice is None:
        return None
    try:
        return choice.read(city)
    except BoundaryFileError as error:
        if not choice.loaded:
            raise StartError(f"SIAGA_CITY: {error}") from None
        what = f"load it again with: flask --app wsgi boundaries load FILE, or delete {choice.path}"
        raise StartError(f"{error}; {what}") from None


def _centre(settings: Settings, city: CityPack, boundaries: BoundaryLayer | None, offload: Offload | None) -> Centre:
    try:
        centre = open_centre(
            settings.database_url,
            city,
            boundaries=boundaries,
            offload=offload,
            demand_durability=not settings.allow_unsafe_storage,
        )
    except (ArgumentError, ValueError) as error:
        raise StartError(f"SIAGA_DATABASE_URL: {error}") from None
    if centre.engine.dialect.name == "sqlite":
        make_no_file(centre.engine)
    mark = read_mark(settings.data_dir / MARK_FILE)
    if mark is not None:
        centre.writer.remember(mark)
    return centre


def _off_the_loop(work: object) -> None:
    get_hub().threadpool.apply(work)


def _prepare_storage(settings: Settings) -> None:
    shown = make_url(settings.database_url).render_as_string(hide_password=True)
    try:
        _see_that_it_lasts(settings, shown)
        migrate_at_start(settings.database_url)
    except MigrationRefused as refused:
        raise StartError(f"SIAGA_DATABASE_URL: {shown}: {refused}") from None
    except (SQLAlchemyError, OSError) as error:
        reason = str(getattr(error, "orig", None) or error).strip().partition("\n")[0]
        raise StartError(f"SIAGA_DATABASE_URL: cannot use {shown}: {reason}") from None


def _see_that_it_lasts(settings: Settings, shown: str) -> None:
    """Refuse a database that may lose what it has acknowledged, or say so loudly where that was asked for."""
    engine = make_engine(settings.database_url)
    try:
        demand_durability(engine)
        if folder := in_memory(engine):
            click.echo(f"WARNING: {folder} is in memory: a power cut takes all calls with it", err=True)
    except UnsafeStorage as unsafe:
        if not settings.allow_unsafe_storage:
            raise StartError(f"SIAGA_DATABASE_URL: {shown}: {unsafe}") from None
        click.echo(f"WARNING: SIAGA_ALLOW_UNSAFE_STORAGE=1: calls may be lost: {unsafe}", err=True)
    finally:
        engine.dispose()


def _prepare_users(settings: Settings, centre: Centre) -> None:
    passwords = Passwords()
    if settings.demo:
        strangers = seed_users(centre, passwords)
        if strangers:
            raise StartError(
                "SIAGA_DEMO=1: this database has users of its own, and the demo would add some whose password "
                "everybody knows; use another SIAGA_DATA"
            )
        if settings.demo_phones and not settings.whatsapp_phone_id:
            seed_people(centre)
        return
    remaining = remaining_demo_users(centre, passwords)
    if remaining:
        raise StartError(
            f"this database has demo users whose password everybody knows ({', '.join(remaining)}); use another "
            "SIAGA_DATA, or take their access away: flask --app wsgi user deactivate USERNAME"
        )


def _has_no_users(centre: Centre) -> bool:
    with centre.read() as connection:
        return connection.execute(select(User.id).limit(1)).first() is None


def _bind(variable: str, host: str, port: int) -> socket.socket:
    try:
        return bind_without_listening(host, port)
    except OSError as error:
        reason = "another program uses it" if error.errno == 98 else error.strerror
        raise StartError(f"{variable}: cannot listen on {host}:{port}: {reason}") from None


def _print_banner(settings: Settings, city: CityPack, port: int, nobody: bool) -> None:
    click.echo(f"Siaga 112, {city.name}")
    host = f"[{settings.http_host}]" if ":" in settings.http_host else settings.http_host
    click.echo(f"  pages    http://{host}:{port}/")
    click.echo(f"  FastAGI  agi://{settings.agi_host}:{settings.agi_port or '(see the log)'}/incoming")
    if settings.demo:
        names = [user.username for user in city.demo_users]
        if settings.demo_phones and not settings.whatsapp_phone_id:
            click.echo(f"  phones   http://{host}:{port}/demo/phones  (what the demo's people receive)")
        click.echo(f"  demo     {', '.join(names)}; password of all: {DEMO_PASSWORD}")
    elif nobody:
        from app.account.sign_in import CREATE_ADMIN_COMMAND  # only here: it brings the web application along

        click.echo(f"  There are no users yet. Make the first administrator: {CREATE_ADMIN_COMMAND}")
    for warning in warnings_of(settings):
        click.echo(f"  Warning: {warning}")
    if problem := problem_of_page_files():
        click.echo(f"  Warning: pages: {problem}; {REMEDY}")
    sys.stdout.flush()


def _allow_descriptors() -> None:
    """Take as many file descriptors as this process may have: each browser and each call needs one."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_DESCRIPTORS if most == resource.RLIM_INFINITY else min(most, MOST_DESCRIPTORS)
    with suppress(ValueError, OSError):  # what the service manager allows is enough to start
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, most))


def _become_gunicorn(listener: socket.socket) -> None:
    """Replace this process: gunicorn must fork from one that gevent has not touched."""
    os.set_inheritable(listener.fileno(), True)
    environ = {**os.environ, BOUND_SOCKET: str(listener.fileno())}
    root = Path(__file__).resolve().parents[2]
    settings_file = str(root / "app" / "gunicorn_settings.py")
    command = [sys.executable, "-m", "gunicorn", "-c", settings_file, "--pythonpath", str(root)]
    os.execve(sys.executable, [*command, "wsgi:create_app()"], environ)  # noqa: S606
