"""The journal: append-only, hash-chained, without gaps in the order of commits.

Each entry's hash is SHA-256 over the hash before it and the entry's own canonical JSON, so that a changed, removed or
inserted entry breaks the chain at that place.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, select

from dispatch.roles import Actor
from dispatch.storage.prepared import PreparedInsert, PreparedQuery, carry_out, remembering
from dispatch.storage.tables import JournalEntry, table_of

_ENTRIES = table_of(JournalEntry)
_INSERT_ENTRIES = PreparedInsert(_ENTRIES)
#: The statement that `as_head` takes the rows of; the writer has it carried out together with others.
_HEAD = "SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1"
_AFTER = PreparedQuery(
    select(*_ENTRIES.columns)
    .where(_ENTRIES.c.seq > bindparam("after"))
    .order_by(_ENTRIES.c.seq)
    .limit(bindparam("limit"))
)
#: Made once: json.dumps makes a new encoder for each text that is not written its default way.
_CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True)

GENESIS_HASH = "0" * 64  #: what the first entry carries as the hash before it


class Entry(NamedTuple):
    """One entry as it is stored, its fields in the order of the table's columns."""

    seq: int
    at: datetime
    kind: str
    actor_kind: str
    actor_id: int | None
    ticket_id: int | None
    call_id: int | None
    assignment_id: int | None
    data: dict[str, Any]
    previous_hash: str
    hash: str


@dataclass(slots=True)
class JournalHead:
    """The newest number and hash; entries that are appended wait in `pending` for the batch's one insert."""

    seq: int
    hash: str
    pending: list[Entry] = field(default_factory=list)

    def append(
        self,
        kind: str,
        actor: Actor,
        at: datetime,
        *,
        ticket_id: int | None,
        call_id: int | None,
        assignment_id: int | None,
        data: dict[str, Any],
    ) -> int:
        """Number and chain one entry; return its number."""
        self.seq += 1
        fields = (
            *(self.seq, at, kind, actor.kind.value, actor.journal_id),
            *(ticket_id, call_id, assignment_id, data, self.hash),
        )
        self.hash = entry_hash(fields)
        self.pending.append(Entry(*fields, self.hash))
        return self.seq

    def mark(self) -> tuple[int, str, int]:
        """Remember this place, so that a failed command's entries can be taken back."""
        return self.seq, self.hash, len(self.pending)

    def take_back(self, mark: tuple[int, str, int]) -> None:
        """Forget all entries after `mark`."""
        self.seq, self.hash, length = mark
        del self.pending[length:]

    def flush(self, connection: Connection) -> Sequence[Entry]:
        """Write the waiting entries with one statement, and return them."""
        written, self.pending = self.pending, []
        if written:
            _INSERT_ENTRIES.run(connection, written)
        return written


def entry_hash(entry: Sequence[Any]) -> str:
    """Return the SHA-256 (hex) that binds an entry, or all its fields but the last, to all before it."""
    seq, at, *others = entry[:_HASHED]
    return hashlib.sha256(_CANONICAL.encode([seq, _instant(at), *others]).encode("ascii")).hexdigest()


def to_iso_microseconds(at: datetime) -> str:
    """Write an instant with all its digits, so that a stored entry hashes as it did when it was written."""
    return at.isoformat(timespec="microseconds")


#: All entries of a batch carry the same instant.
_instant = remembering(to_iso_microseconds)
_HASHED = Entry._fields.index("hash")


def read_head(connection: Connection) -> JournalHead:
    """Read the newest number and hash; of an empty journal 0 and GENESIS_HASH."""
    return as_head(carry_out(connection, _HEAD))


def as_head(rows: Sequence[Sequence[Any]]) -> JournalHead:
    """Take the rows of a query for number and hash for what they are."""
    return JournalHead(*rows[0]) if rows else JournalHead(0, GENESIS_HASH)


def read_entries(connection: Connection, after: int, limit: int) -> list[Entry]:
    """Read at most `limit` entries after a number, in order."""
    return as_entries(_AFTER.rows(connection, after=after, limit=limit))


def as_entries(rows: Iterable[Sequence[Any]]) -> list[Entry]:
    """Take rows of all the table's columns for what they are."""
    return [Entry._make(row) for row in rows]


def newest_seq(connection: Connection) -> int:
    """Return the newest journal number, 0 when there is none."""
    return read_head(connection).seq


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first place where the chain does not hold."""

    seq: int
    problem: str  #: missing_entry, wrong_previous_hash or wrong_hash


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk along the whole chain found."""

    entries: int
    newest: int
    head_hash: str  #: keep it elsewhere: a journal cut off at its end still verifies, but not up to this hash
    broken: BrokenLink | None


def verify(connection: Connection, batch: int = 5000) -> Verification:
    """Walk the chain from the first entry and find the first broken link."""
    expected_seq, previous, entries = 1, GENESIS_HASH, 0
    for entry in _all_entries(connection, batch):
        broken = None
        if entry.seq != expected_seq:
            broken = BrokenLink(expected_seq, "missing_entry")
        elif entry.previous_hash != previous:
            broken = BrokenLink(entry.seq, "wrong_previous_hash")
        elif entry_hash(entry) != entry.hash:
            broken = BrokenLink(entry.seq, "wrong_hash")
        if broken:
            return Verification(entries, expected_seq - 1, previous, broken)
        expected_seq, previous, entries = entry.seq + 1, entry.hash, entries + 1
    return Verification(entries, expected_seq - 1, previous, None)


def _all_entries(connection: Connection, batch: int) -> Iterator[Entry]:
    after = -(2**63)  # an entry that somebody numbered 0 or less is in the way too
    while True:
        entries = read_entries(connection, after, batch)
        yield from entries
        if len(entries) < batch:
            return
        after = entries[-1].seq
