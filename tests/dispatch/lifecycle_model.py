"""What a ticket should do, written down a second time in plain words and without the product's tables.

The state machine gives every command to this model and to the product, and compares. A model method changes the model
and returns True (the command changes something) or False (it had been done before), or raises Refused.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from dispatch.errors import (
    AgenciesOnIt,
    ClaimedByOther,
    CommandRefused,
    IncidentClosed,
    InvalidValue,
    NotFound,
    NotOwner,
    NotPermitted,
    RequirementMissing,
    TransitionRefused,
)

UNDO_S = 10
SHORT_CALL_S = 5
MOST_ATTEMPTS = 2
OPERATORS = ("dewi", "rizki", "ratna")
SUPERVISOR = "ratna"
SEATS = {"op1": "dewi", "op2": "rizki"}  #: op9 is nobody's
LIVE = ("sent", "acknowledged", "en_route", "on_scene")
NUISANCES = ("prank", "ghost", "information", "wrong_number", "dropped")
DISPOSITIONS = ("handled", "handled_by_phone", "no_responder_needed", "cancelled", "duplicate")
#: From which states a step is reported, and which states lie beyond it.
STEPS = {
    "acknowledged": (("sent",), ("acknowledged", "en_route", "on_scene", "cleared")),
    "declined": (("sent",), ("declined",)),
    "en_route": (("acknowledged",), ("en_route", "on_scene", "cleared")),
    "on_scene": (("acknowledged", "en_route"), ("on_scene", "cleared")),
    "cleared": (("acknowledged", "en_route", "on_scene"), ("cleared",)),
}


class Refused(Exception):
    """The model expects a refusal of this kind."""

    def __init__(self, kind: type[CommandRefused]) -> None:
        self.kind = kind
        super().__init__(kind.__name__)


@dataclass(eq=False)  # two assignments are never the same one
class Task:
    """An assignment."""

    agency: str
    state: str = "sent"


@dataclass
class Case:
    """A ticket with its call."""

    number: str | None = None
    call: str = "ringing"
    answered_at_s: float = 0
    on_list: bool = False  #: waits for a callback, whether or not somebody works it
    state: str = "new"
    owner: str | None = None
    classification: str | None = None
    typed: bool = False
    worded: bool = False
    placed: bool = False
    disposition: str | None = None
    closed_by: str | None = None
    closed_at_s: float = 0
    tasks: dict[int, Task] = field(default_factory=dict)
    parent: Case | None = None  #: the case this caller's was attached to

    @property
    def event(self) -> Case:
        """The case at the end of the chain."""
        return self if self.parent is None else self.parent.event

    def answered(self, extension: str, now_s: float, others: Iterable[Case] = ()) -> bool:
        if self.call != "ringing":
            return False
        self.call, self.answered_at_s = "answered", now_s
        for other in others:
            if other is not self and self.number is not None and other.number == self.number:
                other.got_through(now_s)
        operator = SEATS.get(extension)
        if operator and self.owner is None and self.state in ("new", "callback"):
            self.state, self.owner = "claimed", operator
        elif self.state == "closed" and self.classification in NUISANCES:
            # Set aside while it rang; now somebody hears the caller.
            self.state, self.owner = "claimed" if operator else "new", operator
            self.disposition = self.closed_by = None
            self.classification = "genuine" if self.typed else None
            self.on_list = False
        return True

    def ended(self, now_s: float) -> bool:
        if self.call in ("abandoned", "ended"):
            return False
        self.call = "abandoned" if self.call == "ringing" else "ended"
        cut_off = self.call == "ended" and now_s - self.answered_at_s <= SHORT_CALL_S and self.classification is None
        if (self.call == "abandoned" or cut_off) and self.state in ("new", "claimed"):
            self.on_list = True
            if self.state == "new":
                self.state = "callback"
        return True

    def got_through(self, now_s: float) -> None:
        """The same number talks to somebody on another ticket, or is reached by a callback."""
        if self.on_list and self.state == "callback":
            self._close(None, "got_through", now_s)
        self.on_list = False

    @property
    def waits(self) -> bool:
        """Whether it is to be seen on the callback list."""
        unsorted = self.state == "claimed" and self.classification is None
        return self.on_list and (self.state in ("callback", "closed") or unsorted)

    def take_up(self, who: str) -> None:
        """The caller was reached by dialling."""
        if self.state == "closed":
            self.classification = None
        self.state, self.owner, self.disposition, self.closed_by, self.on_list = "claimed", who, None, None, False

    def claim(self, who: str) -> bool:
        self._operator(who)
        if self.state == "closed":
            raise Refused(TransitionRefused)
        if self.owner is not None:
            if self.owner == who:
                return False
            raise Refused(ClaimedByOther)
        self.owner = who
        if self.state in ("new", "callback"):
            self.state = "claimed"
        return True

    def release(self, who: str) -> bool:
        self._in_hand(who)
        if self.owner is None:
            return False
        self.owner = None
        if self.state == "claimed":
            self.state = "callback" if self.on_list else "new"
        return True

    def take_over(self, who: str, reason: str) -> bool:
        self._operator(who)
        if self.state == "closed":
            raise Refused(TransitionRefused)
        if self.owner == who:
            return False
        if self.owner is None:
            raise Refused(NotOwner)
        if not reason.strip():
            raise Refused(RequirementMissing)
        self.owner = who
        return True

    def classify(self, who: str, kind: str, *, typed: bool, worded: bool, valid: bool, now_s: float) -> bool:
        self._operator(who)
        if kind in NUISANCES and self.state == "closed" and self.classification == kind:
            return False
        self._in_hand(who)
        if kind in NUISANCES:
            if self.state != "claimed":
                raise Refused(TransitionRefused)
            self._close(who, kind, now_s)
            self.on_list = kind == "dropped" and self.number is not None
        else:
            if not valid:
                raise Refused(InvalidValue)
            if not (typed or worded or self.typed or self.worded):
                raise Refused(RequirementMissing)
            self.typed |= typed
        self.worded |= worded
        self.classification = kind
        return True

    def locate(self, who: str, *, valid: bool) -> bool:
        self._in_hand(who)
        if not valid:
            raise Refused(CommandRefused)
        self.placed = True
        return True

    def dispatch(self, who: str, agencies: list[str], *, valid: bool) -> list[str]:
        """Return the agencies that get an assignment; `sent` enters them under the product's ids."""
        self._in_hand(who)
        if not (self.typed and self.placed and agencies):
            raise Refused(RequirementMissing)
        if not valid:
            raise Refused(InvalidValue)
        have = {task.agency for task in self.tasks.values() if task.state in LIVE}
        return [agency for agency in dict.fromkeys(agencies) if agency not in have]

    def sent(self, ids: dict[int, str]) -> None:
        self.tasks |= {id_: Task(agency) for id_, agency in ids.items()}
        self._follow()

    def report(self, task: Task, who: str, step: str) -> bool:
        if who not in (*OPERATORS, "admin", task.agency.lower()):
            raise Refused(NotFound)
        if who == "admin":
            raise Refused(NotPermitted)
        leads_on_from, beyond = STEPS[step]
        if task.state in beyond:
            return False
        if task.state not in leads_on_from:
            raise Refused(TransitionRefused)
        task.state = step
        self._follow()
        return True

    def attach(self, who: str, to: Case, now_s: float) -> bool:
        self._operator(who)
        if to is self:
            raise Refused(InvalidValue)
        if to.event is self or (self.parent is not None and self.event is to.event):
            return False
        if self.state in ("dispatched", "in_progress", "verify") and who in (self.owner, SUPERVISOR):
            raise Refused(AgenciesOnIt)
        if self.state != "claimed":
            raise Refused(
                ClaimedByOther if self.state != "closed" and self.owner not in (None, who) else TransitionRefused
            )
        self._in_hand(who)
        if to.event.state == "closed":
            raise Refused(IncidentClosed)
        self.classification = "genuine"
        self._close(who, "duplicate", now_s)
        self.on_list = False
        self.parent = to.event
        return True

    def detach(self, who: str) -> bool:
        self._operator(who)
        if self.parent is None:
            if self.state == "claimed" and self.owner == who:
                return False
            raise Refused(CommandRefused)
        if who not in (self.owner, self.event.owner, SUPERVISOR):
            raise Refused(ClaimedByOther if self.owner else NotOwner)
        self.owner = self.owner if self.owner and self.call == "answered" else who
        self.classification = "genuine" if self.typed or self.worded else None
        self.state, self.disposition, self.closed_by, self.parent = "claimed", None, None, None
        return True

    def add_words(self, who: str) -> None:
        self._operator(who)
        if self.parent is None:
            raise Refused(CommandRefused)
        if who not in (self.owner, SUPERVISOR):
            raise Refused(ClaimedByOther if self.owner else NotOwner)
        self.worded = True

    def close(self, who: str, disposition: str, now_s: float) -> bool:
        if disposition not in DISPOSITIONS:
            raise Refused(InvalidValue)
        self._operator(who)
        if self.state == "closed" and self.disposition == disposition:
            return False  # attached or not: it is a duplicate already
        self._in_hand(who)
        calls_off = disposition in ("cancelled", "duplicate")
        if self.state in ("dispatched", "in_progress") and not calls_off:
            raise Refused(TransitionRefused)
        if disposition == "handled" and not any(task.state == "cleared" for task in self.tasks.values()):
            raise Refused(TransitionRefused)
        for task in self.tasks.values():
            if task.state in LIVE:
                task.state = "cancelled"
        self.classification = self.classification or "genuine"
        self._close(who, disposition, now_s)
        self.on_list = False
        return True

    def reopen(self, who: str, reason: str | None, now_s: float) -> bool:
        self._operator(who)
        if self.state == "claimed" and self.owner == who:
            return False
        if self.parent is not None:
            raise Refused(TransitionRefused)
        if self.state != "closed":
            raise Refused(ClaimedByOther if self.owner not in (None, who) else TransitionRefused)
        undo = self.closed_by == who and now_s <= self.closed_at_s + UNDO_S
        if not reason and not undo:
            raise Refused(RequirementMissing)
        if self.classification in NUISANCES:
            self.classification = "genuine" if self.typed else None
        self.state, self.owner, self.disposition, self.closed_by = "claimed", who, None, None
        return True

    def _operator(self, who: str) -> None:
        if who not in OPERATORS:
            raise Refused(NotPermitted)

    def _in_hand(self, who: str) -> None:
        """What is done with a ticket is done by its owner, or by a supervisor."""
        self._operator(who)
        if self.state in ("new", "callback", "closed"):
            raise Refused(TransitionRefused)
        if who not in (self.owner, SUPERVISOR):
            raise Refused(NotOwner if self.owner is None else ClaimedByOther)

    def _close(self, who: str | None, disposition: str, now_s: float) -> None:
        self.state, self.disposition, self.closed_by, self.closed_at_s = "closed", disposition, who, now_s

    def _follow(self) -> None:
        states = {task.state for task in self.tasks.values()}
        if states & set(LIVE):
            self.state = (
                "dispatched" if not states & {"acknowledged", "en_route", "on_scene", "cleared"} else "in_progress"
            )
        elif "cleared" in states:
            self.state = "verify"
        else:
            self.state = "claimed" if self.owner else "new"
