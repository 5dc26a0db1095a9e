"""What a city pack holds, as plain frozen values; `citypack` loads them from the pack's files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from zoneinfo import ZoneInfo

from dispatch.citypack_sign_in import SignInPolicy
from dispatch.question_cards import QuestionCard


class Priority(StrEnum):
    """How soon somebody must act; the order of the members is the order of urgency."""

    P1 = "P1"  #: kritis: a life is in danger now
    P2 = "P2"  #: tinggi: danger is likely to grow
    P3 = "P3"  #: sedang: help is needed today
    P4 = "P4"  #: rendah: a complaint or a service


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
class Agency:
    """Somebody the centre can send to, or (not `dispatchable`) report upward to."""

    code: str
    name: str
    short_name: str
    kind: str
    duties: str
    phone: str | None
    dispatchable: bool


@dataclass(frozen=True, slots=True)
class IncidentType:
    """One row of the routing matrix: what happened, who goes, how urgent, and the words callers use for it.

    A keyword is enough to guess the type; a hint only speaks for it beside other words.
    """

    code: str
    category: str
    name_id: str
    name_en: str
    priority: Priority
    icon: str
    keywords: tuple[str, ...]
    hints: tuple[str, ...]
    primary: str
    supporting: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class AgencySupport:
    """What an agency does beside the primary one in a category of incidents (None: in any category).

    It is ticked beforehand for types at least as urgent as `preselect_from` (None: for none), and for every type
    whose caller said one of `words`, whether the routing matrix names it or not.
    """

    agency: str
    category: str | None
    preselect_from: Priority | None
    reason_id: str
    reason_en: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HarmWords:
    """Words that say a body is hurt (`harm`), and words that only sound like it (`calm`: "donor darah")."""

    harm: tuple[str, ...]
    calm: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kelurahan:
    """A city ward, keyed on its Kemendagri code because names repeat; the point lies inside it."""

    code: str
    name: str
    kecamatan: str
    kecamatan_code: str
    aliases: tuple[str, ...]
    lat: float
    lon: float
    area_km2: float


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place callers name; without coordinates (address only) `lat`, `lon` and `accuracy_m` are None."""

    key: str
    name: str
    kind: str
    aliases: tuple[str, ...]
    address: str
    phone: str | None
    kelurahan_code: str | None
    lat: float | None
    lon: float | None
    accuracy_m: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class Street:
    """A street or a junction callers name; `kelurahan_code` only where it lies in one kelurahan alone."""

    key: str
    name: str
    kind: str  # "street" | "junction"
    aliases: tuple[str, ...]
    note: str
    kelurahan_code: str | None


@dataclass(frozen=True, slots=True)
class ExampleSentence:
    """What a caller says, and the type that is meant; empty for small talk."""

    words: str
    type_code: str


@dataclass(frozen=True, slots=True)
class KmPost:
    """A post of a road that is known to stand at a point, within `accuracy_m`; it may stand outside the city."""

    km: float
    lat: float
    lon: float
    accuracy_m: int


@dataclass(frozen=True, slots=True)
class PostedRoad:
    """A road on which callers say where they are by its km posts; `words` are what they call it."""

    key: str
    name: str
    words: tuple[str, ...]
    posts: tuple[KmPost, ...]  # ascending, two at least


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A place outside the city that callers name; the point is its middle, roughly."""

    key: str
    name: str
    aliases: tuple[str, ...]
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class PhonePrefixes:
    """Mobile operators by the first four digits of the number as dialled in the country (0812)."""

    by_prefix: Mapping[str, str]

    def carrier(self, number: str | None) -> str | None:
        """The operator that issued `number` (08.., 628.., +628..), or None for landlines, unknown and empty numbers."""
        digits = "".join(character for character in number or "" if character.isascii() and character.isdigit())
        if digits.startswith("620"):  # "+62 (0)812": the trunk zero left in
            digits = digits[2:]
        elif digits.startswith("62"):
            digits = "0" + digits[2:]
        if not 10 <= len(digits) <= 14:
            return None
        return self.by_prefix.get(digits[:4])


@dataclass(frozen=True, slots=True)
class Seat:
    """A desk in the centre; `extension` is the queue member that rings there (PJSIP/op2)."""

    code: str
    name_id: str
    name_en: str
    extension: str

    def name(self, language: str) -> str:
        """What it is called in `id` or `en`."""
        return self.name_en if language == "en" else self.name_id


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A sign-in that exists in the demo only; its password is not in the pack."""

    username: str
    display_name: str
    role: str
    agency_code: str | None


@dataclass(frozen=True, slots=True)
class DeclineReason:
    """One of the big choices an agency has when it declines."""

    code: str
    name_id: str
    name_en: str


@dataclass(frozen=True, slots=True)
class CallbackPolicy:
    """How callers who hung up or were cut off are called back; the first attempt is due by the `callback` clock."""

    short_call_s: int  #: an answered call that ended as soon as this was cut off
    retry_after_s: int
    max_attempts: int
    hold_s: int  #: how long whoever is about to dial keeps colleagues from dialling the same number


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """How news of calls is timed and told apart, and how long a call may ring or be held by hand."""

    pickup_s: int
    doubtful_after_s: int
    late_after_s: int
    believed_age_s: int
    clock_ahead_s: int
    same_within_s: int
    repeat_within_s: int
    record_days: int
    gap_shown_s: int
    stale_talk_s: int  #: a call that counts as answered for so long is hardly up any more


@dataclass(frozen=True, slots=True)
class PresencePolicy:
    """When a signed-in browser counts as a person at the desk."""

    seen_within_s: int
    note_every_s: int


@dataclass(frozen=True, slots=True)
class GatePrompt:
    """What a caller at the gate is told, in the order of the sentences; the English ones may be empty."""

    ask_id: str
    ask_en: str
    goodbye_id: str
    goodbye_en: str


@dataclass(frozen=True, slots=True)
class NuisancePolicy:
    """More than `limit` prank calls from a number within `window_days` propose to block it for `block_hours`.

    More than `ministry_limit` propose a total block to the ministry. Only with `enforce` are callers sent to the gate,
    and only with `gate_undecided` those whose proposal nobody has decided yet.
    """

    limit: int
    window_days: int
    block_hours: int
    ministry_limit: int
    enforce: bool
    gate_undecided: bool
    gate: GatePrompt


@dataclass(frozen=True, slots=True)
class Shift:
    """A shift in the city's own time; one that ends before it starts passes midnight."""

    name_id: str
    name_en: str
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

    open_within_s: int  #: from sending to the caller's consent
    share_s: int  #: from the consent on
    least_gap_s: float  #: between two stored positions
    tell_every_s: int  #: a telephone that stands still is told of to the screens this often
    stale_s: int  #: a position older than this is shown as old
    kept_days: int  #: after the last report, once the ticket is closed
    mobile_prefixes: tuple[str, ...]  #: how numbers begin that can receive an SMS


@dataclass(frozen=True, slots=True)
class DeliveryPolicy:
    """How messages to somebody outside are sent: time limit, lease, retries, and how long a recipient is kept."""

    timeout_s: float
    lease_s: int
    first_retry_s: int  #: doubles with each further attempt
    longest_retry_s: int
    attempts: int
    recipient_kept_days: int


@dataclass(frozen=True, slots=True)
class Nearness:
    """How near two reports have to be to be proposed as one event."""

    radius_m: int
    minutes: int  #: from the newest caller of the one to the other


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

    country_code: str = "62"
    international_prefixes: tuple[str, ...] = ("00",)
    emergency_numbers: tuple[str, ...] = ("110", "112", "113", "115", "117", "118", "119", "129", "911", "999")
    serial_prefixes: tuple[str, ...] = ("911",)  #: before the end of a telephone's serial number, ten digits in all
    stand_ins: tuple[str, ...] = ()  #: further numbers that networks send for telephones without a number
    trunk_prefixes: tuple[str, ...] = ()  #: what the trunk or the exchange puts before a number


@dataclass(frozen=True, slots=True)
class FirstGuessPolicy:
    """What a typed line may choose by itself, and what it adds when a body is hurt."""

    type_lead: float  #: by how much the first type must lead before it is preselected
    harm_agency: str  #: goes wherever somebody is hurt
    harm_priority: Priority  #: proposed then, whatever the type
    harm_type: str  #: the type offered besides


@dataclass(frozen=True, slots=True)
class LoadPolicy:
    """How much of a node one person may take up; more is refused, so that nobody else notices."""

    read_wait_s: float  #: how long a long read (snapshot, replay, list) may wait for its turn
    reads_waiting_per_user: int
    requests_at_once: int  #: of one person, being worked on
    requests_waiting: int  #: of one person, behind those
    refusals_per_minute: int  #: journal entries of one person's refused requests; the rest is counted


@dataclass(frozen=True, slots=True)
class ReadingPolicy:
    """How much reading a typed text may cost, outside of the node's own process."""

    readers: int  #: texts that are read at once; one person's one after the other
    deadline_s: float  #: how long one may take; its reader is ended then
    wait_s: float  #: how long a text waits for its turn
    waiting_per_user: int


@dataclass(frozen=True, slots=True)
class AgencyPolicy:
    """What an agency's people see."""

    past_days: int  #: how long an assignment that is over stays theirs to read


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


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """The rectangle every point of the pack must lie in, in degrees."""

    south: float
    west: float
    north: float
    east: float

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the point lies in the rectangle."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CityPack:
    """A city as data: everything about a place that the product must not know by itself; equal only to itself."""

    code: str
    name: str
    timezone: ZoneInfo
    centre: tuple[float, float]
    bbox: BoundingBox
    agencies: Mapping[str, Agency]
    incident_types: Mapping[str, IncidentType]
    agency_support: tuple[AgencySupport, ...]
    kelurahan: Mapping[str, Kelurahan]
    landmarks: tuple[Landmark, ...]
    streets: tuple[Street, ...]
    prefixes: PhonePrefixes
    seats: Mapping[str, Seat]
    demo_users: tuple[DemoUser, ...]
    policy: Policy
    wider_names: tuple[str, ...]  # kelurahan names that callers use for something larger (Serang, Banten)
    danger_words: tuple[str, ...]
    harm_words: HarmWords
    decline_reasons: tuple[DeclineReason, ...]
    posted_roads: tuple[PostedRoad, ...]
    neighbours: tuple[Neighbour, ...]
    example_sentences: tuple[ExampleSentence, ...]
    question_cards: Mapping[str, QuestionCard]
    show_unsigned_advice: bool  #: whether medical advice that no clinician approved is shown (marked) or left out

    def __repr__(self) -> str:
        return f"CityPack({self.code!r})"
