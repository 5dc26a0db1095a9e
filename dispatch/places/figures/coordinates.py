"""Reads coordinates in a text, in the notations that people type, paste and read from a screen.

Decimal with point or comma, degrees and minutes, degrees, minutes and seconds; LS/LU/BT/BB, S/N/E/W, lintang and
bujur; either order. Not by `geopy.Point`, which misreads what it does not understand without saying so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from dispatch.places.plane import METRES_PER_DEGREE

Axis = Literal["lat", "lon"]
_HEMISPHERES: dict[str, tuple[Axis, int]] = {
    **dict.fromkeys(["ls", "s", "south", "lintang selatan"], ("lat", -1)),
    **dict.fromkeys(["lu", "n", "u", "north", "lintang utara"], ("lat", 1)),
    **dict.fromkeys(["bt", "e", "t", "east", "bujur timur"], ("lon", 1)),
    **dict.fromkeys(["bb", "w", "b", "west", "bujur barat"], ("lon", -1)),
}
_LABELS: dict[str, Axis] = {
    **dict.fromkeys(["lat", "latitude", "lintang"], "lat"),
    **dict.fromkeys(["lon", "lng", "long", "longitude", "bujur"], "lon"),
}
_WORDS = "|".join(sorted([*_HEMISPHERES, *_LABELS], key=len, reverse=True)).replace(" ", r"\s{1,9}")
_TOKEN = re.compile(
    rf"""(?P<number>[-+−–]?\d{{1,3}}(?:[.,]\d{{1,15}})?(?!\d))
    |(?P<word>(?:{_WORDS})(?![^\W\d_]))
    |(?P<degree>[°º˚]|derajat\b)
    |(?P<unit>''|["”″“'’′`´]|menit\b|detik\b)
    |(?P<gap>[\s,;:/=()|]+)""",
    re.VERBOSE | re.IGNORECASE,
)
_LETTER_BEFORE = re.compile(r"[\w.]$")
#: The longest pair there is: label, three numbers with their signs and a hemisphere, twice. What may begin later in a
#: longer run is read from there on, so that each token is looked at this often at most.
_MOST_TOKENS = 20
_MIN_DECIMALS = 3  # of a bare pair of decimal degrees; "6.5, 106.1" is more likely something else
#: Bare numbers are taken for coordinates only where Indonesia lies.
_INDONESIA_LAT, _INDONESIA_LON = 11.5, (94.0, 142.0)


@dataclass(frozen=True, slots=True)
class Coordinates:
    """A point read from a text (`start` to `end`); `accuracy_m` says how finely it was written, 10 m at best.

    `signed` where the text says north or south; a bare "6.11 106.15" does not.
    """

    lat: float
    lon: float
    accuracy_m: int
    start: int
    end: int
    signed: bool = True


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Half:
    """One of the two numbers: its value, the axis that the text names, the smallest step it was written in."""

    value: float
    axis: Axis | None
    signed: bool
    step: float
    decimals: int
    parts: int


def coordinates_in(text: str) -> Iterator[Coordinates]:
    """The coordinates in the text, none overlapping another."""
    for run in _runs(text):
        for first in range(len(run) - 1):  # "no 12 -6.11 106.15": what comes before may belong to something else
            found = _read(run[first : first + _MOST_TOKENS])
            if found is not None:
                yield found
                break


def _runs(text: str) -> Iterator[list[_Token]]:
    """Stretches of nothing but numbers and what may stand between and beside them."""
    run: list[_Token] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        kind = match.lastgroup if match else None
        before = _LETTER_BEFORE.search(text, max(0, at - 1), at) if not run and kind in ("number", "word") else None
        if match is None or kind is None or before or (kind != "gap" and _cut_word(text, match)):
            if len(run) > 1:
                yield run
            run, at = [], at + 1
            continue
        if kind != "gap":
            run.append(_Token(kind, match.group(), match.start(), match.end()))
        at = match.end()
    if len(run) > 1:
        yield run


def _cut_word(text: str, match: re.Match[str]) -> bool:
    """Whether letters follow that make another word of it ("2rw"), which "43.9S" does not."""
    end = match.end()
    if match.lastgroup not in ("number", "word") or end >= len(text) or not text[end].isalpha():
        return False
    following = _TOKEN.match(text, end)
    return following is None or following.lastgroup not in ("word", "degree", "unit")


def _read(tokens: Sequence[_Token]) -> Coordinates | None:
    halves, last = _halves(tokens)
    if len(halves) != 2:
        return None
    first, second = halves
    axes = (first.axis, second.axis)
    swapped = axes == (None, None) and _swapped(first.value, second.value)
    if swapped or axes in (("lon", "lat"), ("lon", None), (None, "lat")):
        first, second = second, first
    elif axes in (("lat", "lat"), ("lon", "lon")):
        return None
    if abs(first.value) > 90 or abs(second.value) > 180:
        return None
    if None in axes and not _plausible(first, second):
        return None
    step = max(first.step, second.step)
    accuracy_m = max(10, round(step * METRES_PER_DEGREE))
    return Coordinates(first.value, second.value, accuracy_m, tokens[0].start, last.end, first.signed)


def _plausible(lat: _Half, lon: _Half) -> bool:
    """Whether two numbers without letters are a point: written finely enough, and in Indonesia."""
    if lat.parts == 1 and min(lat.decimals, lon.decimals) < _MIN_DECIMALS:
        return False
    west, east = _INDONESIA_LON
    return abs(lat.value) <= _INDONESIA_LAT and west <= lon.value <= east


def _swapped(first: float, second: float) -> bool:
    west, east = _INDONESIA_LON
    return west <= first <= east and abs(second) <= _INDONESIA_LAT


def _halves(tokens: Sequence[_Token]) -> tuple[list[_Half], _Token]:
    """The two halves at the beginning of the tokens and the last token they take; no halves where there are not two."""
    none: tuple[list[_Half], _Token] = ([], tokens[0])
    if tokens[0].kind not in ("number", "word"):
        return none
    words_first = tokens[0].kind == "word"
    groups: list[list[_Token]] = [[]]
    numbered = False  # whether the group that grows has a number
    for place, token in enumerate(tokens):
        group = groups[-1]
        if token.kind == "word":
            is_label = _key(token) in _LABELS
            if words_first or is_label:
                if numbered:
                    groups.append([token])
                    numbered = False
                else:
                    group.append(token)
            else:
                group.append(token)
                groups.append([])
                numbered = False
        elif token.kind == "number" and numbered and _begins(token, tokens[place + 1 : place + 2], group):
            groups.append([token])
        else:
            group.append(token)
            numbered = numbered or token.kind == "number"
        if len(groups) == 3 and groups[2]:
            break
    groups = [group for group in groups if any(token.kind == "number" for token in group)][:2]
    if len(groups) == 1:
        groups = _split_evenly(groups[0])
    if len(groups) != 2:
        return none
    halves = [half for group in groups if (half := _half(group)) is not None]
    return (halves, groups[1][-1]) if len(halves) == 2 else none


def _begins(token: _Token, following: Sequence[_Token], group: Sequence[_Token]) -> bool:
    """Whether a number begins the second half: a degree sign follows, it has a sign, or the first half is complete."""
    if following and following[0].kind == "degree":
        return True
    if token.text[0] in "-+−–":
        return True
    return len(group) > 1 and group[0].kind == "number" and group[-1].kind == "word" and _key(group[-1]) in _HEMISPHERES


def _split_evenly(group: list[_Token]) -> list[list[_Token]]:
    """Two halves of a run without letters: 1 and 1, 2 and 2 or 3 and 3 numbers."""
    places = [at for at, token in enumerate(group) if token.kind == "number"]
    for size in (1, 2, 3):
        if len(places) == 2 * size or (size == 1 and len(places) > 1 and _is_fine(group[places[0]])):
            middle = places[size]
            end = places[2 * size] if len(places) > 2 * size else len(group)
            return [group[:middle], group[middle:end]]
    return [group]


def _is_fine(token: _Token) -> bool:
    return len(re.split(r"[.,]", token.text)[-1]) >= _MIN_DECIMALS and bool(re.search(r"[.,]", token.text))


def _half(group: Sequence[_Token]) -> _Half | None:
    words = [_key(token) for token in group if token.kind == "word"]
    numbers = [token.text for token in group if token.kind == "number"]
    if not 1 <= len(numbers) <= 3 or len([word for word in words if word in _HEMISPHERES]) > 1:
        return None
    if any(re.search(r"[.,]", number) for number in numbers[:-1]) or any(number[0] in "-+−–" for number in numbers[1:]):
        return None  # only the last part has a fraction, only the first a sign
    values = [float(number.lstrip("-+−–").replace(",", ".")) for number in numbers]
    if any(value >= 60 for value in values[1:]):
        return None
    decimals = len(numbers[-1].replace(",", ".").partition(".")[2])
    size = sum(value / 60**place for place, value in enumerate(values))
    step = 10.0**-decimals / 60 ** (len(numbers) - 1)
    hemisphere = next((_HEMISPHERES[word] for word in words if word in _HEMISPHERES), None)
    label = next((_LABELS[word] for word in words if word in _LABELS), None)
    negative = numbers[0][0] in "-−–"
    sign = hemisphere[1] if hemisphere else (-1 if negative else 1)
    signed = hemisphere is not None or numbers[0][0] in "-+−–"
    return _Half(sign * size, hemisphere[0] if hemisphere else label, signed, step, decimals, len(numbers))


def _key(token: _Token) -> str:
    return re.sub(r"\s+", " ", token.text.lower())
