"""What a field of a pack may hold, said beside its type; `checking` reads it. Knows no pydantic, as it loads slowly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

from annotated_types import BaseMetadata, Ge, GroupedMetadata, Le, Predicate


@dataclass(frozen=True, slots=True)
class Between(GroupedMetadata):
    """The least and the greatest number that a field may hold."""

    low: float
    high: float

    def __iter__(self) -> Iterator[BaseMetadata]:
        yield Ge(self.low)
        yield Le(self.high)


#: A text that says something.
Text = Annotated[str, Predicate(str.strip)]
