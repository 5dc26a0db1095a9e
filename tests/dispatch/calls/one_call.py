"""The call that most tests of this room are about."""

from __future__ import annotations

LINKEDID = "1795485240.7"
NUMBER = "081298765001"
