"""Which passwords cannot be taken: too short, too easy to guess, or made of what everybody here knows.

zxcvbn (Dropbox, MIT) knows tens of thousands of passwords that were stolen and counted, English words and names,
keyboard rows, repeats, years and the usual replacements (p@ssw0rd). It knows no Indonesian: those words stand in
common_words_id.txt. Nothing about kinds of characters is asked (ASVS 5.0, 6.2.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from app.people.passwords import MAX_LENGTH
from dispatch.city.pack import CityPack

_INDONESIAN = Path(__file__).with_name("common_words_id.txt")
_EVERYWHERE = ("siaga", "siaga112", "112", "operator", "supervisor", "admin", "demo", "password", "darurat", "ncc")
LEAST_GUESSES = 10**8  #: fewer are too easy, even slowed down as ours are
LEAST_OTHER_LETTERS = 4  #: besides words that everybody here knows
#: Whatever stands further behind makes a password no weaker; the work is bounded.
_LOOKED_AT = 64
_WORDS = re.compile(r"[a-z]{3,}")


def problem_with(password: str, min_length: int, context: Iterable[str] = ()) -> str | None:
    """Why this password cannot be taken (a code), or None. `context`: words that are no secret here."""
    if len(password) < min_length:
        return "too_short"
    if len(password) > MAX_LENGTH:
        return "too_long"
    known = {word for text in (*_EVERYWHERE, *context) for word in (text.lower(), *_WORDS.findall(text.lower()))}
    if _other_letters(password.lower(), known | {"sandi", "katasandi", "kata", "rahasia"}) < LEAST_OTHER_LETTERS:
        return "too_easy"
    from zxcvbn import zxcvbn  # its lists take a moment to read, and only whoever changes a password needs them

    guesses = zxcvbn(password[:_LOOKED_AT], user_inputs=[*known, *_indonesian()])["guesses"]
    return "too_easy" if guesses < LEAST_GUESSES else None


def context_of(city: CityPack, *of_the_person: str) -> tuple[str, ...]:
    """What is no secret in this centre: the city, its agencies and districts, and the person's own names."""
    kecamatan = {ward.kecamatan for ward in city.kelurahan.values()}
    agencies = (word for agency in city.agencies.values() for word in (agency.code, agency.name))
    return (city.code, city.name, *agencies, *kecamatan, *of_the_person)


def _other_letters(password: str, known: Iterable[str]) -> int:
    """How many different signs are left when the words that everybody knows, and figures, are taken out."""
    left = password
    for word in sorted(known, key=len, reverse=True):
        if len(word) >= 3:
            left = left.replace(word, " ")
    return len({sign for sign in left if not (sign.isascii() and not sign.isalpha())})


@cache
def _indonesian() -> tuple[str, ...]:
    lines = _INDONESIAN.read_text(encoding="utf-8").splitlines()
    return tuple(word for line in lines if not line.startswith("#") for word in line.split())
