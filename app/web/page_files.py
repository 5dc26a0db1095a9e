"""Whether the files are there that the pages load and `make install` makes, and made of the scripts as they stand.

A page without its scripts looks nearly right and does nothing: no ring, no clock, no word of what is wrong.
"""

from __future__ import annotations

import re
from pathlib import Path

_APP = Path(__file__).resolve().parents[1]
STATIC, TEMPLATES = _APP / "static", _APP.parent / "templates"
_ASSET = re.compile(r"""asset\(["']([^"']+)["']\)""")
REMEDY = "run: make install (pages may stand still until then; calls do not)"


def problem_of_page_files(templates: Path = TEMPLATES, static: Path = STATIC) -> str | None:
    """What the pages load and does not find, or finds as it was before the scripts changed; None where all is well."""
    named = {name for page in templates.rglob("*.html") for name in _ASSET.findall(page.read_text("utf-8"))}
    missing = sorted(name for name in named if not (static / name).is_file())
    if missing:
        return f"they load what is not there: {', '.join(missing)}"
    changed_at = max((script.stat().st_mtime for script in (static / "js").rglob("*.js")), default=0.0)
    bundles = {name for name in named if name.startswith("bundle/")}
    old = sorted(name for name in bundles if (static / name).stat().st_mtime < changed_at)
    return f"they load scripts of before: {', '.join(old)}" if old else None
