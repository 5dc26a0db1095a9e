"""Which tests stay together when several workers share them (`pytest -n`)."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parent.parent
#: The fixtures that are a whole running application, or people and telephones of one, shared by all tests of a file.
SERVER_OF_A_FILE = re.compile(r"\b(siaga|people|exchange|office|running_app)\b")
#: What starts processes or plays thousands of steps takes long, however few tests it is.
LONG_FILE = re.compile(r"running_server|throwaway_postgres|readers|subprocess|state_machine|nasty")


class ServedFilesTogether(LoadScopeScheduling):  # type: ignore[misc]
    """A file whose tests share a running application goes to one worker; every other test to whoever is free.

    Made for `--dist loadgroup`, whose marks xdist 3.8 loses under pytest 9.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return file if shares_a_server(ROOT / file) else nodeid


@cache
def is_long(file: Path) -> bool:
    """Whether a file of tests is better begun early, so that nobody waits for it at the end."""
    return bool(LONG_FILE.search(file.read_text(encoding="utf-8")))


@cache
def shares_a_server(file: Path) -> bool:
    """Whether the tests of a file share a running application, so that all of them stay on one worker."""
    return bool(SERVER_OF_A_FILE.search(file.read_text(encoding="utf-8")))
