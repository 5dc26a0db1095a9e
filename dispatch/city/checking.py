"""Checks a pack's TOML files against the types of the model, by pydantic, and says in words what is wrong.

What pydantic finds is told by where it stands in the file and by what would be right there, which the type says. This
module and those that use it are imported only where a pack is read: pydantic takes longer to load than the pack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Generic, NamedTuple, TypeVar, get_args, get_origin, get_type_hints

from pydantic import AfterValidator, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from dispatch.city.fields import Between
from dispatch.city.files import Problems, no_member, read_toml

T = TypeVar("T")
#: What is to be written where a field has this type; numbers say their bounds besides.
_WHAT: Mapping[Any, str] = {
    str: "a text in quotes",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    time: "a time of day without quotes, such as 07:00:00",
    tuple: 'a list of texts, such as ["Serang", "Banten"]',
    frozenset: 'a list of texts, such as ["Serang", "Banten"]',
}
_BOTH_LANGUAGES = 'needs both languages; write { id = "...", en = "..." }'
_EMPTY_KEY = '""'
_RULE = "rule"  #: the type of the errors that `obeys` raises


class Fault(NamedTuple):
    """What is wrong with a field of the value that a rule looks at (empty: with that value), or of a table in it."""

    field: str
    words: str
    table: str = ""


def obeys(rule: Callable[[T], Iterable[Fault]]) -> AfterValidator:
    """A rule between the fields of a table, looked at once each field by itself is right; all its faults are told."""

    def check(value: T) -> T:
        if faults := list(rule(value)):
            raise PydanticCustomError(_RULE, "a rule is broken", {"faults": faults})
        return value

    return AfterValidator(check)


class TomlFile(Generic[T]):
    """A TOML file of a pack, and the shape of what it must hold."""

    def __init__(self, name: str, shape: type[T]) -> None:
        self.name, self._shape, self._adapter = name, shape, TypeAdapter(shape)

    def read(self, folder: Path, problems: Problems) -> T | None:
        """What the file in this pack holds, or None with all that is wrong with it noted."""
        written = read_toml(folder, self.name, problems)
        if written is None:
            return None
        # Strict as with JSON: "5" is no number and 1 is not true, while a list may become a tuple.
        content = json.dumps(written, default=str)
        faults: list[tuple[str, str, str]] = []
        value: T | None = None
        try:
            value = self._adapter.validate_json(content, strict=True, extra="forbid")
        except ValidationError as error:
            for details in error.errors(include_url=False):
                faults += _faults(self._shape, details)
        faults += _quoted_wrongly(self._shape, written)
        for table, field, words in dict.fromkeys(faults):
            problems.add(self.name, table or "top", field or _EMPTY_KEY, words)
        return None if faults else value


def _faults(shape: Any, error: ErrorDetails) -> Iterator[tuple[str, str, str]]:
    """The table, the field, and what is wrong with it: `shifts 2`, `ends`, `is missing; write ...`."""
    *above, last = error["loc"]
    if error["type"] == _RULE:
        table = _name(error["loc"])
        for fault in error["ctx"]["faults"]:
            yield *_split(".".join(filter(None, (table, fault.table))), fault.field), fault.words
    elif error["type"] == "unexpected_keyword_argument":
        known = ", ".join(field.name for field in fields(_bare(_inner(shape, above))))
        yield _name(above), str(last), f"is not used here; choose from {known}"
    elif last == "[key]" and error["type"] == "enum":
        yield *_split(_name(above)), no_member(get_args(_bare(_inner(shape, above[:-1])))[0])
    elif _is_bilingual(_bare(_inner(shape, above))) and last in ("id", "en"):
        yield *_split(_name(above)), _BOTH_LANGUAGES
    else:
        yield _misfit(_name(error["loc"]), _inner(shape, error["loc"]), error["type"] == "missing", error["input"])


def _misfit(name: str, shape: Any, missing: bool, value: object) -> tuple[str, str, str]:
    """What is not there, or not what its type says."""
    bare = _bare(shape)
    kind, header = get_origin(bare) or bare, re.sub(r" \d+", "", name)
    if _is_bilingual(bare):
        return *_split(name), _BOTH_LANGUAGES
    if is_dataclass(bare) or kind is Mapping:
        return name, "table", f"{'is missing' if missing else 'is no table'}; write [{header}]"
    if kind is tuple and is_dataclass(_bare(get_args(bare)[0])):
        words = f"{'is missing' if missing else 'is no list of tables'}; write one [[{header}]] table for each"
    elif issubclass(kind, StrEnum):
        words = f"is missing; choose one of {', '.join(kind)}" if missing else f"{value!r} {no_member(kind)}"
    elif missing:
        words = f"is missing; write {_what(kind, shape)}"
    elif kind in (int, float):
        words = f"{value!r} is not {_what(kind, shape)}; write {_what(kind, shape)}"
    else:
        words = f"must be {_what(kind, shape)}; write it so"
    return *_split(name), words


def _quoted_wrongly(shape: Any, written: object, loc: tuple[str | int, ...] = ()) -> Iterator[tuple[str, str, str]]:
    """Times of day in quotes, and texts that lack them and are a time or a day: as JSON they look alike."""
    bare = _bare(shape)
    kind = get_origin(bare) or bare
    if isinstance(written, dict):
        known = get_type_hints(bare, include_extras=True) if is_dataclass(bare) else {}
        of_all = get_args(bare)[1] if kind is Mapping else None
        for key, value in written.items():
            if (inner := known.get(key, of_all)) is not None:
                yield from _quoted_wrongly(inner, value, (*loc, key))
    elif isinstance(written, list) and kind in (tuple, frozenset):
        for number, value in enumerate(written):
            yield from _quoted_wrongly(get_args(bare)[0], value, (*loc, number))
    elif kind in (str, time) and isinstance(written, (str, date, time)) and not isinstance(written, kind):
        yield _misfit(_name(loc), shape, False, written)


def _is_bilingual(shape: Any) -> bool:
    return is_dataclass(shape) and {"id", "en"} <= {field.name for field in fields(shape)}


def _what(kind: type, shape: Any) -> str:
    """What is to be written; a number with its bounds."""
    bounds = (note for note in get_args(shape) if isinstance(note, Between))
    return " ".join([_WHAT[kind], *(f"from {one.low:.12g} to {one.high:.12g}" for one in bounds)])


def _name(loc: Iterable[str | int]) -> str:
    """A place in the file: `cards 6.questions 1.kind`."""
    return "".join(f" {part + 1}" if isinstance(part, int) else f".{part}" for part in loc).removeprefix(".")


def _split(name: str, field: str = "") -> tuple[str, str]:
    """The table and the field that is called so, or the given field of that table."""
    table, _, last = name.rpartition(".")
    return (name, field) if field else (table, last)


def _inner(shape: Any, loc: Iterable[str | int]) -> Any:
    """The type of what stands at `loc` of a value of `shape`, with what is noted beside it."""
    for part in loc:
        bare = _bare(shape)
        if is_dataclass(bare):
            shape = get_type_hints(bare, include_extras=True)[str(part)]
        else:
            shape = get_args(bare)[1 if get_origin(bare) is Mapping else 0]
    return shape


def _bare(shape: Any) -> Any:
    """The type without what is noted beside it, and without None."""
    if get_origin(shape) is Annotated:
        return _bare(get_args(shape)[0])
    options = [option for option in get_args(shape) if option is not type(None)]
    return _bare(options[0]) if type(None) in get_args(shape) else shape
