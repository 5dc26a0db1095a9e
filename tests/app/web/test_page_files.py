"""A page without its scripts does nothing and says nothing: the start and `check` do."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.checks import pages
from app.checks.finding import Standing
from app.checks.pages import check_pages
from app.node import start
from app.web.page_files import problem_of_page_files
from config import Settings
from dispatch.city.pack import CityPack


@pytest.fixture
def static(tmp_path: Path) -> Path:
    """Two pages, a script and what was made of it."""
    (tmp_path / "templates").mkdir()
    for page, style in (("agency", "css/siaga.css"), ("board", "vendor/icons.js")):
        html = f"""{{{{ asset("{style}") }}}} {{{{ asset('bundle/{page}.js') }}}}"""
        (tmp_path / "templates" / f"{page}.html").write_text(html, "utf-8")
    for name, made_at in (
        ("css/siaga.css", 100),
        ("vendor/icons.js", 100),
        ("js/core/api.js", 200),
        ("bundle/agency.js", 300),
        ("bundle/board.js", 300),
    ):
        file = tmp_path / "static" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
        os.utime(file, (made_at, made_at))
    return tmp_path / "static"


def problem(static: Path) -> str | None:
    return problem_of_page_files(static.parent / "templates", static)


def test_pages_whose_files_were_made_have_no_problem(static: Path) -> None:
    assert problem(static) is None


def test_what_a_page_loads_and_was_not_made_is_named(static: Path) -> None:
    (static / "bundle" / "agency.js").unlink()
    (static / "vendor" / "icons.js").unlink()
    assert problem(static) == "they load what is not there: bundle/agency.js, vendor/icons.js"


def test_a_bundle_of_before_the_scripts_changed_is_named(static: Path) -> None:
    os.utime(static / "js" / "core" / "api.js", (301, 301))
    os.utime(static / "bundle" / "board.js", (302, 302))
    assert problem(static) == "they load scripts of before: bundle/agency.js"


def test_the_check_says_what_pages_do_not_find(static: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "problem_of_page_files", lambda: problem(static))
    assert check_pages().standing is Standing.OK
    (static / "bundle" / "board.js").unlink()
    found = check_pages()
    assert (found.standing, found.words) == (Standing.WRONG, "pages: they load what is not there: bundle/board.js")
    assert "make install" in found.advice


def test_the_start_says_what_pages_do_not_find(
    static: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], city: CityPack
) -> None:
    monkeypatch.setattr(start, "problem_of_page_files", lambda: problem(static))
    (static / "bundle" / "board.js").unlink()
    start._print_banner(Settings(), city, 5112, nobody=False)
    assert "Warning: pages: they load what is not there: bundle/board.js; run: make install" in capsys.readouterr().out
