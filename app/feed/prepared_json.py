"""JSON that was written before: for answers that are the same for many, and for the data blocks of pages."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask.json.provider import DefaultJSONProvider


@dataclass(frozen=True, slots=True)
class PreparedJson:
    """A JSON text that stands for its value wherever Flask writes JSON."""

    text: str

    @classmethod
    def of(cls, value: Any) -> PreparedJson:
        """Write a plain value."""
        return cls(json.dumps(value, separators=(",", ":")))

    def with_members(self, **members: Any) -> PreparedJson:
        """The same object with further members in front; it must not be empty."""
        assert self.text.startswith('{"')
        return PreparedJson(PreparedJson.of(members).text[:-1] + "," + self.text[1:])


class JsonProvider(DefaultJSONProvider):
    """Flask's JSON, compact, in the order of the values, and knowing what was prepared."""

    sort_keys = False
    compact = True

    def dumps(self, obj: Any, **options: Any) -> str:
        """Write a value; a prepared one is written already."""
        return obj.text if isinstance(obj, PreparedJson) else super().dumps(obj, **options)
