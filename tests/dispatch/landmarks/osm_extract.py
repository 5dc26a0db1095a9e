"""Makes small OpenStreetMap extracts for tests, with pyosmium's own writer."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import osmium
from osmium.osm.mutable import Node, Relation, Way

Point = tuple[float, float]


class Extract:
    """An extract in the making: `node`, `way` and `area` take (lat, lon) points and tags."""

    def __init__(self) -> None:
        self._nodes: list[Node] = []
        self._ways: list[Way] = []
        self._relations: list[Relation] = []

    def node(self, at: Point, **tags: str) -> int:
        self._nodes.append(Node(id=len(self._nodes) + 1, location=(at[1], at[0]), version=1, tags=_keys(tags)))
        return len(self._nodes)

    def way(self, *points: Point, **tags: str) -> int:
        nodes = [self.node(point) for point in dict.fromkeys(points)]
        closed = nodes + nodes[:1] if points[0] == points[-1] else nodes
        self._ways.append(Way(id=len(self._ways) + 1, nodes=closed, version=1, tags=_keys(tags)))
        return len(self._ways)

    def relation(self, way: int, **tags: str) -> None:
        members = [("w", way, "outer")]
        all_tags = {"type": "multipolygon", **_keys(tags)}
        self._relations.append(Relation(id=len(self._relations) + 1, members=members, version=1, tags=all_tags))

    def write(self, path: Path) -> Path:
        with osmium.SimpleWriter(str(path), overwrite=True) as writer:
            for node in self._nodes:
                writer.add_node(node)
            for way in self._ways:
                writer.add_way(way)
            for relation in self._relations:
                writer.add_relation(relation)
        return path


def square(at: Point, side: float = 0.001) -> list[Point]:
    """A closed ring around a point, in degrees."""
    lat, lon = at
    half = side / 2
    ring = [(lat - half, lon - half), (lat - half, lon + half), (lat + half, lon + half), (lat + half, lon - half)]
    return [*ring, ring[0]]


def _keys(tags: Mapping[str, str]) -> dict[str, str]:
    """Keyword arguments cannot hold a colon: name__id is name:id."""
    return {key.replace("__", ":"): value for key, value in tags.items()}
