"""What exists only at the web's door: pages of lists, what commands answer, a ticket with all about it.

Everything else that is answered is described where it is made, in `dispatch`. A test holds every real answer against
the description that is made of these types.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypeAliasType, TypedDict

from app.web.public_address import AddressProblem
from dispatch.call_taking.shapes import Draft, KeptText
from dispatch.calls.shapes import Callability, CallerHistory
from dispatch.feed.shapes import AgencySnapshot, CentreSnapshot, Entry, Event, Me
from dispatch.ladders.shapes import AgencyPreview, OpenLadder
from dispatch.landmarks.shapes import MapLandmark, OwnLandmark
from dispatch.locations.links import SmsProblem
from dispatch.locations.shapes import KnownLocations
from dispatch.nuisance.shapes import FlagsOfCentre, NumberFlagWithCalls
from dispatch.payloads import Instant
from dispatch.places.boundaries import FeatureCollection
from dispatch.rosters.shapes import Contact, Duty, Hole, RosterOfAgency
from dispatch.tickets.shapes import AgencyTicket, Call, QuestionAnswer, Ticket


class Done(TypedDict):
    """What a command did; `changed` is false when it had been done before."""

    changed: bool
    ticket: Ticket | AgencyTicket | None
    seq: int | None


class BrowserState(TypedDict):
    """Whether a browser rings for its user. `gone`: its push service has given it up, it has to subscribe anew.

    `receipt_at`: when its own worker last told that a message had come. `listed`: whether its user is a contact, which
    ladders tell; for anybody else it stays silent.
    """

    state: Literal["on", "gone"]
    listed: bool
    receipt_at: Instant | None


class BrowserDone(TypedDict):
    """What a command about a browser did; `changed` is false when it had been done before."""

    changed: bool


class Instructed(TypedDict):
    """What an instruction did. `late`: its task was over meanwhile, so that it was noted and nobody was told.

    `delayed_s`: by how much the ladder waits with its next rung.
    """

    changed: bool
    late: bool
    delayed_s: int
    instruction_id: int | None
    seq: int | None


class Tickets(TypedDict):
    """A page of tickets; `next` is what `after` has to be for the next page."""

    items: list[Ticket | AgencyTicket]
    next: int | None


class Ladders(TypedDict):
    """A page of ladders; `next` is what `after` has to be for the next page."""

    items: list[OpenLadder]
    next: int | None


class LadderPreviews(TypedDict):
    """Who would be told, by agency in the order in which they were asked for."""

    items: list[AgencyPreview]


class TicketWithTimeline(Ticket):
    """A ticket and everything that happened to it, oldest first; `caller` is None where no number was sent.

    `heard` is what the simulated caller says in the demo, empty for one who says nothing, None for real callers.
    """

    timeline: list[Entry]
    caller: CallerHistory | None
    callability: Callability | None
    heard: str | None
    answer_history: list[QuestionAnswer]
    drafts: list[Draft]
    kept_texts: list[KeptText]


class AgencyTicketWithTimeline(AgencyTicket):
    """An agency's ticket and what of its history concerns the agency, oldest first."""

    timeline: list[Entry]


WholeTicket = TypeAliasType(
    "WholeTicket",
    Annotated[
        TicketWithTimeline | AgencyTicketWithTimeline,
        Field(title="WholeTicket", description="One ticket with its history, cut to whoever asks."),
    ],
)


class CallWithTicket(Call):
    """One phone call and the ticket it belongs to."""

    ticket_number: str


class Calls(TypedDict):
    """The calls that were found."""

    items: list[CallWithTicket]
    next: None


class RecordTaken(TypedDict):
    """Counts; `opened` had no ticket and have one now, `ended` were not known to be over."""

    calls: int
    opened: int
    ended: int
    garbage: int
    still_up: int


class HeldDone(TypedDict):
    """Whether anything of what was held since a restore was settled."""

    changed: bool


class CallbackDone(TypedDict):
    """What was done to a callback; `ticket` is the one to be worked now."""

    changed: bool
    ticket: str | None


class NoteDone(TypedDict):
    """What was done to a note about a number."""

    changed: bool
    note_id: int


class DraftSaved(TypedDict):
    """What the next save of this draft has to build upon."""

    changed: bool
    version: int


class Keys(TypedDict):
    """The keys that the person has changed: command -> key."""

    keys: dict[str, str]


class NumberFlags(FlagsOfCentre):
    """What waits for a decision, what is blocked now, the ministry's list, and the newest decisions."""

    at: Instant


class FlagDone(TypedDict):
    """What a decision did; `changed` is false when it had been made before."""

    changed: bool
    flag: NumberFlagWithCalls
    seq: int | None


class Locations(KnownLocations):
    """What is known of where a ticket's callers are; `stale_s` is the age from which a position counts as old."""

    sms_configured: bool
    address_problem: AddressProblem | None


class NewLink(TypedDict):
    """A link as it is sent, copied (`text`) or read out (`spoken`); it is told once and kept nowhere."""

    id: int
    url: str
    spoken: str
    text: str
    queued: bool
    sms_configured: bool
    sms_problem: SmsProblem | None
    address_problem: AddressProblem | None


class RequestedLocation(Done):
    """What the command did, and the link."""

    link: NewLink


class OwnLandmarks(TypedDict):
    """All that are not retired, the newest first."""

    items: list[OwnLandmark]
    next: None


class AddedLandmark(TypedDict):
    """The id of what was added."""

    id: int


class RetiredLandmark(TypedDict):
    """Whether it was still searched until now."""

    changed: bool


class MapLandmarks(TypedDict):
    """The landmarks of the city pack that have a point, and the centre's own."""

    items: list[MapLandmark]
    next: None


class PointAnswer(TypedDict):
    """The kelurahan of a point, as a suggestion; all None outside of the city.

    `approximate` where no polygon says so; `neighbour` is the kelurahan beyond a border that is near.
    """

    kelurahan_code: str | None
    kelurahan: str | None
    kecamatan: str | None
    approximate: bool
    border_m: float | None
    neighbour: str | None


class KelurahanPoint(TypedDict):
    """A kelurahan, as a point inside it; `area` is a ring [lon, lat] around what is nearer to it than to others."""

    code: str
    name: str
    kecamatan: str
    lat: float
    lon: float
    area: list[tuple[float, float]]


class Points(TypedDict):
    """The kelurahan, where no boundary file was loaded."""

    points: list[KelurahanPoint]


Boundaries = TypeAliasType(
    "Boundaries",
    Annotated[
        FeatureCollection | Points,
        Field(title="Boundaries", description="The kelurahan as polygons or as points."),
    ],
)


class Events(TypedDict):
    """A page of the person's stream; `next` is what `after` has to be for the next page, none at its end."""

    items: list[Event]
    next: int | None


class SignedIn(Me):
    """Whoever asks, until when the session lasts (null for a program's token), and the form token of its pages."""

    expires_at: Instant | None
    form_token: str | None


Snapshot = TypeAliasType(
    "Snapshot",
    Annotated[
        CentreSnapshot | AgencySnapshot,
        Field(title="Snapshot", description="The state of things, cut to whoever asks."),
    ],
)


class Contacts(TypedDict):
    """A page of contacts; `next` is what `after` has to be for the next page."""

    items: list[Contact]
    next: int | None


class Duties(TypedDict):
    """Shifts, the earliest first."""

    items: list[Duty]
    next: None


class Holes(TypedDict):
    """Where nobody would be told, the deepest first."""

    items: list[Hole]
    next: None


class Rosters(TypedDict):
    """The agencies, those with holes first."""

    items: list[RosterOfAgency]
    next: None


class RosterDone(TypedDict):
    """What a command about people or shifts did, and the agency's holes after it.

    `added` and `left_out` count the shifts of a file or of a week that was copied.
    """

    changed: bool
    seq: int | None
    contact_id: int | None
    duty_id: int | None
    added: int | None
    left_out: int | None
    holes: list[Hole]


class Seated(TypedDict):
    """Where the person sits now."""

    changed: bool
    seat: str
