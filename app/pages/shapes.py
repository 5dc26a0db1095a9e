"""What pages know of the city from their beginning: data blocks that scripts read."""

from __future__ import annotations

from typing import Annotated

from typing_extensions import TypedDict

from dispatch.city.model import Priority
from dispatch.city.question_cards import QuestionKind
from dispatch.payloads import OneOf


class KnownType(TypedDict):
    """An incident type, with the priority proposed with it."""

    code: str
    category: str
    name_id: str
    name_en: str
    priority: Annotated[str, OneOf(Priority)]
    icon: str


class KnownKelurahan(TypedDict):
    """A kelurahan, as a point inside it."""

    code: str
    name: str
    kecamatan: str
    lat: float
    lon: float


class KnownAgency(TypedDict):
    """An agency that can be sent."""

    code: str
    name: str
    short_name: str
    phone: str | None


class KnownReason(TypedDict):
    """A reason to decline."""

    code: str
    name_id: str
    name_en: str


class KnownPauseReason(TypedDict):
    """Why a clock may stand still, which roles may say so, and for how many seconds at most."""

    code: str
    name_id: str
    name_en: str
    roles: list[str]
    longest_s: int


class KnownShift(TypedDict):
    """A shift, from `starts` to `ends` in the city's time (`07:00`)."""

    name_id: str
    name_en: str
    starts: str
    ends: str


class KnownPolicy(TypedDict):
    """The policy's figures that pages show or go by; seconds, metres, pranks, and the goal as a share."""

    answer_target_s: int
    answer_goal: float
    dispatch_target_s: int
    ring_near_s: int
    undo_s: int
    border_near_m: int
    stale_talk_s: int
    nuisance_limit: int
    audit_near_s: int
    audit_late_s: int


class Catalogue(TypedDict):
    """Data block `catalogue`: what a page needs to know about the city while the server is out of reach."""

    types: list[KnownType]
    kelurahan: list[KnownKelurahan]
    agencies: list[KnownAgency]
    decline_reasons: list[KnownReason]
    pause_reasons: list[KnownPauseReason]
    silent_channels: list[str]  #: those that never tell whether a message has arrived
    shifts: list[KnownShift]
    policy: KnownPolicy


class Bilingual(TypedDict):
    """A text in Indonesian and in English."""

    id: str
    en: str


class ReadOut(TypedDict):
    """Something to read out to the caller; `unsigned`: medical advice that no clinician has signed off."""

    words: Bilingual
    unsigned: bool


class CardChoice(TypedDict):
    """One of the answers that a question of a card gives to choose from."""

    code: str
    words: Bilingual


class CardQuestion(TypedDict):
    """A question of a card; by the answer's code what is said then (`say`) and who is sent (`agencies`)."""

    code: str
    kind: Annotated[str, OneOf(QuestionKind)]
    ask: Bilingual
    tells: Bilingual
    count: Bilingual | None
    choices: list[CardChoice]
    say: dict[str, ReadOut]
    agencies: dict[str, list[str]]
    taps: bool  #: may be asked of a caller who can only knock


class Card(TypedDict):
    """One of data block `cards`: what to ask and to say; `left_out` counts advice that lacks a clinician's sign-off."""

    code: str
    name: Bilingual
    types: list[str]
    sensitive: bool
    say: ReadOut | None
    silent_say: ReadOut | None
    advice: list[ReadOut]
    left_out: int
    questions: list[CardQuestion]
