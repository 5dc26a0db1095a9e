"""Turns the rows of a pack's files about km posts, neighbouring places and callers' sentences into values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from itertools import pairwise
from pathlib import Path

from dispatch.city.agencies import check_slug
from dispatch.city.model import ExampleSentence, KmPost, Neighbour, PostedRoad
from dispatch.city.rows import Problems, Row, keyed, read_rows


def read_km_posts(folder: Path, problems: Problems) -> tuple[PostedRoad, ...]:
    """km_posts.csv: roads whose km posts callers name, each as known posts in ascending order; may be empty."""
    columns = ("key", "road", "words", "km", "lat", "lon", "accuracy_m", "basis")
    posts: defaultdict[str, list[KmPost]] = defaultdict(list)
    names: dict[str, str] = {}
    words: defaultdict[str, list[str]] = defaultdict(list)
    rows: dict[str, Row] = {}
    for row in read_rows(folder, "km_posts.csv", columns, problems, may_be_empty=True):
        key = row.text("key")
        check_slug(row, "key", key)
        rows[key] = row
        names.setdefault(key, row.text("road"))
        words[key] += row.items("words")
        accuracy = row.number("accuracy_m")
        if accuracy <= 0:
            row.problem("accuracy_m", "must say within how many metres the point holds; write a number above 0")
        posts[key].append(KmPost(row.number("km"), *_point(row), round(accuracy)))
    for key, row in rows.items():
        if len(posts[key]) < 2:
            row.problem("km", f"road '{key}' has one post only; write two at least, so that those between can be found")
        if any(after.km <= before.km for before, after in pairwise(posts[key])):
            row.problem("km", f"the posts of road '{key}' are not in ascending order; sort its rows by km")
        if not words[key]:
            row.problem("words", f"road '{key}' has none; write what callers say for it, such as tol")
    return tuple(PostedRoad(key, names[key], tuple(words[key]), tuple(posts[key])) for key in rows)


def read_neighbours(folder: Path, own_names: Collection[str], problems: Problems) -> tuple[Neighbour, ...]:
    """neighbours.csv: places outside the city that callers name, so that the search can say so; may be empty."""
    columns = ("key", "name", "aliases", "lat", "lon", "basis")
    own = {name.casefold() for name in own_names}
    neighbours = []
    for key, row in keyed(read_rows(folder, "neighbours.csv", columns, problems, may_be_empty=True), "key"):
        check_slug(row, "key", key)
        name, aliases = row.text("name"), row.items("aliases")
        for written in (name, *aliases):
            if written.casefold() in own:
                row.problem("name", f"'{written}' is a kelurahan of the city; leave it out, callers may mean that one")
        neighbours.append(Neighbour(key, name, aliases, *_point(row)))
    return tuple(neighbours)


def read_example_sentences(folder: Path, types: Collection[str], problems: Problems) -> tuple[ExampleSentence, ...]:
    """example_sentences.csv: what callers say and the type that is meant (empty: small talk); may be empty."""
    sentences = []
    for row in read_rows(folder, "example_sentences.csv", ("words", "type"), problems, may_be_empty=True):
        code = row.optional("type")
        if code and code not in types:
            row.problem("type", f"'{code}' is not in incident_types.csv; write a code from there, or none")
            continue
        sentences.append(ExampleSentence(row.text("words"), code))
    return tuple(sentences)


def _point(row: Row) -> tuple[float, float]:
    lat, lon = row.number("lat"), row.number("lon")
    if abs(lat) > 90 or abs(lon) > 180:
        row.problem("lat", f"{lat}, {lon} is no point on earth; latitude comes first")
    return lat, lon
