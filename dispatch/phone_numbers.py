"""The caller's number (ANI): one spelling for one subscriber, and none at all where none was sent.

Exchanges and carriers write the same number in many ways: as a SIP or tel URI with parameters glued on, in a list of
identities, with the country code in four spellings, bare, or behind a prefix of the trunk's own. What they send for a
telephone without SIM card or service is nobody's: an emergency number (also behind the country or an area code), zeros,
the telephone's own serial number (IMEI). Thousands share such a stand-in, so it never has a history or a block.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import unquote

from dispatch.city.policy import NumberingPlan

_PLAIN = re.compile(r"08[0-9]{8,10}")  #: nearly every call
LONGEST_SENT = 300  #: characters that are looked at
_IDENTITIES = 6  #: entries of a list of identities that are looked at
_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_SCHEME = re.compile(r"(?:sips?|tel):", re.I)
_SEPARATORS = re.compile(r"[\s().\-/]+")
_DIGITS = re.compile(r"\+?[0-9]{3,20}")
_LONGEST_DIALLED = 15  #: digits of an international number (ITU-T E.164)
_LONGEST_BARE = 13  #: without "+" or "0" in front: an IMEI or IMSI has 14 to 16
_SHORTEST_WITH_COUNTRY = 9
_BARE_MOBILE = re.compile(r"8[1-9][0-9]{7,10}")  #: an Indonesian mobile number without its zero
_LONGEST_LANDLINE = 12  #: digits, with the zero
_AREA_CODE = re.compile(r"0(?:21|22|24|31|61|[2-79][0-9]{2})")
_SERIAL_WITH_ZERO = re.compile(r"01[0-9]{12,14}")  #: an IMEI of a type approved in North America; no number here
_COUNTING = ("0123456789", "1234567890")


def normalise_number(as_sent: str, plan: NumberingPlan | None = None) -> str | None:
    """Return a dialable number in national form (`0812...`), or None.

    None stands for whatever must never be matched against a history or a block: nothing, `anonymous`, `unknown`,
    letters, too short or too long, and the stand-ins of telephones without SIM card or service. `plan` is the city's;
    without one Indonesia's.
    """
    if _PLAIN.fullmatch(as_sent) and len(set(as_sent[2:])) > 1:
        return as_sent
    plan = plan or NumberingPlan()
    for digits in _sent_digits(as_sent):
        number = _national(digits, plan)
        if number is not None:
            return number
    return None


def in_form(number: str, form: str, plan: NumberingPlan) -> str:
    """A number as `normalise_number` returns it, as a carrier wants it: `national`, `international` or `plus`.

    A number that cannot be written so (a short code) stays as it is.
    """
    if form == "national":
        return number
    digits = plan.country_code + number[1:] if number.startswith("0") else number.removeprefix("+")
    if not number.startswith(("0", "+")):
        return number
    return f"+{digits}" if form == "plus" else digits


def sends_digits(as_sent: str) -> bool:
    """Whether something like a number was sent, be it a subscriber's or a stand-in."""
    return any(True for _ in _sent_digits(as_sent))


def sent_words(as_sent: str) -> str:
    """What was sent as an identity, without the wrapping of a URI: `anonymous` of `<sip:anonymous@example.org>`."""
    return next(_identities(as_sent[:LONGEST_SENT]), "").strip().lower()


def _sent_digits(as_sent: str) -> Iterator[str]:
    for identity in _identities(as_sent[:LONGEST_SENT]):
        compact = _SEPARATORS.sub("", identity)
        if _DIGITS.fullmatch(compact):
            yield compact


def _identities(as_sent: str) -> Iterator[str]:
    """The user parts of all that was sent: of one number or URI, or of a list of URIs in angle brackets."""
    bracketed = _IN_BRACKETS.findall(as_sent)[:_IDENTITIES]
    for part in bracketed or as_sent.split(",")[:_IDENTITIES]:
        uri = _SCHEME.sub("", part.strip(), count=1) if _SCHEME.match(part.strip()) else part
        user, _, parameters = uri.partition("@")[0].partition(";")
        yield _with_context(unquote(user.strip().strip('"')), parameters)


def _with_context(user: str, parameters: str) -> str:
    """A local number with the country code its `phone-context` names (RFC 3966)."""
    name, _, value = parameters.partition(";")[0].partition("=")
    if name.strip().lower() == "phone-context" and value.startswith("+") and not user.startswith(("+", "0")):
        return value + user
    return user


def _national(compact: str, plan: NumberingPlan) -> str | None:
    digits = compact.removeprefix("+")
    international = compact.startswith("+")
    if _is_stand_in(digits, plan) or _SERIAL_WITH_ZERO.fullmatch(digits):
        return None
    for prefix in plan.international_prefixes:
        if not international and digits.startswith(prefix) and len(digits) >= len(prefix) + _SHORTEST_WITH_COUNTRY:
            digits, international = digits.removeprefix(prefix), True
            break
    country = plan.country_code
    if digits.startswith(country) and (international or len(digits) >= _SHORTEST_WITH_COUNTRY):
        # "+62 (0)812": the trunk zero that some exchanges leave in.
        return _subscriber("0" + digits.removeprefix(country).lstrip("0"), plan)
    if digits.startswith("0"):
        glued = digits.removeprefix(f"0{country}")  # "062812...": longer than any number of an area code
        if len(digits) > _LONGEST_LANDLINE and _BARE_MOBILE.fullmatch(glued):
            digits = "0" + glued
        return _subscriber(digits, plan)  # also "+0812"
    if international:
        return _abroad(digits, plan)
    if _BARE_MOBILE.fullmatch(digits):
        return _subscriber("0" + digits, plan)
    for prefix in plan.trunk_prefixes:
        rest = digits.removeprefix(prefix)
        known = rest.startswith(("0", country)) or _BARE_MOBILE.fullmatch(rest)
        if rest != digits and known and len(rest) >= _SHORTEST_WITH_COUNTRY:
            return _national(rest, plan)
    return digits if len(digits) <= _LONGEST_BARE else None


def _subscriber(national: str, plan: NumberingPlan) -> str | None:
    """A number with its leading zero, unless what follows the zero or the area code is a stand-in."""
    if len(national) > _LONGEST_DIALLED or _is_stand_in(national.lstrip("0"), plan):
        return None
    area = _AREA_CODE.match(national)
    if area and national[area.end() :] in plan.emergency_numbers:
        return None
    return None if national.startswith("08") and len(set(national[2:])) == 1 else national


def _abroad(digits: str, plan: NumberingPlan) -> str | None:
    """A foreign number; one of 15 digits is an IMEI or IMSI behind a plus sign."""
    return f"+{digits}" if len(digits) < _LONGEST_DIALLED else None


def _is_stand_in(digits: str, plan: NumberingPlan) -> bool:
    """Whether these digits are what networks send in place of a number."""
    if not digits or len(set(digits)) == 1 or digits in plan.emergency_numbers or digits in plan.stand_ins:
        return True
    if digits in _COUNTING or digits in (counting[: len(digits)] for counting in _COUNTING if len(digits) >= 7):
        return True
    # Behind the country code, however that is written, and an area code.
    rest = digits.lstrip("0")
    local = rest.removeprefix(plan.country_code).lstrip("0")
    if local != rest:
        area = _AREA_CODE.match("0" + local)
        if local in plan.emergency_numbers or (area and local[area.end() - 1 :] in plan.emergency_numbers):
            return True
    # North American style: 911 and the last seven digits of the telephone's serial number, also behind the 1.
    return len(digits.removeprefix("1")) == 10 and digits.removeprefix("1").startswith(plan.serial_prefixes)


class NumberKind(StrEnum):
    """What a caller's number is."""

    MOBILE = "mobile"
    LANDLINE = "landline"
    FOREIGN = "foreign"
    SHORT_CODE = "short_code"  #: an information service or an extension: nothing that can be dialled from here
    UNUSUAL = "unusual"  #: digits, of no known form
    WITHHELD = "withheld"  #: the caller, or the network, hides it
    NOT_SENT = "not_sent"  #: nothing came: perhaps a telephone without a SIM card
    UNREADABLE = "unreadable"  #: something came that is no number


@dataclass(frozen=True, slots=True)
class Callability:
    """Whether and how a caller can be called back; `area_code` is a landline's (0254)."""

    kind: NumberKind
    can_call: bool
    area_code: str | None = None


_MOBILE = re.compile(r"08[0-9]{7,12}")
#: Area codes have two digits after the zero in the largest cities and three elsewhere.
_LANDLINE = re.compile(r"(0(?:21|22|24|31|61)|0[2-79][0-9]{2})[0-9]{5,9}")
_FOREIGN = re.compile(r"\+(?!62)[1-9][0-9]{6,14}|00[1-9][0-9]{7,16}")
_HIDING = ("prohib", "restrict")
_HIDDEN_WORDS = ("anonymous", "private", "restricted", "withheld")
_NOTHING_WORDS = ("unknown", "unavailable", "null", "none")
_ZEROS = re.compile(r"\+?0+")
_SHORTEST_DIALLED = 7


def callability(number: str | None, presentation: str, as_sent: str) -> Callability:
    """Say what can be done with a number: `number` as `normalise_number` gave it, the others as the exchange sent."""
    if number is None:
        sent = sent_words(as_sent)
        if presentation.lower().startswith(_HIDING) or sent.startswith(_HIDDEN_WORDS):
            return Callability(NumberKind.WITHHELD, can_call=False)
        # Digits that are no number are what networks send for a telephone without one.
        nothing = sent.strip('<>"') in _NOTHING_WORDS or sends_digits(as_sent) or _ZEROS.fullmatch(sent)
        if not nothing and any(character.isalnum() for character in sent):
            return Callability(NumberKind.UNREADABLE, can_call=False)
        return Callability(NumberKind.NOT_SENT, can_call=False)
    if _FOREIGN.fullmatch(number):
        return Callability(NumberKind.FOREIGN, can_call=True)
    if len(number.removeprefix("+")) < _SHORTEST_DIALLED:
        return Callability(NumberKind.SHORT_CODE, can_call=False)
    if _MOBILE.fullmatch(number):
        return Callability(NumberKind.MOBILE, can_call=True)
    landline = _LANDLINE.fullmatch(number)
    if landline:
        return Callability(NumberKind.LANDLINE, can_call=True, area_code=landline[1])
    return Callability(NumberKind.UNUSUAL, can_call=True)
