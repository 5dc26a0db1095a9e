"""Reads a pack's CSV files about km posts, neighbouring places and callers' sentences, noting every bad row."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

from dispatch.city.agencies import check_slug
from dispatch.city.fields import Text
from dispatch.city.files import Problems
from dispatch.city.model import ExampleSentence, KmPost, Neighbour, PostedRoad
from dispatch.city.rows import CsvFile, Line, keyed


@dataclass(frozen=True, slots=True)
class _KmPost:
    key: Text
    road: Text
    words: tuple[str, ...]
    km: float
    lat: float
    lon: float
    accuracy_m: int
    basis: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    words: Text
    type: str


_KM_POSTS = CsvFile("km_posts.csv", _KmPost, may_be_empty=True)
_NEIGHBOURS = CsvFile("neighbours.csv", Neighbour, beside=("basis",), may_be_empty=True)
_SENTENCES = CsvFile("example_sentences.csv", _Sentence, may_be_empty=True)


def read_km_posts(folder: Path, problems: Problems) -> tuple[PostedRoad, ...]:
    """km_posts.csv: roads whose km posts callers name, each as known posts in ascending order; may be empty."""
    roads: defaultdict[str, list[Line[_KmPost]]] = defaultdict(list)
    for line in _KM_POSTS.read(folder, problems):
        post = line.value
        check_slug(line, "key", post.key)
        if post.accuracy_m <= 0:
            line.problem("accuracy_m", "must say within how many metres the point holds; write a number above 0")
        _check_point(line, post.lat, post.lon)
        roads[post.key].append(line)
    return tuple(_road(key, lines) for key, lines in roads.items())


def _road(key: str, lines: list[Line[_KmPost]]) -> PostedRoad:
    written, last = [line.value for line in lines], lines[-1]
    words = tuple(word for post in written for word in post.words)
    if len(written) < 2:
        last.problem("km", f"road '{key}' has one post only; write two at least, so that those between can be found")
    if any(after.km <= before.km for before, after in pairwise(written)):
        last.problem("km", f"the posts of road '{key}' are not in ascending order; sort its rows by km")
    if not words:
        last.problem("words", f"road '{key}' has none; write what callers say for it, such as tol")
    posts = tuple(KmPost(post.km, post.lat, post.lon, post.accuracy_m) for post in written)
    return PostedRoad(key, written[0].road, words, posts)


def read_neighbours(folder: Path, own_names: Collection[str], problems: Problems) -> tuple[Neighbour, ...]:
    """neighbours.csv: places outside the city that callers name, so that the search can say so; may be empty."""
    own = {name.casefold() for name in own_names}
    lines = keyed(_NEIGHBOURS.read(folder, problems), "key")
    for line in lines:
        place = line.value
        check_slug(line, "key", place.key)
        for written in (place.name, *place.aliases):
            if written.casefold() in own:
                words = f"'{written}' is a kelurahan of the city; leave it out, callers may mean that one"
                line.problem("name", words)
        _check_point(line, place.lat, place.lon)
    return tuple(line.value for line in lines)


def read_example_sentences(folder: Path, types: Collection[str], problems: Problems) -> tuple[ExampleSentence, ...]:
    """example_sentences.csv: what callers say and the type that is meant (empty: small talk); may be empty."""
    lines = _SENTENCES.read(folder, problems)
    for line in lines:
        code = line.value.type
        if code and code not in types:
            line.problem("type", f"'{code}' is not in incident_types.csv; write a code from there, or none")
    return tuple(ExampleSentence(line.value.words, line.value.type) for line in lines)


def _check_point(line: Line[Any], lat: float, lon: float) -> None:
    if abs(lat) > 90 or abs(lon) > 180:
        line.problem("lat", f"{lat}, {lon} is no point on earth; latitude comes first")
