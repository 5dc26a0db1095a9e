"""The keys of the console: what each command has at the beginning, and which keys may be put in its place.

Names of keys are those of a browser's KeyboardEvent.key (W3C UI Events), with `Ctrl+` and `Shift+` before them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Connection, select

from dispatch.errors import InvalidValue
from dispatch.storage.tables import UserKeys

#: command -> key. Claiming and setting aside never share a key.
DEFAULT_KEYS: Mapping[str, str] = MappingProxyType(
    {
        "take": "Enter",
        "take-longest": "Shift+Enter",
        "prank": "F2",
        "ghost": "F3",
        "information": "F4",
        "wrong_number": "F8",
        "dropped": "F9",
        "send": "Ctrl+Enter",
        "undo": "Ctrl+Z",
        "join": "Ctrl+G",
        "location": "Ctrl+;",
        "search": "/",
        "commands": "Ctrl+K",
        "help": "F1",
    }
)
#: What browsers, their menus and screen readers need, or what a word is typed with.
RESERVED = frozenset({"F5", "F6", "F7", "F10", "F11", "F12", "Tab", "Escape", " ", "Ctrl+Tab", "Ctrl+Shift+Tab"})
_BROWSER = re.compile(r"Ctrl\+(Shift\+)?([A-Z0-9]|F4)")
_FREE = re.compile(r"(?:Ctrl\+)?(?:Shift\+)?(?:F[1-9]|Enter|Insert|Pause|ScrollLock)|/|;|-|Ctrl\+[KZ]")
_PLAIN_CLAIM = frozenset({"take"})  #: Enter alone only ever takes a call


def check_keys(keys: Mapping[str, str]) -> None:
    """Raise InvalidValue for an unknown command, a key that cannot be used, or one that two commands would share."""
    for command, key in keys.items():
        if command not in DEFAULT_KEYS:
            raise InvalidValue(f"keys.{command[:40]}", "unknown")
        own = key == DEFAULT_KEYS[command]
        if not own and (key in RESERVED or not _FREE.fullmatch(key) or _BROWSER.fullmatch(key)):
            raise InvalidValue(f"keys.{command}", "reserved")
        if key == "Enter" and command not in _PLAIN_CLAIM:
            raise InvalidValue(f"keys.{command}", "reserved")
        if command in ("prank", "ghost", "information", "wrong_number", "dropped") and len(key) == 1:
            # A letter or a sign belongs to the entry line: it must never set a call aside.
            raise InvalidValue(f"keys.{command}", "reserved")
    all_keys = [*{**DEFAULT_KEYS, **keys}.values()]
    for key in all_keys:
        if all_keys.count(key) > 1:
            raise InvalidValue("keys", "taken")


def keys_of(connection: Connection, user_id: int) -> dict[str, str]:
    """Return the keys that a user has changed."""
    return dict(connection.execute(select(UserKeys.keys).where(UserKeys.user_id == user_id)).scalar() or {})
