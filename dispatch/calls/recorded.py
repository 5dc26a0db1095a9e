"""A call as the exchange's own record has it: what reconciliation compares with what was told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """One call that is over, as Asterisk recorded it; every instant by Asterisk's clock."""

    system_name: str
    linkedid: str
    channel: str
    number: str
    name: str
    dialled: str
    began_at: datetime
    ended_at: datetime
    answered_at: datetime | None  #: when it was first connected to a seat
    seat: str  #: the extension of the seat that had it last, or nothing
    cause: str | None  #: Asterisk's hangup cause
    cut_off: bool  #: Asterisk went down under it; it ended at some time before it was up again, `ended_at`
