"""What a command works in: one connection, one instant, the city, and the journal to append to.

Whoever has no Transaction cannot write: the linter knows SQLAlchemy's insert, update and delete in this room alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import ColumnElement, Connection, delete, insert, update
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from dispatch.city.pack import CityPack
from dispatch.places.finder import Places
from dispatch.roles import Actor
from dispatch.storage.journal import JournalHead
from dispatch.storage.journal_kinds import JournalKind, kind_named
from dispatch.storage.tables import Base

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(slots=True)
class Transaction:
    """One command's share of a batch; it is durable only when the writer has answered.

    `now` is read once, so that all a command writes carries the same instant.
    """

    connection: Connection
    now: datetime
    city: CityPack
    places: Places
    head: JournalHead
    epoch: str  #: the database's identity (`dispatch.storage.epochs`)

    def record(
        self,
        kind: JournalKind,
        actor: Actor,
        *,
        ticket_id: int | None = None,
        call_id: int | None = None,
        assignment_id: int | None = None,
        **data: Any,
    ) -> int:
        """Append what happened to the journal and return its number. `data` must hold no personal data.

        Raises ValueError for what is no kind, and for data that its kind does not name.
        """
        unknown = data.keys() - kind_named(kind).shape.keys()
        if unknown:
            raise ValueError(f"{kind} has no {', '.join(sorted(unknown))}")
        return self.head.append(
            kind.value,
            actor,
            self.now,
            ticket_id=ticket_id,
            call_id=call_id,
            assignment_id=assignment_id,
            data=data,
        )

    def insert(self, table: type[Base], /, **values: Any) -> int:
        """Write a row and return its id."""
        key = self.connection.execute(insert(table).values(**values)).inserted_primary_key
        assert key is not None
        return int(key[0])

    def insert_rows(self, table: type[Base], rows: Sequence[Mapping[str, Any]], /) -> None:
        """Write rows, all at once, whose ids nobody asks for or are no numbers; none is fine."""
        if rows:
            self.connection.execute(insert(table), [dict(row) for row in rows])

    def upsert(self, table: type[Base], key: Mapping[str, Any], /, **values: Any) -> None:
        """Write the row with this primary key, or change the one that has it."""
        make_insert = sqlite_insert if self.connection.dialect.name == "sqlite" else postgresql_insert
        row = make_insert(table).values(**key, **values)
        self.connection.execute(row.on_conflict_do_update(index_elements=list(key), set_=values))

    def update(self, table: type[Base], /, *where: ColumnElement[bool], **values: Any) -> int:
        """Change the rows of which all of `where` holds; return how many there were."""
        assert where
        return int(self.connection.execute(update(table).where(*where).values(**values)).rowcount)

    def delete(self, table: type[Base], /, *where: ColumnElement[bool]) -> int:
        """Delete the rows of which all of `where` holds; return how many there were."""
        assert where
        return int(self.connection.execute(delete(table).where(*where)).rowcount)

    @property
    def next_seq(self) -> int:
        """The number that the next entry will carry."""
        return self.head.seq + 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command did. `changed` is False when it had been done before; then nothing was written.

    A command that has more to tell returns a class of its own. Of one that `run_once` may run, the fields are plain
    values, because they are kept as JSON; one that is new has a default, for answers that were kept before.
    """

    changed: bool
    ticket_number: str | None = None
    assignment_ids: tuple[int, ...] = ()
    seq: int | None = None


@dataclass(frozen=True, slots=True)
class TicketOutcome(Outcome):
    """What a command did that is always about one ticket: the exchange takes its number for the proof."""

    ticket_number: str


OutcomeT = TypeVar("OutcomeT", bound=Outcome)

#: What can happen, as a function: `command(tx, **arguments) -> result`. Whoever hands one over hands its arguments over
#: beside it, and is told by mypy where one is missing or misspelt.
Command = Callable[Concatenate[Transaction, P], R]
#: The same for several at once: `many(tx, [arguments]) -> [result]`.
ManyCommand = Callable[[Transaction, Sequence[Mapping[str, Any]]], list[R]]

_MANY: dict[Callable[..., Any], ManyCommand[Any]] = {}


def batched(many: ManyCommand[R]) -> Callable[[Command[P, R]], Command[P, R]]:
    """Let the writer run several of a command that wait together as one: `many(tx, [arguments]) -> [result]`.

    `many` may raise at the first that fails; the writer then runs each by itself.
    """

    def of(command: Command[P, R]) -> Command[P, R]:
        _MANY[command] = many
        return command

    return of


def many_of(command: Command[P, R]) -> ManyCommand[R] | None:
    """Return the function that runs several of this command at once, if it has one."""
    return _MANY.get(command)
