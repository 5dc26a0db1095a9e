"""Reads a pack's files as text and TOML, and collects what is wrong with a pack instead of stopping at the first."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from dispatch.city.ladders import Channel, Confirm, Reach
from dispatch.city.model import Priority
from dispatch.city.policy import ClockKind
from dispatch.city.question_cards import QuestionKind
from dispatch.roles import LadderRole, Role

_NO_MEMBER: Mapping[type[StrEnum], str] = {
    Channel: "is not a channel",
    ClockKind: "is not a kind of clock",
    Confirm: "is no way to confirm",
    LadderRole: "is not a role on a ladder",
    Priority: "is not a priority",
    Reach: "is no level of reach",
    QuestionKind: "is no kind of question",
    Role: "is not a role",
}


class Problems:
    """The list of what is wrong with a pack, each entry as "file:row:field: what is wrong, what to do"."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def add(self, file: str, row: int | str, field: str, words: str) -> None:
        """Note one problem; `row` is the line in the file as an editor counts it (or a table's name in TOML)."""
        self.found.append(f"{file}:{row}:{field}: {words}")


def read_text(path: Path, problems: Problems) -> str | None:
    """The file as UTF-8 (a byte order mark is allowed), or None with the problem noted."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        problems.add(path.name, 0, "file", "is missing; add it to the pack (copy the one of city/serang and edit it)")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        problems.add(path.name, line, "encoding", "is not UTF-8 here; save the file as UTF-8")
    except OSError as error:
        problems.add(path.name, 0, "file", f"cannot be read ({error.strerror}); check the path and its permissions")
    return None


def read_toml(folder: Path, file: str, problems: Problems) -> dict[str, Any] | None:
    """The tables of a TOML file, or None with the problem noted."""
    written = read_text(folder / file, problems)
    if written is None:
        return None
    try:
        return tomllib.loads(written)
    except tomllib.TOMLDecodeError as error:
        problems.add(file, 0, "file", f"is not valid TOML ({error}); correct that place")
        return None


def no_member(kind: type[StrEnum]) -> str:
    """What is wrong with a word that is none of `kind`."""
    return f"{_NO_MEMBER[kind]}; choose one of {', '.join(kind)}"
