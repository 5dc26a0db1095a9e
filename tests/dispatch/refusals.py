"""What a command that is refused says."""

from __future__ import annotations

from typing import Any

import pytest

from dispatch.errors import CommandRefused
from tests.dispatch.shift import Shift


def clocks(ticket: dict[str, Any]) -> list[str]:
    return [clock["kind"] for clock in ticket["clocks"]]


def refusal(shift: Shift, command: Any, **arguments: Any) -> CommandRefused:
    """Give a command that has to be refused, see that it left nothing, and return the refusal."""
    before = shift.everything()
    with pytest.raises(CommandRefused) as refused:
        shift.run(command, **arguments)
    assert shift.everything() == before
    return refused.value
