"""Why a command was not carried out. Each error has a stable code; the words are chosen where a person reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping


class CommandRefused(Exception):
    """A command that was refused and changed nothing.

    `code` is stable and fit for programs, `details` are plain values without personal data other than the names of
    colleagues, `allowed` names the commands that the same actor could give now.
    """

    def __init__(self, code: str, /, allowed: Iterable[str] = (), **details: object) -> None:
        self.code = code
        self.allowed = tuple(allowed)
        self.details = details
        super().__init__(f"{code}: {details}" if details else code)


class ScopeRefused(CommandRefused):
    """The token is for something else."""

    def __init__(self, scope: str) -> None:
        super().__init__("scope_refused", scope=str(scope))


class TransitionRefused(CommandRefused):
    """The thing is in a state from which this command does not lead anywhere."""

    def __init__(self, entity: str, state: str, command: str, allowed: Iterable[str]) -> None:
        super().__init__("transition_refused", allowed, entity=entity, state=state, command=command)


class OfAnotherPast(CommandRefused):
    """It was meant for something that went with a restore; what has its number now is something else."""

    def __init__(self) -> None:
        super().__init__("restored")


class ClaimedByOther(CommandRefused):
    """Somebody else owns the ticket; `owner_name` says who."""

    def __init__(self, owner_name: str, allowed: Iterable[str] = ()) -> None:
        super().__init__("claimed_by_other", allowed, owner_name=owner_name)


class NotOwner(CommandRefused):
    """The ticket has to be claimed before this command may be given."""

    def __init__(self, command: str, allowed: Iterable[str] = ()) -> None:
        super().__init__("not_owner", allowed, command=command)


class NotPermitted(CommandRefused):
    """The actor's role, or agency, may not give this command."""

    def __init__(self, command: str, role: str | None) -> None:
        super().__init__("not_permitted", command=command, role=role)


class NotFound(CommandRefused):
    """There is no such thing, or the actor may not know that there is."""

    def __init__(self, entity: str, key: object) -> None:
        super().__init__("not_found", entity=entity, key=str(key))


class RequirementMissing(CommandRefused):
    """Something has to be known first, for instance the incident type and the kelurahan before a dispatch."""

    def __init__(self, *missing: str, allowed: Iterable[str] = ()) -> None:
        super().__init__("requirement_missing", allowed, missing=list(missing))


class AgenciesOnIt(CommandRefused):
    """The ticket was sent to agencies; attaching it to another one would leave them with two tickets of one event."""

    def __init__(self, short: str, allowed: Iterable[str] = ()) -> None:
        super().__init__("agencies_on_it", allowed, short=short)


class IncidentClosed(CommandRefused):
    """The event's ticket is closed: whoever calls now would be told of help that is not coming."""

    def __init__(self, short: str, allowed: Iterable[str] = ()) -> None:
        super().__init__("incident_closed", allowed, short=short)


class InvalidValue(CommandRefused):
    """A value that cannot be used; `problem` is a stable code: `unknown`, `empty`, `too_long`, `outside_city`, ..."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__("invalid_value", field=field, problem=problem)


class CallbackOver(CommandRefused):
    """The callback has ended meanwhile; `ticket` is where the caller got through or was reached, if so."""

    def __init__(self, ending: str | None, ticket: str | None) -> None:
        super().__init__("callback_over", ending=ending, ticket=ticket)


class RosterChanged(CommandRefused):
    """Somebody else changed this roster first; `by_name` says who, and that change stays."""

    def __init__(self, by_name: str) -> None:
        super().__init__("roster_changed", by_name=by_name)


class RosterFileWrong(CommandRefused):
    """A file of shifts cannot be taken, and nothing of it was: each problem has its `row`, `field` and `problem`."""

    def __init__(self, problems: Iterable[Mapping[str, object]]) -> None:
        found = [dict(problem) for problem in problems]
        super().__init__("roster_file", count=len(found), problems=found)


class StorageUnavailable(Exception):
    """The database could not make the command durable (locked, full, gone); nothing was written."""
