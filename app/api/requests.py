"""What the API takes: bodies and queries, checked before a command sees them."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

#: Tab and line break are all the control characters that a person types.
_NO_CONTROL = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"

Line = Annotated[str, StringConstraints(max_length=300, pattern=_NO_CONTROL)]
Code = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=_NO_CONTROL)]
Words = Annotated[str, StringConstraints(max_length=10_000, pattern=_NO_CONTROL)]
Note = Annotated[str, StringConstraints(max_length=4_000, pattern=_NO_CONTROL)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
JournalNumber = Annotated[int, Field(ge=0, le=2**63 - 1)]
#: Characters of a draft's choices as JSON: a place, a type, the ticks, half-done answers.
CHOICES_LIMIT = 40_000
RowId = Annotated[int, Field(ge=1, le=2**63 - 1)]
PageSize = Annotated[int, Field(ge=1, le=200)]


class Body(BaseModel):
    """A request's JSON object: exact types, nothing unknown, no NaN."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


class Nothing(Body):
    """A command that needs nothing but its path."""


class ReleaseHeld(Body):
    """Whether messages of before the restore go out after all, marked as perhaps sent twice; else they are dropped."""

    send_messages: bool = False


Endpoint = Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[\x21-\x7e]+$")]


class KeepBrowser(Body):
    """A browser's push subscription; `replaces`: the endpoint that it had until now."""

    endpoint: Endpoint
    p256dh: Annotated[str, StringConstraints(max_length=100)]
    auth: Annotated[str, StringConstraints(max_length=40)]
    replaces: Endpoint | None = None


class NamedBrowser(Body):
    """One of one's own browsers, by the endpoint of its push subscription."""

    endpoint: Endpoint


class TakeOver(Body):
    """Why a colleague's ticket is taken."""

    reason: Note


class Classify(Body):
    """What kind of call it was; for a genuine one what happened, and the words as typed."""

    classification: Code
    type_code: Code | None = None
    priority: Code | None = None
    words: Words | None = None


class Locate(Body):
    """Where it is: a kelurahan, a point, or both."""

    kelurahan_code: Code | None = None
    text: Line | None = None
    lat: Latitude | None = None
    lon: Longitude | None = None
    accuracy_m: Annotated[float, Field(ge=0, le=100_000)] | None = None
    source: Annotated[str, StringConstraints(min_length=1, max_length=16, pattern=r"^[a-z_]+$")] = "operator"


class Dispatch(Body):
    """The agencies to send to; `note`: what they are to know, such as for whom they step in and why."""

    agencies: Annotated[list[Code], Field(max_length=50)]
    note: Note | None = None


class Close(Body):
    """How the ticket ended."""

    disposition: Code
    note: Note | None = None


class Reopen(Body):
    """Why a closed ticket is opened again; not needed for undoing one's own within the undo time."""

    reason: Note | None = None


class Attach(Body):
    """The ticket of the event that this caller reports too, and what was typed for this caller."""

    to: Code
    words: Words | None = None


class CallerWords(Body):
    """What a further caller of an event says."""

    words: Words


class Decline(Body):
    """Why the agency cannot take the task."""

    reason_code: Code
    note: Note | None = None


class Step(Body):
    """A step of the crew; `occurred_at` is the phone's time when it had no signal."""

    occurred_at: AwareDatetime | None = None


class Clear(Body):
    """With what result the task is done."""

    note: Note
    occurred_at: AwareDatetime | None = None


class TakeSeat(Body):
    """The seat to sit down at."""

    seat: Code


class Interpret(Body):
    """What the operator has typed so far, and the type where the operator has chosen one."""

    text: Words
    type_code: Code | None = None


class Answer(Body):
    """The answer to a question of a card: yes, no, a choice's code, digits, a text, or skipped."""

    card: Code
    question: Code
    value: Note
    amount: Annotated[int, Field(ge=1, le=100_000)] | None = None


class Draft(Body):
    """What is typed and chosen so far; `version` is the one it builds upon, `typed_by` whoever left it in a browser."""

    words: Words
    choices: dict[str, JsonValue] = {}
    version: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    typed_by: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None

    @field_validator("choices")
    @classmethod
    def _small(cls, choices: dict[str, JsonValue]) -> dict[str, JsonValue]:
        try:
            written = json.dumps(choices, allow_nan=False)
        except ValueError:
            # JSON has no NaN and no infinity: whoever reads the ticket could read nothing of it.
            raise PydanticCustomError("finite_number", "not finite") from None
        if len(written) > CHOICES_LIMIT:
            raise PydanticCustomError("too_long", "too long")
        return choices


class OwnKeys(Body):
    """Commands of the console and the keys they are to have."""

    keys: Annotated[dict[Code, Code], Field(max_length=40)]


class RecordLines(Body):
    """Lines of Asterisk's record, as they stand there; `system` is its name where its linkedids lack it."""

    system: Annotated[str, StringConstraints(max_length=80, pattern=_NO_CONTROL)] = ""
    lines: Annotated[list[Annotated[str, StringConstraints(max_length=16_000)]], Field(max_length=1000)]


class PauseClock(Body):
    """Why a clock stands still, and until when; of an assignment, or of the ticket itself."""

    reason: Code
    until: AwareDatetime
    assignment: RowId | None = None


class Instruct(Body):
    """What a leader asks for, until when, of which agency's assignment; without one, of the centre."""

    words: Annotated[str, StringConstraints(min_length=1, max_length=2_000, pattern=_NO_CONTROL)]
    due_at: AwareDatetime
    assignment: RowId | None = None


class AnswerInstruction(Body):
    """That an instruction is answered, and with what."""

    note: Note | None = None


class ResumeClock(Body):
    """Which paused clock runs on; of an assignment, or of the ticket itself."""

    assignment: RowId | None = None


class Query(BaseModel):
    """A request's query string: nothing unknown."""

    model_config = ConfigDict(extra="forbid")


class CallQuery(Query):
    """Which calls to find."""

    linkedid: Annotated[str, StringConstraints(min_length=1, max_length=150, pattern=_NO_CONTROL)]


class TicketQuery(Query):
    """Which tickets to list, newest first; `after` is the `next` of the page before."""

    state: Literal["open", "new", "callback", "claimed", "dispatched", "in_progress", "verify", "closed"] | None = None
    after: JournalNumber | None = None
    limit: PageSize = 50


class LadderQuery(Query):
    """Which ladders to list, newest first; `open`: those whose clock runs."""

    open: bool = False
    ticket: Code | None = None
    after: JournalNumber | None = None
    limit: PageSize = 50


class LadderPreviewQuery(Query):
    """Which agencies would be sent to (codes with commas between), how urgently, and where."""

    agencies: Annotated[str, StringConstraints(min_length=1, max_length=1000, pattern=r"^[A-Z0-9,]+$")]
    priority: Literal["P1", "P2", "P3", "P4"] = "P1"
    kelurahan_code: Code | None = None


class JournalQuery(Query):
    """The entries after a journal number."""

    after: JournalNumber = 0
    limit: PageSize = 100


class SimilarQuery(Query):
    """What is chosen on the screen and not saved yet; what is left out is taken from the ticket."""

    type_code: Code | None = None
    kelurahan_code: Code | None = None
    lat: Annotated[Latitude, Field(allow_inf_nan=False)] | None = None
    lon: Annotated[Longitude, Field(allow_inf_nan=False)] | None = None
    place: Line | None = None


class PlaceQuery(Query):
    """The words to find a place by."""

    q: Annotated[str, StringConstraints(max_length=200, pattern=_NO_CONTROL)]


class RequestLocation(Body):
    """Which call's telephone is asked for its position; without one the ticket's newest."""

    call_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None


class EndCall(Body):
    """Which call of the ticket is over; without one, all that still count as up."""

    call_id: Annotated[int, Field(ge=1, le=2**63 - 1)] | None = None


class DecideFlag(Body):
    """What a supervisor decides on a proposal, and why."""

    decision: Literal["approve", "reject"]
    reason: Note


class LiftBlock(Body):
    """Why a block ends before its time."""

    reason: Note


class BlockNumber(Body):
    """Why the number of a prank is blocked."""

    reason: Note


class PointQuery(Query):
    """A point on the map."""

    lat: Latitude
    lon: Longitude


class AddLandmark(Body):
    """A place to be found by its names from now on; without a kelurahan the one that the point lies in is taken."""

    name: Line
    lat: Latitude
    lon: Longitude
    other_names: Annotated[list[Line], Field(max_length=10)] = []
    kelurahan_code: Code | None = None


class GeocodeQuery(PlaceQuery):
    """The words of a place; of a whole `sentence` only the stretch that names one is asked for."""

    sentence: bool = False


LocalTime = Annotated[str, StringConstraints(min_length=16, max_length=16, pattern=_NO_CONTROL)]
RosterVersion = Annotated[int, Field(ge=0, le=2**31 - 1)]


class AddContact(Body):
    """A person whom ladders may tell; `area` (a kelurahan or kecamatan) where an agency has many offices."""

    agency: Code
    name: Line
    role: Code
    area: Code | None = None
    username: Code | None = None


class ChangeContact(Body):
    """Who a contact is from now on; what is left out is taken away."""

    name: Line
    role: Code
    area: Code | None = None
    username: Code | None = None


class ChannelOfContact(Body):
    """One way to reach somebody."""

    channel: Code
    address: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=_NO_CONTROL)]


class SetChannels(Body):
    """All ways to reach somebody, in the order in which they are tried."""

    channels: Annotated[list[ChannelOfContact], Field(max_length=20)]


class ProveChannel(Body):
    """The code that a test brought."""

    code: Code


class AddDuty(Body):
    """A shift by the city's wall (`2026-11-25T07:00`); `version` is that of the roster it builds on."""

    contact_id: RowId
    starts_local: LocalTime
    ends_local: LocalTime
    version: RosterVersion | None = None


class RemoveDuty(Body):
    """A shift is taken away; `version` as above."""

    version: RosterVersion | None = None


class SwapDuty(Body):
    """Who has the shift from now on, and which of theirs is given in return."""

    contact_id: RowId
    return_duty_id: RowId | None = None
    version: RosterVersion | None = None


class CopyWeek(Body):
    """The week that is to be like the one before, by any day of it."""

    agency: Code
    day: date
    version: RosterVersion | None = None

    @field_validator("day", mode="before")
    @classmethod
    def _written(cls, day: JsonValue) -> date:
        return _date(day)


class ImportRoster(Body):
    """A file of shifts as CSV."""

    text: Annotated[str, StringConstraints(max_length=60_000)]


class ContactQuery(Query):
    """Whose contacts to list; `after` is the `next` of the page before."""

    agency: Code | None = None
    after: JournalNumber = 0
    limit: PageSize = 200


class AgencyQuery(Query):
    """Which agency; without one all that may be seen."""

    agency: Code | None = None


class DutyQuery(AgencyQuery):
    """The shifts that share time with this one."""

    since: AwareDatetime
    until: AwareDatetime


class WeekQuery(Query):
    """Which week, by any day of it (without one this week), and of which office."""

    day: date | None = None
    area: Code | None = None


class ShiftQuery(Query):
    """Which shift, by the city's wall, and for a task of which priority."""

    starts_local: LocalTime
    ends_local: LocalTime
    area: Code | None = None
    priority: Literal["P1", "P2", "P3", "P4"] = "P1"


def _date(day: JsonValue) -> date:
    try:
        return date.fromisoformat(str(day))
    except ValueError:
        raise PydanticCustomError("date_form", "no date") from None
