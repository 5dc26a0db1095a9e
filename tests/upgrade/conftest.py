"""A version of the software that is yet to come."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.upgrade.newer_software import NewerSoftware, newer_software


@pytest.fixture
def newer(tmp_path: Path) -> Callable[..., NewerSoftware]:
    return lambda *steps, oldest=None: newer_software(tmp_path / "newer", *steps, oldest=oldest)
