"""What the dialplan tells: `incoming`, `gate`, `answered`, `ended` and `started`, each one command of dispatch.

The dialplan gives everything as arguments, so that no question goes back to Asterisk while a caller waits:

    AGI(agi://HOST:4573/incoming,<linkedid>,<system name>,<number of locations>,<presentation>,<age>,<telephones>)
    AGI(agi://HOST:4573/gate,<linkedid>,<system name>,<passed, failed, left or unheard>,<age>)
    AGI(agi://HOST:4573/answered,<linkedid>,<system name>,<extension, e.g. op2>,<age>,<others>)
    AGI(agi://HOST:4573/ended,<linkedid>,<system name>,<hangup cause>,<duration in s>,<1 if answered>,<age>,<extension>)
    AGI(agi://HOST:4573/started,<system name>,<age>)

An age is the seconds since what is told of happened, by Asterisk's own clock at the time of telling; whole or decimal.
`telephones` are the queue members that could ring when the call came, `others` the live calls that the seat has
besides this one. What is left out or empty is unknown, so that an older dialplan is served as well.

The proof that a report was written down is the channel variable SIAGA_TICKET, set last and only after the commit (for
`started` to the word `started`); the dialplan repeats a report until it has it. A dialplan without arguments is served
too: what is missing is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Protocol

from asterisk.agi import AGIError
from gevent import Timeout

from dispatch.calls.answering import call_answered
from dispatch.calls.gate import call_gated
from dispatch.calls.incoming import IncomingCall, SipLocation
from dispatch.calls.intake import register_call
from dispatch.calls.progress import call_ended, exchange_started
from dispatch.storage.transaction import Command, P, R
from telephony.agi.geolocation import parse_location
from telephony.agi.session import AgiSession

#: How long a call may wait for its location; the ticket matters more.
LOCATION_WAIT_S = 1.0
#: More digits (of seconds) are no call's duration.
_DURATION_DIGITS = 6
_COUNT_DIGITS = 4

#: What `started` has for a proof.
STARTED = "started"
#: `1795485240.7`, or with the system's name before it: the second in which the call began, and a running number.
_LINKEDID = re.compile(r"(?:.*-)?([0-9]{9,10})\.[0-9]{1,12}")
_AGE = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")

#: CALLERID(pres) by the number that Asterisk sends in agi_callingpres.
_PRESENTATIONS = {
    "0": "allowed_not_screened",
    "1": "allowed_passed_screen",
    "2": "allowed_failed_screen",
    "3": "allowed",
    "32": "prohib_not_screened",
    "33": "prohib_passed_screen",
    "34": "prohib_failed_screen",
    "35": "prohib",
    "67": "unavailable",
}


class RunsCommands(Protocol):
    """What a script needs of `dispatch.centre.Centre`."""

    def run(self, command: Command[P, R], /, *args: P.args, **arguments: P.kwargs) -> R:
        """Run a command and return when it is durable."""


#: Returns the ticket's number.
Script = Callable[[AgiSession, RunsCommands], str]


def incoming(session: AgiSession, centre: RunsCommands) -> str:
    """Register the call, then tell the dialplan what to do with it.

    1. Read everything from the environment, the location (if there is one) from Asterisk.
    2. Register the call; this returns only when call and ticket are durable.
    3. Set SIAGA_TREATMENT and SIAGA_PRIORITY, and last SIAGA_TICKET.
    """
    env = session.env
    system_name, linkedid = _call_key(session)
    call = IncomingCall(
        system_name=system_name,
        linkedid=linkedid,
        uniqueid=env.get("agi_uniqueid", ""),
        channel=env.get("agi_channel", ""),
        ani=_known(env.get("agi_callerid", "")),
        presentation=env.get("agi_arg_4") or _PRESENTATIONS.get(env.get("agi_callingpres", ""), ""),
        caller_name=_known(env.get("agi_calleridname", "")),
        dnid=_dialled(env),
        location=None if env.get("agi_arg_3") in ("0", "") else _location(session),
        age_s=_age(env.get("agi_arg_5", "")),
        linkedid_s=linkedid_second(linkedid),
        telephones=_count(env.get("agi_arg_6", "")),
    )
    registered = centre.run(register_call, call=call)
    session.set_variable("SIAGA_TREATMENT", registered.treatment)
    session.set_variable("SIAGA_PRIORITY", registered.priority)
    return _give_ticket(session, registered.ticket_number)


def gate(session: AgiSession, centre: RunsCommands) -> str:
    """Note what the caller did at the gate, which the dialplan plays by itself: no caller waits for this."""
    system_name, linkedid = _call_key(session)
    result = session.env.get("agi_arg_3", "")
    outcome = centre.run(
        call_gated,
        system_name=system_name,
        linkedid=linkedid,
        result=result,
        age_s=_age(session.env.get("agi_arg_4", "")),
        linkedid_s=linkedid_second(linkedid),
    )
    return _give_ticket(session, outcome.ticket_number)


def answered(session: AgiSession, centre: RunsCommands) -> str:
    """Note which seat's telephone was answered."""
    system_name, linkedid = _call_key(session)
    extension = session.env.get("agi_arg_3", "")
    outcome = centre.run(
        call_answered,
        system_name=system_name,
        linkedid=linkedid,
        extension=extension,
        age_s=_age(session.env.get("agi_arg_4", "")),
        others=_count(session.env.get("agi_arg_5", "")) or 0,
        linkedid_s=linkedid_second(linkedid),
    )
    return _give_ticket(session, outcome.ticket_number)


def ended(session: AgiSession, centre: RunsCommands) -> str:
    """Note that the call is over, and why."""
    system_name, linkedid = _call_key(session)
    outcome = centre.run(
        call_ended,
        system_name=system_name,
        linkedid=linkedid,
        cause=session.env.get("agi_arg_3") or None,
        duration_s=_seconds(session.env.get("agi_arg_4", "")),
        answered=session.env.get("agi_arg_5", "") == "1",
        age_s=_age(session.env.get("agi_arg_6", "")),
        extension=session.env.get("agi_arg_7") or None,
        linkedid_s=linkedid_second(linkedid),
    )
    return _give_ticket(session, outcome.ticket_number)


def started(session: AgiSession, centre: RunsCommands) -> str:
    """Note that Asterisk has started: whatever calls it had before were cut off."""
    system_name = session.env.get("agi_arg_1")
    if system_name is None:
        system_name = _ask(session, "${SYSTEMNAME}")
    centre.run(exchange_started, system_name=system_name, age_s=_age(session.env.get("agi_arg_2", "")))
    return _give_ticket(session, STARTED)


SCRIPTS: Mapping[str, Script] = {
    "incoming": incoming,
    "gate": gate,
    "answered": answered,
    "ended": ended,
    "started": started,
}


def linkedid_second(linkedid: str) -> int | None:
    """The second since 1970 in which a call began by Asterisk's clock; None for a name that holds none."""
    found = _LINKEDID.fullmatch(linkedid)
    return int(found[1]) if found else None


def _call_key(session: AgiSession) -> tuple[str, str]:
    """System name and linkedid: what makes a call the same call whoever reports it, and however often."""
    linkedid = session.env.get("agi_arg_1")
    if linkedid is None:
        linkedid = _ask(session, "${CHANNEL(linkedid)}")
    system_name = session.env.get("agi_arg_2")
    if system_name is None:
        system_name = _ask(session, "${SYSTEMNAME}")
    linkedid = linkedid or session.env.get("agi_uniqueid", "")
    if not linkedid:
        raise AGIError("the call has no identity")
    return system_name, linkedid


def _ask(session: AgiSession, expression: str) -> str:
    """Have Asterisk evaluate an expression; empty where it cannot, because the call goes on without it."""
    try:
        return str(session.get_full_variable(expression)).strip()
    except AGIError:
        return ""


def _location(session: AgiSession) -> SipLocation | None:
    """Ask for the location that came with the call (RFC 6442); whatever goes wrong, the call goes on without one."""
    with Timeout(LOCATION_WAIT_S, False):
        if _ask(session, "${GEOLOC_PROFILE(format)}") != "GML":
            return None
        shape = _ask(session, "${GEOLOC_PROFILE(effective_location)}")
        return parse_location(shape, method=_ask(session, "${GEOLOC_PROFILE(method)}"))
    return None


def _known(value: str) -> str:
    """Asterisk writes `unknown` where it was sent nothing."""
    return "" if value == "unknown" else value


def _dialled(env: Mapping[str, str]) -> str:
    """What the caller dialled; where Asterisk does not know it, the extension, unless that is one of its own (s, h)."""
    extension = env.get("agi_extension", "")
    return _known(env.get("agi_dnid", "")) or (extension if len(extension) > 1 else "")


def _age(text: str) -> float | None:
    """Seconds since something happened; None for what is empty, negative or no number."""
    return float(text) if _AGE.fullmatch(text) else None


def _count(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _COUNT_DIGITS else None


def _seconds(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _DURATION_DIGITS else None


def _give_ticket(session: AgiSession, number: str) -> str:
    session.set_variable("SIAGA_TICKET", number)
    return number
