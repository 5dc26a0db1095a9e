"""Icons as part of a page that loads no sprite: the drawings of vendor/icons.js, by their names."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

from flask import current_app
from markupsafe import Markup

_SYMBOL = re.compile(r'<symbol id="icon-([a-z0-9-]+)" viewBox="0 0 24 24">(.*?)</symbol>')
_TEXT = re.compile(r"parseFromString\((\".*\"), \"image/svg\+xml\"\)")


def inline_icon(name: str) -> Markup:
    """An icon beside words; an empty drawing where it is not known."""
    drawing = _drawings(Path(current_app.static_folder or "")).get(name, "")
    shape = f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{drawing}</svg>'
    return Markup(shape)  # noqa: S704 - made at the build from lucide-static


@cache
def _drawings(static: Path) -> dict[str, str]:
    sprite = static / "vendor" / "icons.js"
    found = _TEXT.search(sprite.read_text(encoding="utf-8")) if sprite.is_file() else None
    return dict(_SYMBOL.findall(json.loads(found[1]))) if found is not None else {}
