"""Places from several sources searched as one: the city pack, an import, the centre's own landmarks.

Each source is a layer with an index of its own, so that one landmark more does not index fifty thousand names anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from dispatch.places.names.entries import PlaceEntry
from dispatch.places.names.index import NameIndex


@dataclass(frozen=True, slots=True)
class Layer:
    """Places of one source; the index numbers them from 0."""

    entries: Sequence[PlaceEntry]
    index: NameIndex


class LayeredIndex:
    """Asks the index of every layer; entries are numbered through all of them. Answers as NameIndex does."""

    def __init__(self, layers: Iterable[Layer]) -> None:
        self._parts: list[tuple[int, NameIndex]] = []
        first = 0
        for layer in layers:
            self._parts.append((first, layer.index))
            first += len(layer.entries)

    def equal(self, compact: str) -> dict[int, float]:
        """Entries with exactly this name."""
        return self._all(lambda index: index.equal(compact))

    def beginning(self, compact: str) -> dict[int, float]:
        """Entries with a name, or a later word of one, that begins like this."""
        return self._all(lambda index: index.beginning(compact))

    def similar(self, compact: str, floor: float) -> dict[int, float]:
        """Entries with a name at least `floor` like this."""
        return self._all(lambda index: index.similar(compact, floor))

    def _all(self, ask: Callable[[NameIndex], dict[int, float]]) -> dict[int, float]:
        if len(self._parts) == 1:
            return ask(self._parts[0][1])
        return {first + number: likeness for first, index in self._parts for number, likeness in ask(index).items()}


class Layers:
    """The layers of one moment, as one list of entries and one index."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self.index = LayeredIndex(layers)
        only = layers[0].entries
        self.entries: Sequence[PlaceEntry] = (
            only if len(layers) == 1 else tuple(chain.from_iterable(layer.entries for layer in layers))
        )
