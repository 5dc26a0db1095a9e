"""The tries to sign in that are under way on this node, and how those before ended."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from app.people.sign_in_limits import UnderWay
from app.people.turns import Turns


@dataclass
class SignIns:
    """What this node keeps of the tries to sign in that are under way, and how those before ended."""

    turns: Turns = field(default_factory=Turns)
    under_way: UnderWay = field(default_factory=UnderWay)
    ended: Counter[str] = field(default_factory=Counter)  #: by `succeeded`, `failed`, `refused`
