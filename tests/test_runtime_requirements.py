"""A node runs on requirements.txt alone: what only the tests bring along would be missed in production."""

import json
import re
import subprocess
import sys
from importlib.metadata import packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
_IMPORT_A_NODE = """
import json, sys
from importlib.abc import MetaPathFinder

class NotInstalled(MetaPathFinder):
    missing = frozenset(json.load(sys.stdin))

    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in self.missing:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, NotInstalled())
import app.gunicorn_settings
import wsgi, telephony.simulator.__main__
"""


def with_all_they_bring(lines: list[str]) -> set[str]:
    """The distributions that pip installs for these lines, here and now."""
    found: set[tuple[str, str]] = set()
    waiting = [Requirement(line) for line in lines]
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        for extra in {"", *requirement.extras} - {extra for known, extra in found if known == name}:
            found.add((name, extra))
            waiting += [
                brought
                for brought in map(Requirement, requires(name) or [])
                if brought.marker is None or brought.marker.evaluate({"extra": extra})
            ]
    return {name for name, _ in found}


def test_a_node_starts_without_what_only_the_tests_install() -> None:
    lines = (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    brought = with_all_they_bring([line for line in lines if re.match(r"[A-Za-z]", line)])
    missing = [
        module
        for module, owners in packages_distributions().items()
        if brought.isdisjoint(map(canonicalize_name, owners))
    ]
    assert "pytest" in missing
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_A_NODE],
        cwd=ROOT,
        input=json.dumps(missing),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
