"""How long to look for what random steps and endless texts may find: a landing longer than an everyday run."""

from __future__ import annotations

import os

LANDING = os.environ.get("SIAGA_REQUIRE_REAL") == "1"


def examples(landing: int) -> int:
    """How many random examples to try: so many before a change lands, a third of them every day."""
    return landing if LANDING else max(1, landing // 3)
