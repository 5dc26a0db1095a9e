"""Reads a pack's ladders.toml: its tables as written, the rules between them, and the ladders they make."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

from dispatch.city.checking import Fault, TomlFile, obeys
from dispatch.city.fields import Between, Text
from dispatch.city.files import Problems
from dispatch.city.ladders import (
    INSTRUCTION,
    LONGEST_S,
    URGENT,
    Channel,
    Confirm,
    LadderKey,
    LadderPolicy,
    LeaderPolicy,
    LinkPolicy,
    PauseReason,
    QuietHours,
    Reach,
    ReachPolicy,
    RosterPolicy,
    Rung,
)
from dispatch.city.model import Agency, Priority
from dispatch.city.policy import ClockKind, Policy
from dispatch.roles import LadderRole

#: Of these clocks nobody is above the centre itself; an agency's people have no part in them.
_CENTRES = frozenset({ClockKind.ANSWER, ClockKind.CALLBACK, ClockKind.FIRST_DISPATCH, ClockKind.VERIFY})
_AGENCIES = (LadderRole.DUTY, LadderRole.CHIEF, LadderRole.HEAD)
_CLOCKS = (*ClockKind, INSTRUCTION)


@dataclass(frozen=True, slots=True)
class _Rung:
    roles: tuple[LadderRole, ...]
    after_s: Annotated[int, Between(0, LONGEST_S)] | None = None
    late_s: Annotated[int, Between(0, LONGEST_S)] | None = None
    office: str | None = None
    channels: tuple[Channel, ...] = ()
    confirm: Confirm = Confirm.ANY


def _rung(rung: _Rung) -> Iterator[Fault]:
    if (rung.after_s is None) == (rung.late_s is None):
        yield Fault("after_s", "or late_s is needed, and not both; write when this rung is due")
    if not rung.roles:
        yield Fault("roles", f"is empty; write who is told: {', '.join(LadderRole)}")
    if rung.office is not None and LadderRole.LEADER not in rung.roles:
        yield Fault("office", 'is of use only beside roles = ["leader"]; leave it out')


@dataclass(frozen=True, slots=True)
class _Ladder:
    clock: Text
    priorities: tuple[Priority, ...]
    rungs: tuple[Annotated[_Rung, obeys(_rung)], ...]
    kinds: tuple[str, ...] = ()


def _ladder(ladder: _Ladder) -> Iterator[Fault]:
    if ladder.clock not in _CLOCKS:
        yield Fault("clock", f"'{ladder.clock}' is not a kind of clock; choose one of {', '.join(_CLOCKS)}")
    if not ladder.priorities:
        yield Fault("priorities", "is empty; write for which priorities this ladder is")
    if not ladder.rungs:
        yield Fault("rungs", "is empty; write at least one: somebody must be told")
    for number, rung in enumerate(ladder.rungs, 1):
        if LadderRole.LEADER in rung.roles and rung.office is None and ladder.clock != INSTRUCTION:
            yield Fault("office", "is missing; write which leader, by a code of agencies.csv", f"rungs {number}")
        if ladder.clock in _CENTRES and (wrong := [role for role in rung.roles if role in _AGENCIES]):
            words = f"{', '.join(wrong)} cannot be told of this clock: no agency has the ticket; write supervisor"
            yield Fault("roles", words, f"rungs {number}")


@dataclass(frozen=True, slots=True)
class _Quiet:
    role: LadderRole
    starts: time
    ends: time


@dataclass(frozen=True, slots=True)
class _Reach:
    channel: Channel
    needs: Reach
    within_s: Annotated[int, Between(1, 86_400)]


@dataclass(frozen=True, slots=True)
class _LadderFile:
    audit_near_s: Annotated[int, Between(10, 86_400)]
    audit_late_s: Annotated[int, Between(10, 86_400)]
    late_after_s: Annotated[int, Between(1, 86_400)]
    centre: Text
    shift_before_h: Annotated[int, Between(0, 72)]
    pause_reasons: tuple[PauseReason, ...]
    quiet_hours: tuple[_Quiet, ...]
    reach: tuple[_Reach, ...]
    roster: RosterPolicy
    links: LinkPolicy
    leader: LeaderPolicy
    ladders: tuple[Annotated[_Ladder, obeys(_ladder)], ...]


_FILE = TomlFile("ladders.toml", _LadderFile)


def read_ladders(
    folder: Path, policy: Policy | None, agencies: Mapping[str, Agency], problems: Problems
) -> LadderPolicy | None:
    """ladders.toml: who is told when a clock is not stopped; None where it cannot be used."""
    file = _FILE.read(folder, problems)
    if file is None or policy is None:
        return None
    ladders = _ladders(file, policy, agencies, problems)
    _check_reach(file, problems)
    if agencies and file.centre not in agencies:
        problems.add(_FILE.name, "top", "centre", f"'{file.centre}' is not in agencies.csv; write a code from there")
    for code in [code for code in file.roster.areas if agencies and code not in agencies]:
        problems.add(_FILE.name, "roster", "areas", f"'{code}' is not in agencies.csv; write a code from there")
    return LadderPolicy(
        audit_near_s=file.audit_near_s,
        audit_late_s=file.audit_late_s,
        late_after_s=file.late_after_s,
        centre=file.centre,
        shift_before_h=file.shift_before_h,
        roster=file.roster,
        links=file.links,
        leader=file.leader,
        pause_reasons=MappingProxyType({reason.code: reason for reason in file.pause_reasons}),
        quiet_hours=MappingProxyType({quiet.role: QuietHours(quiet.starts, quiet.ends) for quiet in file.quiet_hours}),
        reach=MappingProxyType({one.channel: ReachPolicy(one.needs, one.within_s) for one in file.reach}),
        ladders=MappingProxyType(ladders),
    )


def _check_reach(file: _LadderFile, problems: Problems) -> None:
    for channel in Channel:
        found = sum(one.channel is channel for one in file.reach)
        if found != 1:
            words = f"{found} tables are about {channel}; write one [[reach]] for each channel"
            problems.add(_FILE.name, "reach", "channel", words)
    for name, codes in (
        ("pause_reasons", [reason.code for reason in file.pause_reasons]),
        ("quiet_hours", [str(quiet.role) for quiet in file.quiet_hours]),
    ):
        for code in sorted({code for code in codes if codes.count(code) > 1}):
            problems.add(_FILE.name, name, "code", f"'{code}' stands there twice; keep one")


def _ladders(
    file: _LadderFile, policy: Policy, agencies: Mapping[str, Agency], problems: Problems
) -> dict[LadderKey, tuple[Rung, ...]]:
    """The rungs of each clock, priority and kind of agency; each clock and priority needs some for all other kinds."""
    kinds = {agency.kind for agency in agencies.values()}
    quiet = {hours.role for hours in file.quiet_hours}
    found: dict[LadderKey, tuple[Rung, ...]] = {}
    for number, ladder in enumerate(file.ladders, 1):
        where = f"ladders {number}"
        for kind in [kind for kind in ladder.kinds if kinds and kind not in kinds]:
            words = f"'{kind}' is no kind of agencies.csv; choose from {', '.join(sorted(kinds))}"
            problems.add(_FILE.name, where, "kinds", words)
        for priority in ladder.priorities:
            rungs = _rungs(ladder, policy, priority)
            _check_rungs(where, ladder, rungs, agencies, problems)
            if priority not in URGENT and quiet.issuperset(rungs[0].roles):
                words = (
                    f"{rungs[0].who} are not woken at night ([[quiet_hours]]); name somebody first who always is told"
                )
                problems.add(_FILE.name, where, "rungs 1", words)
            for kind in ladder.kinds or ("",):
                key = (ladder.clock, priority, kind)
                if key in found:
                    words = f"{ladder.clock} {priority}{f' of {kind}' if kind else ''} has a ladder already; keep one"
                    problems.add(_FILE.name, where, "priorities", words)
                found[key] = rungs
    for clock in _CLOCKS:
        missing = [priority for priority in Priority if (clock, priority, "") not in found]
        if missing:
            words = f"no ladder for {clock} {', '.join(missing)}: nobody would ever be told; write one without kinds"
            problems.add(_FILE.name, "ladders", "clock", words)
    return found


def _rungs(ladder: _Ladder, policy: Policy, priority: Priority) -> tuple[Rung, ...]:
    """The rungs with the times that they are due from the start of the clock."""
    # An instruction's time is the leader's own; what is late is counted from there when its clock starts.
    over_s = policy.clocks[ClockKind(ladder.clock), priority] if ladder.clock in list(ClockKind) else 0
    return tuple(
        Rung(
            after_s=rung.after_s if rung.after_s is not None else over_s + (rung.late_s or 0),
            roles=rung.roles,
            office=rung.office,
            channels=rung.channels,
            confirm=rung.confirm,
            after_due=rung.late_s is not None,
        )
        for rung in ladder.rungs
    )


def _check_rungs(
    where: str, ladder: _Ladder, rungs: tuple[Rung, ...], agencies: Mapping[str, Agency], problems: Problems
) -> None:
    for number, (before, rung) in enumerate(pairwise(rungs), 2):
        if rung.after_s < before.after_s or (before.after_due and not rung.after_due):
            words = f"is due before rung {number - 1} ({rung.after_s} s, {before.after_s} s); put them in order"
            problems.add(_FILE.name, where, f"rungs {number}", words)
    for number, rung in enumerate(rungs, 1):
        if rung.office is not None and agencies and rung.office not in agencies:
            words = f"'{rung.office}' is not in agencies.csv; write a code from there, such as SETDA"
            problems.add(_FILE.name, where, f"rungs {number}.office", words)
