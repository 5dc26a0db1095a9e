"""Starting: what is wrong with an installation is said in one line, with exit code 2, before anything listens."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from app.node.dangerous_starts import refuse_danger, warnings_of
from app.node.demo import DEMO_PASSWORD, answered_by, seed_users
from app.node.start import StartError, build, load_settings, serve
from app.people.passwords import Passwords
from app.services import services_of
from config import Settings
from dispatch.call_taking.ownership import claim_ticket
from dispatch.roles import Role
from dispatch.storage.tables import User
from dispatch.tickets.lifecycle import Classification
from telephony.simulator.simulated_day import SimulatedCall
from tests.app.conftest import CHEAP
from tests.app.house import House

ROOT = Path(__file__).resolve().parents[3]


class Served(Exception):
    """Raised where the process would become gunicorn."""


@pytest.fixture(autouse=True)
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The variables of an installation in a folder of its own; nothing becomes gunicorn."""
    for name in [name for name in os.environ if name.startswith("SIAGA_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SIAGA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SIAGA_CITY", str(ROOT / "city" / "serang"))
    monkeypatch.setenv("SIAGA_HTTP_PORT", "0")
    monkeypatch.setenv("SIAGA_AGI_PORT", "0")
    monkeypatch.setattr("app.node.start.Passwords", lambda: Passwords(CHEAP))

    def become(listener: socket.socket) -> None:
        listener.close()
        raise Served

    monkeypatch.setattr("app.node.start._become_gunicorn", become)
    return monkeypatch


def refusal() -> str:
    """Why `serve` refuses to start."""
    with pytest.raises(StartError) as refused:
        serve()
    assert refused.value.exit_code == 2
    return refused.value.message


def usernames(tmp_path: Path) -> list[str]:
    engine = create_engine(f"sqlite:///{tmp_path / 'data' / 'siaga.db'}")
    with engine.connect() as connection:
        found = list(connection.execute(select(User.username)).scalars())
    engine.dispose()
    return found


def test_a_new_installation_starts_clean_and_says_how_to_make_its_first_user(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Served):
        serve()
    assert usernames(tmp_path) == []
    said = capsys.readouterr().out
    assert "Siaga 112, Kota Serang" in said
    assert "Make the first administrator: flask --app wsgi create-admin admin" in said
    assert "siaga-demo" not in said


def test_the_demo_makes_its_users_once(
    tmp_path: Path, environ: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    environ.setenv("SIAGA_DEMO", "1")
    for _ in range(2):
        with pytest.raises(Served):
            serve()
    names = usernames(tmp_path)
    assert {"operator1", "operator2", "supervisor", "admin", "damkar", "dishub"} <= set(names)
    assert len(names) == len(set(names))
    assert "password of all: siaga-demo" in capsys.readouterr().out


def test_the_demo_does_not_add_its_users_to_a_real_database(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(Served):
        serve()
    app = build(load_settings())
    house = House(app, services_of(app).centre, None)  # type: ignore[arg-type]
    house.add("dewi", Role.ADMIN)
    house.centre.close()
    environ.setenv("SIAGA_DEMO", "1")
    assert "this database has users of its own" in refusal()
    assert usernames(tmp_path) == ["dewi"]


def test_a_database_of_the_demo_is_not_served_for_real_while_its_users_can_sign_in(
    environ: pytest.MonkeyPatch,
) -> None:
    environ.setenv("SIAGA_DEMO", "1")
    with pytest.raises(Served):
        serve()
    environ.setenv("SIAGA_DEMO", "0")
    assert "whose password everybody knows" in refusal()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SIAGA_HTTP_PORT", "many", "SIAGA_HTTP_PORT='many'"),
        ("SIAGA_CITY", "/nowhere", "SIAGA_CITY"),
        ("SIAGA_DATABASE_URL", "sqlite:////nowhere/at/all.db", "SIAGA_DATABASE_URL: cannot use sqlite:////nowhere"),
        (
            "SIAGA_DATABASE_URL",
            "postgresql://siaga:hush@127.0.0.1:1/siaga",
            "SIAGA_DATABASE_URL: cannot use postgresql+psycopg://siaga:***@127.0.0.1:1/siaga",
        ),
        ("SIAGA_AGI_HOST", "192.0.2.1", "SIAGA_AGI_PORT: cannot listen on 192.0.2.1:0"),
    ],
)
def test_what_cannot_be_used_is_named(environ: pytest.MonkeyPatch, name: str, value: str, said: str) -> None:
    environ.setenv(name, value)
    told = refusal()
    assert told.startswith(said)
    assert "hush" not in told


def test_storage_that_may_lose_calls_is_refused_and_used_only_where_that_is_asked_for(
    environ: pytest.MonkeyPatch, postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    environ.setenv("SIAGA_DATABASE_URL", postgres_url)  # the tests' server never flushes
    assert "PostgreSQL runs with fsync = off, and a power cut may take calls" in refusal()
    environ.setenv("SIAGA_ALLOW_UNSAFE_STORAGE", "1")
    with pytest.raises(Served):
        serve()
    assert "WARNING: SIAGA_ALLOW_UNSAFE_STORAGE=1: calls may be lost: PostgreSQL runs with" in capsys.readouterr().err


OFF_LOOPBACK = ("0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "siaga.example.go.id", "10.0.0.5")
BEHIND_TLS = {"SIAGA_COOKIE_SECURE": "1", "SIAGA_TRUSTED_PROXIES": "1"}
ON_LOOPBACK = ("127.0.0.1", "localhost", "::1", "127.8.9.1", "::ffff:127.0.0.1")


@pytest.mark.parametrize("host", OFF_LOOPBACK)
@pytest.mark.parametrize("name", ["SIAGA_HTTP_HOST", "SIAGA_AGI_HOST"])
@pytest.mark.parametrize("more", [{}, {"SIAGA_PLAIN_HTTP": "1"}, BEHIND_TLS])
def test_the_demo_off_loopback_is_refused(
    environ: pytest.MonkeyPatch, tmp_path: Path, host: str, name: str, more: dict[str, str]
) -> None:
    for variable, value in {"SIAGA_DEMO": "1", name: host, **more}.items():
        environ.setenv(variable, value)
    assert refusal().startswith(f"SIAGA_DEMO=1 with {name}={host}")
    assert not (tmp_path / "data" / "siaga.db").exists()


@pytest.mark.parametrize("host", OFF_LOOPBACK)
@pytest.mark.parametrize("half", [{}, {"SIAGA_COOKIE_SECURE": "1"}, {"SIAGA_TRUSTED_PROXIES": "1"}])
def test_plain_http_off_loopback_is_refused_with_what_to_do(
    environ: pytest.MonkeyPatch, host: str, half: dict[str, str]
) -> None:
    for variable, value in {"SIAGA_HTTP_HOST": host, **half}.items():
        environ.setenv(variable, value)
    said = refusal()
    assert said.startswith(f"SIAGA_HTTP_HOST={host} without TLS")
    for way_out in ("SIAGA_COOKIE_SECURE=1", "SIAGA_TRUSTED_PROXIES=1", "SIAGA_PLAIN_HTTP=1", "docs/deployment.md"):
        assert way_out in said


SAFE = [
    *({"SIAGA_HTTP_HOST": host} for host in ON_LOOPBACK),
    {"SIAGA_HTTP_HOST": "0.0.0.0", "SIAGA_PLAIN_HTTP": "1"},
    {"SIAGA_HTTP_HOST": "192.0.2.1", "SIAGA_COOKIE_SECURE": "1", "SIAGA_TRUSTED_PROXIES": "1"},
    {"SIAGA_DEMO": "1"},
    {"SIAGA_DEMO": "1", "SIAGA_PUBLIC_URL": "https://demo.example"},
    {"SIAGA_DEMO": "1", "SIAGA_TRUSTED_PROXIES": "1", "SIAGA_COOKIE_SECURE": "1"},
    {"SIAGA_AGI_HOST": "192.0.2.1"},
]


@pytest.mark.parametrize("variables", SAFE, ids=str)
def test_a_start_that_harms_nobody_is_not_refused(variables: dict[str, str]) -> None:
    refuse_danger(Settings.from_environ(variables))


def test_fastagi_for_everybody_is_warned_of_unless_its_peers_are_named() -> None:
    reachable = {"SIAGA_AGI_HOST": "192.0.2.1"}
    (warning,) = warnings_of(Settings.from_environ(reachable))
    assert "SIAGA_AGI_PEERS" in warning
    assert warnings_of(Settings.from_environ(reachable | {"SIAGA_AGI_PEERS": "192.0.2.20"})) == []
    assert warnings_of(Settings()) == []


def test_gunicorn_by_itself_refuses_a_dangerous_start_too(tmp_path: Path) -> None:
    environ = {**os.environ, "SIAGA_DATA": str(tmp_path), "SIAGA_DEMO": "1", "SIAGA_HTTP_HOST": "0.0.0.0"}
    command = [sys.executable, "-m", "gunicorn", "-c", "app/gunicorn_settings.py", "wsgi:create_app()"]
    done = subprocess.run(command, check=False, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=30)
    assert done.returncode != 0
    assert "Error: SIAGA_DEMO=1 with SIAGA_HTTP_HOST=0.0.0.0" in done.stderr


def test_gunicorns_master_loads_nothing_that_has_to_be_patched_first(tmp_path: Path) -> None:
    look = "import runpy, sys; runpy.run_path('app/gunicorn_settings.py');"
    look += " heavy = {'dispatch', 'flask', 'requests', 'sqlalchemy', 'urllib3'};"
    look += " print(sorted({name.partition('.')[0] for name in sys.modules} & heavy))"
    environ = {**os.environ, "SIAGA_DATA": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", look], check=False, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=30
    )
    assert done.stdout == "[]\n", done.stdout + done.stderr


@pytest.mark.parametrize("variable", ["SIAGA_HTTP_PORT", "SIAGA_AGI_PORT"])
def test_a_port_that_is_taken_is_named(environ: pytest.MonkeyPatch, variable: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        environ.setenv(variable, str(other.getsockname()[1]))
        assert refusal().startswith(f"{variable}: cannot listen on 127.0.0.1:{other.getsockname()[1]}: another program")


def test_a_data_folder_that_cannot_be_written_is_named(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    environ.setenv("SIAGA_DATA", str(tmp_path / "file" / "data"))
    assert refusal().startswith("SIAGA_DATA: cannot use")


def test_every_fault_of_a_city_pack_is_told_at_once(environ: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pack = tmp_path / "city"
    shutil.copytree(ROOT / "city" / "serang", pack)
    (pack / "seats.csv").write_text("code,name_id,name_en,extension\n1,Meja 1,Desk 1,\n1,Meja 1,Desk 1,op1\n")
    environ.setenv("SIAGA_CITY", str(pack))
    told = refusal()
    assert told.startswith("SIAGA_CITY: ")
    assert "seats.csv" in told


def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with pytest.raises(Served):
        serve()
    engine = create_engine(f"sqlite:///{tmp_path / 'data' / 'siaga.db'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    assert "it was made by a newer version of Siaga 112" in refusal()


def test_a_damaged_boundary_file_is_named_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "boundaries.geojson").write_text("{}")
    assert "load it again" in refusal()


def test_the_program_itself_ends_with_code_2_and_one_line(tmp_path: Path) -> None:
    environ = {**os.environ, "SIAGA_DATA": str(tmp_path), "SIAGA_HTTP_PORT": "many"}
    ended = subprocess.run(
        [sys.executable, "wsgi.py"], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert ended.stderr == "Error: SIAGA_HTTP_PORT='many': a whole number from 0 to 65535 is allowed\n"


def test_only_the_owner_can_read_what_an_installation_holds(tmp_path: Path) -> None:
    environ = {**os.environ, "SIAGA_DATA": str(tmp_path / "new"), "SIAGA_CITY": "/nowhere", "SIAGA_HTTP_PORT": "0"}
    command = [sys.executable, "wsgi.py"]
    subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, timeout=30, check=False)
    assert (tmp_path / "new").stat().st_mode & 0o077 == 0


def test_a_simulated_call_is_answered_at_the_seat_of_whoever_takes_its_ticket(staffed: House) -> None:
    number, linkedid = staffed.call()
    assert answered_by(staffed.centre, linkedid) is None
    assert answered_by(staffed.centre, "unknown") is None
    staffed.browser("dewi", seat="3")
    staffed.centre.run(claim_ticket, actor=staffed.actor("dewi", Role.CALL_TAKER), number=number)
    assert answered_by(staffed.centre, linkedid) == "op3"


def test_a_simulated_call_taken_by_somebody_who_sits_nowhere_is_answered_all_the_same(staffed: House) -> None:
    number, linkedid = staffed.call()
    staffed.centre.run(claim_ticket, actor=staffed.actor("dewi", Role.CALL_TAKER), number=number)
    extension = answered_by(staffed.centre, linkedid)
    assert extension is not None
    staffed.answer(linkedid, extension)
    with staffed.centre.read() as connection:
        assert connection.exec_driver_sql("SELECT state FROM calls").scalar() == "answered"


def test_what_the_demos_caller_says_is_heard_once_somebody_has_answered(staffed: House) -> None:
    class OneCaller:
        """Stands in for the simulator: one caller, who says one thing."""

        def call(self, linkedid: str) -> SimulatedCall | None:
            genuine = Classification.GENUINE
            return SimulatedCall(0, linkedid, None, "allowed", genuine, "rumah kebakaran", None, None, None, 30, 30)

    number, linkedid = staffed.call()
    dewi = staffed.program("dewi")
    assert dewi.get(f"/api/v1/tickets/{number}").json["heard"] is None
    services_of(staffed.app).simulator = OneCaller()  # type: ignore[assignment]
    assert dewi.get(f"/api/v1/tickets/{number}").json["heard"] is None
    staffed.answer(linkedid, "op1")
    assert dewi.get(f"/api/v1/tickets/{number}").json["heard"] == "rumah kebakaran"


def test_the_demos_users_all_have_the_password_it_names(house: House) -> None:
    passwords = services_of(house.app).passwords
    assert seed_users(house.centre, passwords) == []
    with house.centre.read() as connection:
        stored = set(connection.execute(select(User.password_hash)).scalars())
    assert all(passwords.matches(one, DEMO_PASSWORD) for one in stored)


def test_what_checks_an_installation_and_becomes_gunicorn_does_not_load_the_web_application() -> None:
    """It would take a second of every start, and be thrown away."""
    heavy = {"flask", "flask_socketio", "pydantic", "app.application", "app.cli"}
    code = f"import sys, wsgi; print(*sorted({heavy!r} & set(sys.modules)))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    )
    assert loaded.stdout.strip() == ""
