"""The tables. Rows that hold personal data are marked so; the journal holds none."""

from __future__ import annotations

from dispatch.storage.tables.base import NEVER_REUSED, Base, BigId, UtcDateTime, table_of
from dispatch.storage.tables.callbacks import OPEN_CALLBACKS, Callback, CallbackAttempt
from dispatch.storage.tables.calls import CUT_OFF_BY_RESTART, LIVE_CALLS, Call, CallerNote, ExchangeStart
from dispatch.storage.tables.deliveries import (
    WAITING_DELIVERIES,
    WAITING_EVENTS,
    WAITING_NOTICE_DELIVERIES,
    Delivery,
    DeliveryAttempt,
    InboundEvent,
    NoticeDelivery,
)
from dispatch.storage.tables.duty import Contact, ContactChannel, Duty, PushSubscription
from dispatch.storage.tables.journal import Epoch, HandledRequest, JournalEntry, SchemaRevision, StorageProbe
from dispatch.storage.tables.ladders import OPEN_LADDERS, Instruction, Ladder, LadderStep, Notice
from dispatch.storage.tables.locations import LocationLink, LocationReport
from dispatch.storage.tables.nuisance import LIVE_FLAGS, NumberFlag
from dispatch.storage.tables.people import (
    ApiToken,
    RecoveryCode,
    SeatOccupancy,
    SecondFactor,
    SignInAttempt,
    User,
    UserKeys,
    WebSession,
)
from dispatch.storage.tables.places import ImportedPlace, OwnLandmark, PlaceImport
from dispatch.storage.tables.tickets import (
    OPEN_TICKETS,
    Assignment,
    Counter,
    KeptView,
    Ticket,
    TicketAnswer,
    TicketDraft,
    TicketNote,
)

__all__ = [
    "CUT_OFF_BY_RESTART",
    "LIVE_CALLS",
    "LIVE_FLAGS",
    "NEVER_REUSED",
    "OPEN_CALLBACKS",
    "OPEN_LADDERS",
    "OPEN_TICKETS",
    "WAITING_DELIVERIES",
    "WAITING_EVENTS",
    "WAITING_NOTICE_DELIVERIES",
    "ApiToken",
    "Assignment",
    "Base",
    "BigId",
    "Call",
    "Callback",
    "CallbackAttempt",
    "CallerNote",
    "Contact",
    "ContactChannel",
    "Counter",
    "Delivery",
    "DeliveryAttempt",
    "Duty",
    "Epoch",
    "ExchangeStart",
    "HandledRequest",
    "ImportedPlace",
    "InboundEvent",
    "Instruction",
    "JournalEntry",
    "KeptView",
    "Ladder",
    "LadderStep",
    "LocationLink",
    "LocationReport",
    "Notice",
    "NoticeDelivery",
    "NumberFlag",
    "OwnLandmark",
    "PlaceImport",
    "PushSubscription",
    "RecoveryCode",
    "SchemaRevision",
    "SeatOccupancy",
    "SecondFactor",
    "SignInAttempt",
    "StorageProbe",
    "Ticket",
    "TicketAnswer",
    "TicketDraft",
    "TicketNote",
    "User",
    "UserKeys",
    "UtcDateTime",
    "WebSession",
    "table_of",
]
