"""Whether a number can be called back, and what kind of number it is, by the Indonesian numbering plan."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from dispatch.caller import sends_digits, sent_words


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
