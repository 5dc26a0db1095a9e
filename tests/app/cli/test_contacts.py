"""The command line's people and rosters: added, listed, imported whole or not at all, exported as taken."""

from __future__ import annotations

from pathlib import Path

from click.testing import Result

from tests.app.house import House

HEAD = "agency,area,name,from,to,role\n"
ROW = "DAMKAR,,Herman,2026-11-25T07:00,2026-11-25T15:00,duty\n"


def run(house: House, *arguments: str) -> Result:
    return house.app.test_cli_runner().invoke(args=list(arguments))


def ok(done: Result) -> str:
    assert done.exit_code == 0, done.output
    return done.output


def add(house: House, name: str, *options: str) -> Result:
    return run(house, "contact", "add", "DAMKAR", name, "--role", "duty", *options)


def test_somebody_is_added_listed_and_removed(house: House) -> None:
    ok(add(house, "Herman", "--whatsapp", "+62 812-7777-0001", "--email", "herman@contoh.go.id"))
    ok(run(house, "contact", "add", "KELURAHAN", "Lurah", "--role", "duty", "--area", "36.73.01.1002"))
    assert ok(run(house, "contact", "list")).splitlines() == [
        "1\tDAMKAR\t-\tduty\tHerman\twhatsapp 081277770001 (not tested); email herman@contoh.go.id (not tested)",
        "2\tKELURAHAN\t36.73.01.1002\tduty\tLurah\tno channel",
    ]
    ok(add(house, "Herman", "--telegram", "123456"))  # the same person, reached in another way
    assert "telegram 123456 (not tested)" in ok(run(house, "contact", "list", "--agency", "DAMKAR"))
    ok(run(house, "contact", "remove", "1"))
    assert "Herman" not in ok(run(house, "contact", "list"))


def test_a_wrong_address_leaves_no_half_known_person(house: House) -> None:
    refused = add(house, "Herman", "--whatsapp", "nomor Herman")
    assert refused.exit_code == 1
    assert "--whatsapp: The value of address cannot be used" in refused.output
    assert ok(run(house, "contact", "list")) == ""
    assert run(house, "contact", "add", "DINASAPA", "Herman", "--role", "duty").exit_code == 1
    assert run(house, "contact", "add", "DAMKAR", "Herman", "--role", "boss").exit_code == 2


def test_a_roster_is_imported_twice_as_once_and_its_holes_are_listed(house: House, tmp_path: Path) -> None:
    ok(add(house, "Herman"))
    file = tmp_path / "piket.csv"
    file.write_text(HEAD + ROW, encoding="utf-8")
    first = ok(run(house, "roster", "import", str(file)))
    assert first.startswith("1 shifts are new, 0 were there already.")
    assert "hole\tDAMKAR\t-\tshift\tduty\t2026-11-24T09:14\t2026-11-25T07:00" in first
    assert "hole\tDAMKAR\t-\tno_channel\tHerman" in first
    assert ok(run(house, "roster", "import", str(file))).startswith("0 shifts are new, 1 were there already.")
    out = ok(run(house, "roster", "export"))
    (tmp_path / "out.csv").write_text(out, encoding="utf-8")
    assert ok(run(house, "roster", "import", str(tmp_path / "out.csv"))).startswith("0 shifts are new")
    assert "SETDA" in ok(run(house, "roster", "holes"))


def test_each_mistake_is_named_by_file_row_and_field_and_nothing_is_taken(house: House, tmp_path: Path) -> None:
    ok(add(house, "Herman"))
    file = tmp_path / "piket.csv"
    file.write_text(HEAD + ROW + ROW.replace("Herman", "Heman") + ROW.replace("T15:00", "T06:00"), encoding="utf-8")
    refused = run(house, "roster", "import", str(file))
    assert refused.exit_code == 1
    assert "piket.csv:3:name: The value of name cannot be used: unknown." in refused.output
    assert "piket.csv:4:to: The value of to cannot be used: not after its beginning." in refused.output
    assert ok(run(house, "roster", "export")).count("\n") == 1
    file.write_bytes(b"\xff\xfe\x00")
    assert "UTF-8" in run(house, "roster", "import", str(file)).output
    file.write_text("nama\nHerman\n", encoding="utf-8")
    assert (
        "piket.csv:1:agency: The value of agency cannot be used: required."
        in run(house, "roster", "import", str(file)).output
    )
