"""What the descriptions of payloads share; each room describes its own in its `shapes.py`.

A payload is a plain dict that can be written as JSON. Its TypedDict is its one description: mypy holds the function
that makes it to it, and the API's document and the scripts' types are made from it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler

Instant = str  #: ISO-8601, UTC, milliseconds: 2026-11-24T02:14:36.120Z


@dataclass(frozen=True, slots=True)
class OneOf:
    """Says which values a plain string has, such as an enumeration's: `Annotated[str, OneOf(CallState)]`.

    The enumeration itself as the type would not be true: payloads carry what rows hold, and `is` finds no member there.
    """

    values: Iterable[str]

    def __get_pydantic_json_schema__(self, core_schema: Any, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Describe it as JSON Schema does (read by pydantic, and only where a description is made)."""
        values = [str(value) for value in self.values]
        return {**handler(core_schema), **({"enum": values} if len(values) > 1 else {"const": values[0]})}
