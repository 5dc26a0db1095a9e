"""Every figure that a centre may set for itself, and between what bounds; policy.toml holds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Annotated

from dispatch.city.fields import Between, Text
from dispatch.city.model import Priority
from dispatch.roles import Role

DAY_S = 86_400


class ClockKind(StrEnum):
    """What a clock waits for; each kind names the event that stops it."""

    ANSWER = "answer"  #: ringing, until a call taker answers
    CALLBACK = "callback"  #: abandoned by the caller, until somebody calls back
    FIRST_DISPATCH = "first_dispatch"  #: answered, until the first agency is sent
    ACKNOWLEDGE = "acknowledge"  #: sent to an agency, until the agency accepts
    MOVE = "move"  #: accepted, until the team is on its way
    ARRIVE = "arrive"  #: on its way, until the team is on scene
    CLEAR = "clear"  #: on scene, until the agency reports the work done
    VERIFY = "verify"  #: every agency done, until the centre verifies and closes


@dataclass(frozen=True, slots=True)
class CallbackPolicy:
    """How callers who hung up or were cut off are called back; the first attempt is due by the `callback` clock."""

    short_call_s: Annotated[int, Between(0, 60)]  #: an answered call that ended as soon as this was cut off
    retry_after_s: Annotated[int, Between(1, DAY_S)]
    max_attempts: Annotated[int, Between(1, 20)]
    hold_s: Annotated[int, Between(10, 3600)]  #: whoever is about to dial keeps others from dialling the same number


@dataclass(frozen=True, slots=True, kw_only=True)
class CallNews:
    """How news of calls is timed and told apart."""

    late_after_s: Annotated[int, Between(1, 3600)]
    believed_age_s: Annotated[int, Between(3600, 7 * DAY_S)]
    clock_ahead_s: Annotated[int, Between(0, 3600)]
    same_within_s: Annotated[int, Between(10, 3600)]
    repeat_within_s: Annotated[int, Between(300, DAY_S)]
    record_days: Annotated[int, Between(1, 366)]
    gap_shown_s: Annotated[int, Between(60, 7 * DAY_S)]
    stale_talk_s: Annotated[int, Between(600, 7 * DAY_S)]  #: an answered call is hardly up any more after this


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy(CallNews):
    """How news of calls is timed and told apart, and how long a call may ring or be held by hand."""

    pickup_s: int
    doubtful_after_s: int


@dataclass(frozen=True, slots=True)
class PresencePolicy:
    """When a signed-in browser counts as a person at the desk."""

    seen_within_s: Annotated[int, Between(10, DAY_S)]
    note_every_s: Annotated[int, Between(1, 3600)]


@dataclass(frozen=True, slots=True, kw_only=True)
class GatePrompt:
    """What a caller at the gate is told, in the order of the sentences; the English ones may be empty."""

    ask_id: Text
    ask_en: str = ""
    goodbye_id: Text
    goodbye_en: str = ""


@dataclass(frozen=True, slots=True)
class NuisancePolicy:
    """More than `limit` prank calls from a number within `window_days` propose to block it for `block_hours`.

    More than `ministry_limit` propose a total block to the ministry. Only with `enforce` are callers sent to the gate,
    and only with `gate_undecided` those whose proposal nobody has decided yet.
    """

    limit: Annotated[int, Between(1, 1000)]
    window_days: Annotated[int, Between(1, 3660)]
    block_hours: Annotated[int, Between(1, 8760)]
    ministry_limit: Annotated[int, Between(1, 1000)]
    enforce: bool
    gate_undecided: bool
    gate: GatePrompt


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift in the city's own time; one that ends before it starts passes midnight."""

    name_id: Text
    name_en: Text
    starts: time
    ends: time

    def covers(self, local: time) -> bool:
        """Whether `local` falls into the shift (its start included, its end not)."""
        if self.starts < self.ends:
            return self.starts <= local < self.ends
        return local >= self.starts or local < self.ends


@dataclass(frozen=True, slots=True)
class LocationPolicy:
    """How long a location link can be used, how often a telephone may report, and how long positions are kept."""

    open_within_s: Annotated[int, Between(60, DAY_S)]  #: from sending to the caller's consent
    share_s: Annotated[int, Between(60, DAY_S)]  #: from the consent on
    least_gap_s: Annotated[float, Between(0.5, 60)]  #: between two stored positions
    tell_every_s: Annotated[int, Between(1, 600)]  #: a telephone that stands still is told of to the screens this often
    stale_s: Annotated[int, Between(5, 3600)]  #: a position older than this is shown as old
    kept_days: Annotated[int, Between(1, 3660)]  #: after the last report, once the ticket is closed
    mobile_prefixes: tuple[str, ...]  #: how numbers begin that can receive an SMS


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How messages to somebody outside are sent: time limit, lease, retries, and how long a recipient is kept."""

    timeout_s: Annotated[float, Between(0.1, 60)]
    lease_s: Annotated[int, Between(1, 3600)]
    first_retry_s: Annotated[int, Between(1, 3600)]  #: doubles with each further attempt
    longest_retry_s: Annotated[int, Between(1, DAY_S)]
    attempts: Annotated[int, Between(1, 100)]
    recipient_kept_days: Annotated[int, Between(1, 3660)]


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near two reports have to be to be proposed as one event."""

    radius_m: Annotated[int, Between(1, 20000)]
    minutes: Annotated[int, Between(1, 2880)]  #: from the newest caller of the one to the other


@dataclass(frozen=True, slots=True)
class SimilarPolicy:
    """When callers are proposed as callers of one event."""

    default: Nearness
    closed_minutes: int  #: how long after its end a closed ticket is still pointed out
    by_category: Mapping[str, Nearness]  #: a category's own figures

    def nearness(self, category: str | None) -> Nearness:
        """Return the figures for a category of incident types; None: it is not known yet."""
        return self.by_category.get(category or "", self.default)


@dataclass(frozen=True, slots=True)
class NumberingPlan:
    """How telephone numbers are written here; the defaults are Indonesia's."""

    country_code: Text = "62"
    international_prefixes: tuple[str, ...] = ("00",)
    emergency_numbers: tuple[str, ...] = ("110", "112", "113", "115", "117", "118", "119", "129", "911", "999")
    serial_prefixes: tuple[str, ...] = ("911",)  #: before the end of a telephone's serial number, ten digits in all
    stand_ins: tuple[str, ...] = ()  #: further numbers that networks send for telephones without a number
    trunk_prefixes: tuple[str, ...] = ()  #: what the trunk or the exchange puts before a number


@dataclass(frozen=True, slots=True)
class FirstGuessPolicy:
    """What a typed line may choose by itself, and what it adds when a body is hurt."""

    type_lead: Annotated[float, Between(0, 5)]  #: by how much the first type must lead before it is preselected
    harm_agency: Text  #: goes wherever somebody is hurt
    harm_priority: Priority  #: proposed then, whatever the type
    harm_type: Text  #: the type offered besides


@dataclass(frozen=True, slots=True)
class LoadPolicy:
    """How much of a node one person may take up; more is refused, so that nobody else notices."""

    read_wait_s: Annotated[float, Between(0.5, 60)]  #: for a long read (snapshot, replay, list) to get its turn
    reads_waiting_per_user: Annotated[int, Between(1, 1000)]
    requests_at_once: Annotated[int, Between(1, 1000)]  #: of one person, being worked on
    requests_waiting: Annotated[int, Between(1, 1000)]  #: of one person, behind those
    refusals_per_minute: Annotated[int, Between(1, 1000)]  #: of one person, journalled; the rest is counted


@dataclass(frozen=True, slots=True)
class ReadingPolicy:
    """How much reading a typed text may cost, outside of the node's own process."""

    readers: Annotated[int, Between(1, 16)]  #: texts that are read at once; one person's one after the other
    deadline_s: Annotated[float, Between(0.1, 30)]  #: how long one may take; its reader is ended then
    wait_s: Annotated[float, Between(0.1, 30)]  #: how long a text waits for its turn
    waiting_per_user: Annotated[int, Between(1, 100)]


@dataclass(frozen=True, slots=True)
class AgencyPolicy:
    """What an agency's people see."""

    past_days: Annotated[int, Between(1, 36600)]  #: how long an assignment that is over stays theirs to read


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInPolicy:
    """How long, how often, and with what proof. Times in seconds unless the name says otherwise."""

    min_length: Annotated[int, Between(8, 64)]  #: characters of a password
    second_factor: frozenset[Role] = frozenset()  #: needs an authenticator besides the password (never in the demo)
    token_days: Annotated[int, Between(0, 3660)]  #: a program's token, where its maker says nothing; 0: until revoked
    known_browser_days: Annotated[int, Between(1, 3660)]  #: a browser counts as one that a name signed in with
    attempts_kept_hours: Annotated[int, Between(1, 8760)]  #: tries to sign in are erased after this
    longest_wait_s: Annotated[int, Between(15, 3600)]  #: for the same name from the same place, after many wrong tries
    stranger_wait_s: Annotated[int, Between(1, 60)]  #: for anybody else, who may hold the right password
    hashing_wait_s: Annotated[float, Between(0.5, 30)]  #: whoever would wait longer is told to come again
    idle_warn_s: Annotated[int, Between(10, 3600)]  #: how long before the end a page says so
    idle_s: Mapping[Role, Annotated[int, Between(0, 7 * DAY_S)]]  #: ends a session at rest; 0: never


@dataclass(frozen=True, slots=True)
class Policy:
    """Every figure a centre may set for itself; the pack's policy.toml says where each comes from."""

    answer_target_s: int
    answer_goal: float
    dispatch_target_s: int
    ring_near_s: int
    undo_s: int
    border_near_m: int
    clocks: Mapping[tuple[ClockKind, Priority], int]
    nuisance: NuisancePolicy
    shifts: tuple[Shift, ...]
    location: LocationPolicy
    deliveries: DeliveryPolicy
    callback: CallbackPolicy
    similar: SimilarPolicy
    sign_in: SignInPolicy
    first_guess: FirstGuessPolicy
    load: LoadPolicy
    reading: ReadingPolicy
    agency: AgencyPolicy
    numbers: NumberingPlan
    calls: CallPolicy
    presence: PresencePolicy
