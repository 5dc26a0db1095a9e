"""What README and docs name exists: settings, files, dependencies, make targets."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
_QUOTED = re.compile(r"`([^`\n]+)`")
_ROOMS = ("app", "bench", "city", "dispatch", "docs", "migrations", "telephony", "templates", "tests")


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_the_readme_lists_every_setting_and_no_other() -> None:
    known = set(re.findall(r'"(SIAGA_[A-Z_]+)"', read(ROOT / "config.py")))
    settings = read(ROOT / "README.md").partition("## Settings")[2].partition("\n## ")[0]
    assert set(re.findall(r"`(SIAGA_[A-Z_]+)`", settings)) - {"SIAGA_DATA"} == known - {"SIAGA_DATA"}


def _exists(named: str) -> bool:
    """Whether a file is there, and the test in it that is named with it."""
    path, _, test = named.partition("::")
    return (ROOT / path).exists() and (not test or f"def {test}(" in read(ROOT / path))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_file_that_a_document_names_exists(document: Path) -> None:
    named = [word for word in _QUOTED.findall(read(document)) if word.split("/")[0] in _ROOMS and "/" in word]
    plain = [word for word in named if not set(word) & set("<>* ")]
    assert [word for word in plain if not _exists(word)] == []


def test_a_short_path_in_the_architecture_counts_from_a_folder_that_its_section_names() -> None:
    for section in read(ROOT / "docs" / "architecture.md").split("\n## "):
        named = _QUOTED.findall(section)
        folders = [ROOT, *(ROOT / word for word in named if word.endswith("/") and (ROOT / word).is_dir())]
        rooms = [folder / word for folder in folders for word in named if word.endswith("/")]
        files = [word for word in named if re.fullmatch(r"[\w/.-]+\.(py|js)", word)]
        lost = [name for name in files if not any((folder / name).is_file() for folder in [*folders, *rooms])]
        assert lost == [], section.partition("\n")[0]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_within_the_repository_leads_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", read(document))
    local = [link for link in links if not link.startswith(("http:", "https:"))]
    assert [link for link in local if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_make_target_that_a_document_names_exists(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", read(ROOT / "Makefile"), re.MULTILINE))
    named = set(re.findall(r"`(?:[A-Z_]+=\S+ )?make ([a-z-]+)", read(document)))
    assert named - targets == set()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_settings_can_be_read_by_a_shell_and_by_systemd_alike(document: Path) -> None:
    """systemd takes a remark behind a value for a part of it; a shell ends a command at & and ;."""
    values = re.findall(r"(?m)^SIAGA_[A-Z_]+=(.*)$", read(document))
    assert [value for value in values if not re.fullmatch(r"'[^']*'|[^\s'\"&;#<>|()$`]*", value)] == []


def test_every_direct_dependency_has_its_reason() -> None:
    reasons = read(ROOT / "docs" / "dependencies.md").lower()
    pinned = {
        re.split(r"[\[=]", line)[0].lower()
        for name in ("requirements.txt", "requirements-dev.txt", "requirements-assets.txt")
        for line in read(ROOT / name).splitlines()
        if "==" in line and not line.startswith("#")
    }
    browser = set(json.loads(read(ROOT / "package.json"))["dependencies"])
    assert sorted(name for name in pinned | browser if name not in reasons) == []


def test_all_versions_are_exact() -> None:
    lines = [
        line
        for path in ROOT.glob("*.txt")
        for line in read(path).splitlines()
        if line and not line.startswith(("#", "-r "))
    ]
    assert [line for line in lines if not re.fullmatch(r"[A-Za-z0-9._-]+(\[[a-z]+\])?==[0-9][^\s;]*", line)] == []
