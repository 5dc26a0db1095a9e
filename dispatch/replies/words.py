"""What an answer asks for: a button's payload or a first word, a number, and the rest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from dispatch.city.model import DeclineReason
from dispatch.text import clean_line


class Wish(StrEnum):
    """What somebody wants to report; the values are the words and the buttons' payloads."""

    ACCEPT = "terima"
    DECLINE = "tolak"
    EN_ROUTE = "menuju"
    ON_SCENE = "tiba"
    CLEAR = "selesai"
    CHECK_IN = "siap"


#: Other words for the same, as people write them.
_ALIKE = {"diterima": Wish.ACCEPT, "ditolak": Wish.DECLINE, "berangkat": Wish.EN_ROUTE, "sampai": Wish.ON_SCENE}
#: Those that are followed by words of one's own.
_WITH_WORDS = frozenset({Wish.DECLINE, Wish.CLEAR})
_PAYLOAD = re.compile(r"([a-z]{2,10}):([0-9a-f]{32})")
_NUMBER = re.compile(r"\s*(?:no(?:mor)?\.?\s*)?#?\s*((?:\d{6}-)?\d{3,5})\b[\s,.:;!-]*", re.I)
_WORD = re.compile(r"\s*([A-Za-z]+)[\s,.:;!-]*")
LONGEST = 1000


@dataclass(frozen=True, slots=True)
class Asked:
    """What an answer asks for."""

    wish: Wish | None
    message_id: str | None = None  #: of the message whose button was pressed
    number: str | None = None  #: of the ticket, short or whole, as typed
    rest: str = ""


def understand(payload: str | None, words: str) -> Asked:
    """Read an answer. What does not begin with one of the words is not guessed at."""
    pressed = _PAYLOAD.fullmatch(payload or "")
    if pressed is not None:
        return Asked(_wish(pressed[1]), message_id=pressed[2])
    text = clean_line(words, LONGEST)
    first = _WORD.match(text)
    wish = _wish(first[1]) if first is not None else None
    if first is None or wish is None:
        return Asked(None)
    rest = text[first.end() :]
    number = _NUMBER.match(rest)
    if number is None:
        # "Terima kasih" thanks, "tiba-tiba" tells a story: neither reports anything.
        return Asked(wish, rest=rest.strip()) if wish in _WITH_WORDS or not rest.strip() else Asked(None)
    return Asked(wish, number=number[1], rest=rest[number.end() :].strip())


def _wish(word: str) -> Wish | None:
    known = word.casefold()
    return Wish(known) if known in set(Wish) else _ALIKE.get(known)


def decline_reason(words: str, reasons: Sequence[DeclineReason]) -> str | None:
    """The code of the reason that these words name; `other` where they name none; None without words."""
    text = words.casefold().strip()
    if not text:
        return None
    for reason in reasons:
        if text.startswith((reason.code.casefold(), reason.name_id.casefold())):
            return reason.code
    codes = {reason.code for reason in reasons}
    return "other" if "other" in codes else reasons[-1].code
