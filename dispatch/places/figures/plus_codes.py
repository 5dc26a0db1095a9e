"""Reads Plus Codes (Open Location Code, github.com/google/open-location-code), full and short, in a text.

Written here because the Python package has had no release since 2019 and the decoding is a page long.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from dispatch.places.plane import METRES_PER_DEGREE

_DIGITS = "23456789CFGHJMPQRVWX"
_CODE = re.compile(
    rf"(?<![\w+])([{_DIGITS}]{{4}}|[{_DIGITS}]{{6}}|[{_DIGITS}]{{8}})\+([{_DIGITS}]{{2,7}})?(?![\w+])", re.IGNORECASE
)
_FULL = 8  # digits before the plus sign of a full code
_GRID_ROWS, _GRID_COLUMNS = 5, 4  # how a cell is divided from the eleventh digit on


@dataclass(frozen=True, slots=True)
class PlusCode:
    """A code in a text (`start` to `end`), the middle of its cell and half the cell's height in metres."""

    lat: float
    lon: float
    accuracy_m: int
    start: int
    end: int


def plus_codes(text: str, near: tuple[float, float]) -> Iterator[PlusCode]:
    """The codes in the text; a short one is the nearest of its name to the point `near` (latitude, longitude)."""
    for match in _CODE.finditer(text):
        before, after = match[1].upper(), (match[2] or "").upper()
        missing = _FULL - len(before)
        if missing and not after:
            continue  # "CIRU+" is no code: a short one always says something after the plus sign
        full = (encode(*near)[:missing] if missing else "") + before + after
        cell = _cell(full)
        if cell is None:
            continue
        south, west, height, width = cell
        lat, lon = south + height / 2, west + width / 2
        if missing:
            step = 20.0 ** (2 - missing // 2)  # degrees between two places of the same short code
            lat, lon = _nearest(lat, near[0], step), _nearest(lon, near[1], step)
        yield PlusCode(lat, lon, max(10, round(height / 2 * METRES_PER_DEGREE)), match.start(), match.end())


def encode(lat: float, lon: float) -> str:
    """The ten digits of a point, without the plus sign."""
    south, west = min(max(lat + 90, 0.0), 180 - 1e-9), (lon + 180) % 360
    digits = ""
    step = 20.0
    for _ in range(5):
        row, column = int(south // step), int(west // step)
        digits += _DIGITS[row] + _DIGITS[column]
        south, west, step = south - row * step, west - column * step, step / 20
    return digits


def _cell(digits: str) -> tuple[float, float, float, float] | None:
    """South and west edge, height and width in degrees; None for a code of no place on earth."""
    if _DIGITS.index(digits[0]) > 8 or _DIGITS.index(digits[1]) > 17:
        return None
    south, west, height, width = -90.0, -180.0, 400.0, 400.0
    for at in range(0, min(len(digits), 10) - 1, 2):
        height, width = height / 20, width / 20
        south += _DIGITS.index(digits[at]) * height
        west += _DIGITS.index(digits[at + 1]) * width
    for digit in digits[10:]:
        height, width = height / _GRID_ROWS, width / _GRID_COLUMNS
        row, column = divmod(_DIGITS.index(digit), _GRID_COLUMNS)
        south, west = south + row * height, west + column * width
    return south, west, height, width


def _nearest(value: float, reference: float, step: float) -> float:
    return value + round((reference - value) / step) * step
