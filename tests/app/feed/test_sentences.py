"""What the centre's pages say of a journal entry: each kind that operators receive, unless it is silent on purpose."""

from __future__ import annotations

import re
from pathlib import Path

import app
from dispatch.storage.journal_kinds import OF_THE_WORK, JournalKind

SCRIPTS = sorted(
    path for path in (Path(app.__file__).parent / "static/js").rglob("*.js") if path.suffixes != [".min", ".js"]
)
#: Kinds that no page says in words: the lists and the ticket's own state show them.
SILENT = {
    "call.announced",
    "landmark.added",
    "landmark.retired",
    "places.cleared",
    "places.imported",
    "ticket.callback_released",
    "ticket.state_changed",
}
_ROOMS = "|".join(sorted({kind.split(".")[0] for kind in JournalKind}))
_NAMED = re.compile(rf"""["'`]((?:{_ROOMS})\.[a-z_]+)["'`]""")


def said() -> set[str]:
    """The kinds that the table of sentences has."""
    (table,) = [
        found
        for path in SCRIPTS
        if (found := re.search(r"const SENTENCES = \{\n(.*?)\n\};", path.read_text("utf-8"), re.S))
    ]
    return set(re.findall(r'^ +"([a-z_.]+)": ', table[1], re.M))


def test_every_kind_that_the_centre_receives_has_a_sentence_or_is_silent_on_purpose() -> None:
    assert set(OF_THE_WORK) - said() == SILENT


def test_the_scripts_name_no_kind_that_is_never_journalled() -> None:
    named = {(path.name, kind) for path in SCRIPTS for kind in _NAMED.findall(path.read_text("utf-8"))}
    assert {kind for _, kind in named} >= {"call.registered", "ticket.dispatched"}
    known_kinds = tuple(kind.value for kind in JournalKind)
    unknown = {
        (script, kind)
        for script, kind in named
        if kind not in known_kinds and not (kind.endswith("_") and any(one.startswith(kind) for one in known_kinds))
    }
    assert unknown == set()
