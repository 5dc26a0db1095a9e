"""The ladders of a city: for each clock, priority and kind of agency who is told, when, and what counts as told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Annotated

from dispatch.city.fields import Between, Text
from dispatch.city.model import Priority
from dispatch.roles import LadderRole, Role

LONGEST_S = 62 * 86_400
#: The clock of a leader's instruction; all others are `policy.ClockKind`.
INSTRUCTION = "instruction"
#: For these nobody's quiet hours count.
URGENT = frozenset({Priority.P1, Priority.P2})


class Channel(StrEnum):
    """A way to reach a person outside the centre's screens."""

    WHATSAPP = "whatsapp"
    TELEGRAM = "telegram"
    PUSH = "push"
    SMS = "sms"
    EMAIL = "email"
    APPRISE = "apprise"  #: any further service, by the address that Apprise gives it


class Reach(StrEnum):
    """How far a notice has come to its person; the level only rises."""

    QUEUED = "queued"  #: not handed to anybody yet
    ACCEPTED = "accepted"  #: the carrier has it
    DELIVERED = "delivered"  #: on the person's telephone
    READ = "read"
    OPENED = "opened"  #: the task itself was looked at
    ANSWERED = "answered"  #: the person has answered


class Confirm(StrEnum):
    """Whose answer a rung waits for."""

    ANY = "any"  #: one is enough; the others' messages are withdrawn
    EACH = "each"  #: all are told to the end, whoever answers first


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """One step of a ladder, `after_s` from the start of its clock."""

    after_s: int
    roles: tuple[LadderRole, ...]
    office: str | None = None  #: of `leader`: which
    channels: tuple[Channel, ...] = ()  #: in this order; none: each person's own
    confirm: Confirm = Confirm.ANY
    after_due: bool = False  #: `after_s` was counted from the end of the clock

    @property
    def who(self) -> str:
        """Whom it tells, for programs: `duty`, `duty+chief`, `leader:SETDA`."""
        names = [f"{role}:{self.office}" if role is LadderRole.LEADER and self.office else role for role in self.roles]
        return "+".join(names)


@dataclass(frozen=True, slots=True)
class PauseReason:
    """Why a clock may stand still, who may say so, and for how long at most."""

    code: Text
    name_id: Text
    name_en: Text
    roles: tuple[Role, ...]
    longest_s: Annotated[int, Between(60, LONGEST_S)]


@dataclass(frozen=True, slots=True)
class QuietHours:
    """When people of a role are not woken for what is less urgent than P2, in the city's own time."""

    start: time
    end: time

    def cover(self, local: time) -> bool:
        """Whether `local` lies in them (the start included, the end not)."""
        if self.start < self.end:
            return self.start <= local < self.end
        return local >= self.start or local < self.end


@dataclass(frozen=True, slots=True)
class ReachPolicy:
    """What a channel has to tell within what time, or the next one is used."""

    needs: Reach
    within_s: int


@dataclass(frozen=True, slots=True)
class LeaderPolicy:
    """What leaders may do, and which due times they are offered, in the city's own time."""

    longest_delay_s: Annotated[int, Between(0, LONGEST_S)]  #: by which an instruction delays the next rung at most
    soon_s: Annotated[int, Between(300, 86_400)]
    today_at: time
    tomorrow_at: time
    friday_at: time


class LinkShows(StrEnum):
    """What a signed link may show of a task before it is accepted; nothing of the caller is among it."""

    TYPE = "type"
    PRIORITY = "priority"
    KELURAHAN = "kelurahan"
    PLACE = "place"  #: as the operator wrote it, which may be somebody's home


@dataclass(frozen=True, slots=True)
class LinkPolicy:
    """Signed links to tasks: for how long they show anything, and what before the task is accepted."""

    valid_h: Annotated[int, Between(1, 31 * 24)]
    before_accept: tuple[LinkShows, ...]
    most_again: Annotated[int, Between(0, 20)]  #: new links that may be asked for by an old one, for one task
    again_after_s: Annotated[int, Between(0, 86_400)]  #: between two of them


@dataclass(frozen=True, slots=True)
class RosterPolicy:
    """How shifts begin, and how holes in them are found and told."""

    areas: tuple[str, ...]  #: agencies of which there are many offices, each with an area
    ask_before_s: Annotated[int, Between(0, 86_400)]  #: before a shift its person is asked to say SIAP
    ready_early_s: Annotated[int, Between(0, 86_400)]  #: before a shift SIAP counts already
    holes_at: time  #: when holes are told every day, in the city's own time
    holes_days: Annotated[int, Between(1, 62)]  #: how far ahead they are looked for
    test_good_days: Annotated[int, Between(1, 3660)]  #: for how long an answered test proves a channel


LadderKey = tuple[str, Priority, str]  #: clock, priority, kind of agency ("" where no ladder names the kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class LadderPolicy:
    """All ladders of a city."""

    audit_near_s: int  #: so long ago deadlines were last checked, and boards say it in amber
    audit_late_s: int  #: and in red
    late_after_s: int
    centre: str  #: the agency whose supervisors and desk are meant
    shift_before_h: int
    roster: RosterPolicy
    links: LinkPolicy
    leader: LeaderPolicy
    pause_reasons: Mapping[str, PauseReason]
    quiet_hours: Mapping[LadderRole, QuietHours]
    reach: Mapping[Channel, ReachPolicy]
    ladders: Mapping[LadderKey, tuple[Rung, ...]]

    def rungs(self, clock: str, priority: Priority, agency_kind: str | None) -> tuple[Rung, ...]:
        """The rungs of a clock that starts now; of an agency's kind, or of all kinds that no ladder names."""
        own = self.ladders.get((clock, priority, agency_kind or ""))
        return own if own is not None else self.ladders[clock, priority, ""]
