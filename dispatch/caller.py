"""The caller's number (ANI): one spelling for one subscriber, and none at all where none was sent."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[\s().\-/]+")
_DIALABLE = re.compile(r"\+?[0-9]{3,20}")
_COUNTRY_CODE = "62"
#: What networks send in place of a number for a telephone without a SIM card: nobody's own, shared by many callers.
_PLACEHOLDERS = frozenset({"110", "112", "113", "118", "119", "911"})


def normalise_number(as_sent: str) -> str | None:
    """Return a dialable number in national form (`0812...`), or None.

    None stands for whatever must never be matched against a history or a block: empty, `anonymous`, `unknown`, letters,
    too short or too long, an emergency number, one digit repeated (`0000`). 112 works without a SIM card, so such calls
    are ordinary.
    """
    compact = _SEPARATORS.sub("", as_sent)
    if not _DIALABLE.fullmatch(compact):
        return None
    digits = compact.removeprefix("+")
    if digits in _PLACEHOLDERS or len(set(digits)) == 1:
        return None
    if digits.startswith(_COUNTRY_CODE) and len(digits) >= 9:
        # "+62 (0)812": the trunk zero that some exchanges leave in.
        return "0" + digits[len(_COUNTRY_CODE) :].removeprefix("0")
    return compact
