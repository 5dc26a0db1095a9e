"""The command line: users, tokens, boundaries, journal, backup, schema."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from sqlalchemy import select

from app import create_app
from app.cli.tokens import token as token_group
from app.node.boundary_choice import BOUNDARY_FILE
from app.node.ownership import hand_over
from app.node.start import build, load_settings
from app.services import services_of
from config import Settings
from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.places.boundaries import load_boundaries
from dispatch.roles import Role
from dispatch.storage.tables import User
from tests.app.conftest import CHEAP
from tests.app.house import PASSWORD, House, Program, sign_in


def run(house: House, *arguments: str, typed: str = "") -> Result:
    return house.app.test_cli_runner().invoke(args=list(arguments), input=typed)


def test_the_first_administrator_is_made_with_a_password_typed_twice(house: House) -> None:
    done = run(house, "create-admin", "adi", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0, done.output
    assert PASSWORD not in done.output
    assert sign_in(house.browser(), "adi").status_code == 303


def test_a_password_can_come_from_standard_input(house: House) -> None:
    done = run(house, "create-admin", "adi", "--name", "Adi N", "--password-stdin", typed=f"{PASSWORD}\n")
    assert done.exit_code == 0
    with house.centre.read() as connection:
        assert connection.execute(select(User.display_name, User.role)).one() == ("Adi N", "admin")


@pytest.mark.parametrize("typed", ["short\n", "\n", "", "x" * 1001 + "\n"])
def test_a_password_that_is_too_short_or_too_long_is_refused(house: House, typed: str) -> None:
    refused = run(house, "create-admin", "adi", "--password-stdin", typed=typed)
    assert refused.exit_code == 1
    assert "A password has 10 to 1000 characters." in refused.output


def test_passwords_that_differ_are_asked_for_again(house: House) -> None:
    done = run(house, "create-admin", "adi", typed=f"{PASSWORD}\nsomething else\n{PASSWORD}\n{PASSWORD}\n")
    assert done.exit_code == 0


def test_users_are_added_listed_changed_and_deactivated(house: House) -> None:
    added = run(
        house, "user", "add", "damkar", "--role", "responder", "--agency", "DAMKAR", "--password-stdin", typed=PASSWORD
    )
    assert added.exit_code == 0, added.output
    assert run(house, "user", "list").output == "damkar\tresponder\tDAMKAR\tdamkar\tactive\n"
    browser = house.browser("damkar")
    changed = run(house, "user", "set-password", "damkar", "--password-stdin", typed="another password\n")
    assert changed.exit_code == 0
    assert browser.get("/api/v1/snapshot").status_code == 401
    assert sign_in(house.browser(), "damkar", "another password").status_code == 303
    assert run(house, "user", "deactivate", "damkar").exit_code == 0
    assert sign_in(house.browser(), "damkar", "another password").status_code == 401
    assert "deactivated 2026-11-24" in run(house, "user", "list").output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("user", "add", "damkar", "--role", "responder"), "agency code"),
        (("user", "add", "x", "--role", "responder", "--agency", "NONE"), "username"),
        (("user", "add", "damkar", "--role", "responder", "--agency", "NONE"), "agency code"),
        (("user", "add", "Capital", "--role", "admin"), "username"),
        (("user", "add", "dewi", "--role", "admin", "--agency", "DAMKAR"), "agency code"),
    ],
)
def test_a_user_that_cannot_be_made_is_explained(house: House, arguments: tuple[str, ...], said: str) -> None:
    refused = run(house, *arguments, "--password-stdin", typed=f"{PASSWORD}\n")
    assert refused.exit_code == 1
    assert said in refused.output.replace("agency_code", "agency code")


def test_a_user_that_does_not_exist_is_said(house: House) -> None:
    for command in (("user", "deactivate"), ("token", "create"), ("token", "list")):
        refused = run(house, *command, "nobody")
        assert refused.exit_code == 1
        assert "There is no user nobody" in refused.output


def test_a_token_is_printed_alone_works_and_can_be_revoked(staffed: House) -> None:
    made = run(staffed, "token", "create", "dewi")
    assert made.exit_code == 0
    program = Program(staffed.app.test_client(), made.stdout.strip())
    assert made.stdout == made.stdout.strip() + "\n"
    assert program.get("/api/v1/board").status_code == 200
    assert run(staffed, "token", "list", "dewi").output.startswith("1\tmade 2026-11-24")
    assert run(staffed, "token", "revoke", "1").exit_code == 0
    assert program.get("/api/v1/board").status_code == 401
    assert run(staffed, "token", "revoke", "1").exit_code == 1
    assert token_group.commands.keys() == {"create", "list", "revoke"}


def test_tries_to_sign_in_are_listed_for_whoever_looks_after_the_server(staffed: House) -> None:
    sign_in(staffed.browser(), "dewi", "a guess", address="2001:db8::7")
    sign_in(staffed.browser(), "Rahasia2026", "a guess")
    staffed.browser("dewi")
    lines = [line.split("\t")[1:] for line in run(staffed, "user", "attempts").output.splitlines()]
    assert lines[0] == ["dewi", "2001:db8::/64", "password", "new browser", "failed"]
    assert lines[1][0].startswith("?")
    assert lines[2] == ["dewi", "127.0.0.1", "password", "new browser", "succeeded"]
    assert len(run(staffed, "user", "attempts", "--failed").output.splitlines()) == 2
    figures = staffed.browser().get("/metrics").text
    assert 'siaga_sign_ins_total{end="failed"} 2.0' in figures
    assert 'siaga_sign_ins_total{end="succeeded"} 1.0' in figures


def test_an_unbroken_journal_is_verified(staffed: House) -> None:
    staffed.call()
    found = run(staffed, "journal", "verify")
    assert found.exit_code == 0
    assert "unbroken" in found.output


def test_the_first_broken_link_of_the_journal_is_found(staffed: House, sqlite_url: str) -> None:
    for _ in range(3):
        staffed.call()
    database = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    database.execute("UPDATE journal SET kind = 'call.invented' WHERE seq = 8")
    database.commit()
    database.close()
    found = run(staffed, "journal", "verify")
    assert found.exit_code == 1
    assert "broken at entry 8: wrong_hash" in found.output


def test_a_backup_holds_everything_is_for_its_owner_only_and_replaces_nothing(
    staffed: House, tmp_path: Path, city: CityPack
) -> None:
    number, _ = staffed.call()
    target = tmp_path / "copy.db"
    done = run(staffed, "backup", str(target))
    assert done.exit_code == 0, done.output
    assert "unbroken" in done.output
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.glob("copy*")) == ["copy.db"]
    staffed.call()
    copy = open_centre(f"sqlite:///{target}", city)
    with copy.read() as connection:
        assert connection.exec_driver_sql("SELECT number FROM tickets").scalars().all() == [number]
    copy.close()
    again = run(staffed, "backup", str(target))
    assert again.exit_code == 1
    assert "exists already" in again.output


def test_a_backup_says_which_database_it_copied(staffed: House, sqlite_url: str, tmp_path: Path) -> None:
    source, target = sqlite_url.removeprefix("sqlite:///"), tmp_path / "copy.db"
    assert f"{source} was copied to {target}" in run(staffed, "backup", str(target)).output


def test_without_the_services_settings_no_other_database_is_copied_in_its_place(
    staffed: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SIAGA_DATA", "SIAGA_DATABASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("app.cli.storage.SERVICE_SETTINGS", tmp_path / "env")
    warned = run(staffed, "backup", str(tmp_path / "first.db"))
    assert warned.exit_code == 0
    assert "Neither SIAGA_DATA nor SIAGA_DATABASE_URL is set; this copies" in warned.output
    (tmp_path / "env").write_text("")
    refused = run(staffed, "backup", str(tmp_path / "second.db"))
    assert refused.exit_code == 1
    assert "but this machine has a service. Load the service's settings first" in refused.output
    assert not (tmp_path / "second.db").exists()
    monkeypatch.setenv("SIAGA_DATA", str(tmp_path))
    assert run(staffed, "backup", str(tmp_path / "second.db")).exit_code == 0


@pytest.mark.parametrize(
    "command", [("backup", "copy.db"), ("journal", "verify"), ("user", "list"), ("token", "list", "x")]
)
def test_a_command_where_there_is_no_database_leaves_nothing_behind(
    command: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    monkeypatch.setenv("SIAGA_DATA", str(tmp_path / "none"))
    monkeypatch.delenv("SIAGA_DATABASE_URL", raising=False)
    app = build(load_settings())
    told = app.test_cli_runner().invoke(
        args=[str(tmp_path / part) if part.endswith(".db") else part for part in command]
    )
    services_of(app).centre.close()
    assert told.exit_code == 1
    assert "database" in told.output
    assert list(tmp_path.iterdir()) == []


def test_a_new_installation_is_made_by_commands_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    monkeypatch.setenv("SIAGA_DATA", str(tmp_path / "new"))
    monkeypatch.delenv("SIAGA_DATABASE_URL", raising=False)
    app = build(load_settings())
    assert app.test_cli_runner().invoke(args=["db", "upgrade"]).exit_code == 0
    services_of(app).centre.close()
    assert load_settings().secret_key == load_settings().secret_key
    assert (tmp_path / "new" / "secret_key").exists()


def test_what_root_makes_belongs_to_the_owner_of_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    siaga, given = 990, []
    owners = {tmp_path: siaga, tmp_path / "secret_key": 0, tmp_path / "siaga.db": siaga}

    def owner(path: Path) -> tuple[int, int]:
        if path not in owners:
            raise FileNotFoundError
        return owners[path], owners[path]

    monkeypatch.setattr("app.node.ownership._owner", owner)
    monkeypatch.setattr("os.chown", lambda path, *to, **_: given.append((path, *to)))
    hand_over([tmp_path / name for name in ("secret_key", "siaga.db", "siaga.db-wal")])
    assert given == [(tmp_path / "secret_key", siaga, siaga)]
    owners[tmp_path] = 0
    hand_over([tmp_path / "secret_key"])
    assert len(given) == 1


def test_what_sqlite_leaves_when_a_command_is_killed_belongs_to_the_databases_owner(sqlite_url: str) -> None:
    """Where root runs the tests, root's command on somebody else's database."""
    path = Path(sqlite_url.removeprefix("sqlite:///"))
    owner = os.geteuid() or 65534
    os.chown(path, owner, -1)
    killed = "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1]); c.execute('PRAGMA journal_mode=WAL');"
    killed += " c.execute('CREATE TABLE x(y)'); c.commit(); os.kill(os.getpid(), 9)"
    subprocess.run([sys.executable, "-c", killed, str(path)], check=False)
    left = list(path.parent.glob("siaga.db*"))
    assert len(left) == 3
    assert {beside.lstat().st_uid for beside in left} == {owner}


def test_a_backup_of_a_broken_journal_is_not_kept(staffed: House, sqlite_url: str, tmp_path: Path) -> None:
    staffed.call()
    database = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    database.execute("DELETE FROM journal WHERE seq = 3")
    database.commit()
    database.close()
    done = run(staffed, "backup", str(tmp_path / "copy.db"))
    assert done.exit_code == 1
    assert "broken at entry 3: missing_entry" in done.output
    assert list(tmp_path.glob("copy*")) == []


def test_a_backup_that_cannot_be_written_is_said(staffed: House, tmp_path: Path) -> None:
    done = run(staffed, "backup", str(tmp_path / "missing" / "copy.db"))
    assert done.exit_code == 1
    assert "No backup was made" in done.output


def test_a_new_database_gets_its_schema(settings: Settings, city: CityPack, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    centre = open_centre(url, city)
    app = create_app(replace(settings, database_url=url), centre, hasher=CHEAP)
    runner = app.test_cli_runner()
    assert "db upgrade" in runner.invoke(args=["user", "list"]).output
    assert runner.invoke(args=["db", "upgrade"]).exit_code == 0
    assert runner.invoke(args=["db", "upgrade"]).exit_code == 0
    assert runner.invoke(args=["user", "list"]).output == ""
    centre.close()


def test_the_city_pack_is_summed_up(house: House) -> None:
    told = run(house, "city", "check").output
    assert told.startswith("Kota Serang")
    assert "    52 incident types" in told
    assert "    67 kelurahan" in told


def square(lat: float, lon: float, half: float = 0.004) -> list[list[list[float]]]:
    west, east, south, north = lon - half, lon + half, lat - half, lat + half
    return [[[west, south], [east, south], [east, north], [west, north], [west, south]]]


def boundary_file(folder: Path, city: CityPack, code_name: str = "kode", **members: str) -> Path:
    wards = list(city.kelurahan.values())[:3]
    features = [
        {
            "type": "Feature",
            "properties": {code_name: ward.code},
            "geometry": {"type": "Polygon", "coordinates": square(ward.lat, ward.lon)},
        }
        for ward in wards
    ]
    path = folder / "input.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features, **members}))
    return path


def test_a_boundary_file_is_checked_kept_and_reported(
    house: House, settings: Settings, city: CityPack, tmp_path: Path
) -> None:
    done = run(house, "boundaries", "load", str(boundary_file(tmp_path, city, attribution="Kota Serang 2026")))
    assert done.exit_code == 0, done.output
    assert "coverage: 4.5% of the kelurahan" in done.output
    assert "codes that the city pack does not know: none" in done.output
    assert "attribution: Kota Serang 2026" in done.output
    layer = load_boundaries(settings.data_dir / BOUNDARY_FILE, city)
    shown = create_app(settings, house.centre, boundaries=layer, hasher=CHEAP).test_client().get("/api/v1/boundaries")
    answer = shown.get_json()
    assert (answer["type"], answer["attribution"], len(answer["features"])) == (
        "FeatureCollection",
        "Kota Serang 2026",
        3,
    )


def test_what_was_said_on_the_command_line_is_kept_with_the_boundaries(
    house: House, settings: Settings, city: CityPack, tmp_path: Path
) -> None:
    file = boundary_file(tmp_path, city, "NO_WILAYAH")
    assert run(house, "boundaries", "load", str(file)).exit_code == 1
    options = ("--code-property", "NO_WILAYAH", "--attribution", "Bagian Pemerintahan")
    done = run(house, "boundaries", "load", str(file), *options)
    assert done.exit_code == 0, done.output
    assert load_boundaries(settings.data_dir / BOUNDARY_FILE, city).attribution == "Bagian Pemerintahan"


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"type": "FeatureCollection", "features": []}'])
def test_a_file_that_holds_no_boundaries_is_refused_and_changes_nothing(
    house: House, settings: Settings, tmp_path: Path, content: str
) -> None:
    path = tmp_path / "input.geojson"
    path.write_text(content)
    refused = run(house, "boundaries", "load", str(path))
    assert refused.exit_code == 1
    assert "input.geojson" in refused.output
    assert not (settings.data_dir / BOUNDARY_FILE).exists()


def test_commands_start_no_server(house: House, sqlite_centre: Centre) -> None:
    house.add("adi", Role.ADMIN)
    assert run(house, "user", "list").exit_code == 0
    assert sqlite_centre.journal_followers == []


def test_whoever_put_a_backup_into_place_elsewhere_says_so_and_saying_it_twice_changes_nothing(house: House) -> None:
    first, second = run(house, "restored"), run(house, "restored")
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "A new epoch has begun" in first.output
    assert "known already" in second.output


def test_what_waits_since_a_restore_is_listed_released_and_dropped_by_hand(staffed: House) -> None:
    assert "never brought back" in run(staffed, "ladders", "list-held").output
    dewi = staffed.program("dewi")
    first, _ = staffed.dispatched(dewi, "DAMKAR")
    staffed.dispatched(dewi, "DAMKAR")
    staffed.clock.step(600)
    assert run(staffed, "restored").exit_code == 0
    listed = run(staffed, "ladders", "list-held").output
    assert f"{first} P1 dispatched" in listed
    assert "acknowledge DAMKAR" in listed
    assert "2 tickets wait" in listed
    assert "2 ladders wait" in run(staffed, "audit").output
    assert "1 ladders go on" in run(staffed, "ladders", "release", "--ticket", first).output
    assert "1 ladders and messages dropped" in run(staffed, "ladders", "drop").output
    assert "0 tickets wait" in run(staffed, "ladders", "list-held").output
    assert run(staffed, "ladders", "release", "--ticket", "000000-999").exit_code == 1
