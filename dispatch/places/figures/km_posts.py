"""Reads a km post in a text ("tol km 72", "km 73+400 arah Merak") and says where it stands."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from dispatch.city.model import KmPost, PostedRoad

_S = r"\s{0,9}"  # spaces between the parts of a post: bounded, because two such runs may stand side by side
_KM = re.compile(
    rf"(?<!\w)(?:km|kilo ?meter|kilo){_S}\.?{_S}(\d{{1,3}})(?!\d)(?:{_S}[+,.]{_S}(\d{{1,3}})(?!\d))?", re.I
)
_DIRECTION = re.compile(
    rf"{_S}(?:,|yang|yg|ke)?{_S}(?:arah|arh|jurusan|menuju|ke)\s{{1,9}}(?:ke\s{{1,9}})?(\w{{1,40}})", re.I
)
_NEAR = 40  # characters between the road's name and the post
#: The road bends between two known posts, so that a post between them is less sure.
_BEND_M_PER_KM = 150


@dataclass(frozen=True, slots=True)
class ReadPost:
    """A post named in a text; `spans` are its words. Without a point where it lies beyond all known posts.

    `beyond_km` is how far beyond the known post `nearest` it lies, along the road.
    """

    road: PostedRoad
    km: float
    lat: float | None
    lon: float | None
    accuracy_m: int | None
    nearest: KmPost
    beyond_km: float
    direction: str | None
    spans: tuple[tuple[int, int], ...]

    @property
    def label(self) -> str:
        """The post as it is written on its sign: 72, 73+400."""
        whole = int(self.km)
        metres = round((self.km - whole) * 1000)
        return f"{whole}+{metres:03d}" if metres else str(whole)


def posts_in(text: str, roads: Iterable[PostedRoad]) -> Iterator[ReadPost]:
    """The posts that the text names together with their road; a km without such a road is no post of one."""
    named = sorted(
        ((match.start(), at, road, match) for at, road in enumerate(roads) for match in _names(road).finditer(text)),
        key=lambda one: one[:2],
    )
    starts = [one[0] for one in named]
    longest = max((match.end() - start for start, _, _, match in named), default=0)
    for match in _KM.finditer(text):
        first = bisect_left(starts, match.start() - _NEAR - longest)
        last = bisect_right(starts, match.end() + _NEAR)
        near = [one for one in named[first:last] if _gap(match, one[3]) <= _NEAR]
        if not near:
            continue
        _, _, road, name = min(near, key=lambda one: (_gap(match, one[3]), one[0], one[1]))
        km = int(match[1]) + (int(match[2].ljust(3, "0")) / 1000 if match[2] else 0.0)
        direction = _DIRECTION.match(text, match.end())
        end = direction.end() if direction else match.end()
        # A bare "tol" stays in the text: it may begin a name, such as that of a gate ("tol serang barat km 77").
        spans = [(name.start(), name.end())] if len(name.group().split()) > 1 else []
        yield _placed(road, km, direction[1] if direction else None, (*spans, (match.start(), end)))


def _names(road: PostedRoad) -> re.Pattern[str]:
    ways = sorted(road.words, key=len, reverse=True)
    written = "|".join(r"[\s-]{1,9}".join(map(re.escape, way.split())) for way in ways)
    return re.compile(rf"(?<!\w)(?:jalan |jln? )?(?:{written})(?!\w)", re.I)


def _gap(first: re.Match[str], second: re.Match[str]) -> int:
    return max(first.start() - second.end(), second.start() - first.end(), 0)


def _placed(road: PostedRoad, km: float, direction: str | None, spans: tuple[tuple[int, int], ...]) -> ReadPost:
    nearest = min(road.posts, key=lambda post: abs(post.km - km))
    lowest, highest = road.posts[0].km, road.posts[-1].km
    if not lowest <= km <= highest:
        beyond = lowest - km if km < lowest else km - highest
        return ReadPost(road, km, None, None, None, nearest, beyond, direction, spans)
    before, after = next((one, two) for one, two in pairwise(road.posts) if one.km <= km <= two.km)
    share = (km - before.km) / (after.km - before.km)
    lat = before.lat + share * (after.lat - before.lat)
    lon = before.lon + share * (after.lon - before.lon)
    accuracy = before.accuracy_m + share * (after.accuracy_m - before.accuracy_m)
    accuracy += _BEND_M_PER_KM * abs(nearest.km - km)
    return ReadPost(road, km, lat, lon, round(accuracy), nearest, 0.0, direction, spans)
