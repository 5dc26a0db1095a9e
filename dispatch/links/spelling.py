"""Crockford's base 32, in which whatever a person may have to read or type is spelled: no I, L, O, U."""

from __future__ import annotations

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def spell(number: int, length: int = 1) -> str:
    """A number in base 32, the lowest digit last, with as many zeros before it as make `length`."""
    digits = ""
    while number or len(digits) < length:
        number, digit = divmod(number, 32)
        digits = ALPHABET[digit] + digits
    return digits


def as_written(typed: str) -> str | None:
    """What was typed or heard, in the one spelling (small letters, O for 0, I or L for 1); None for anything else."""
    text = typed.upper().translate(_READ_AS)
    return text if text and set(text) <= set(ALPHABET) else None


def read_number(digits: str) -> int:
    """The number that `spell` has spelled so."""
    number = 0
    for digit in digits:
        number = number * 32 + ALPHABET.index(digit)
    return number
