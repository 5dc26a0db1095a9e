"""What the deployable files promise, read off the files themselves; the only tests here that need no Asterisk."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from dispatch.nuisance.rules import GATE_LIMIT_S
from telephony.gate_prompt import ASK, GOODBYE, RATE_HZ
from tests.asterisk.asterisk_instance import DEPLOYABLE, Ports, fill_in
from tests.asterisk.call_record import CEL_FIELDS

FILES = sorted(path for path in DEPLOYABLE.iterdir() if path.suffix in (".conf", ".cfg"))


def number(pattern: str, name: str) -> list[float]:
    """Every number that a pattern finds in a file."""
    return [float(found) for found in re.findall(pattern, (DEPLOYABLE / name).read_text())]


def test_the_fuse_is_above_the_guards_limits_and_below_five_seconds() -> None:
    silence_s = number(r"(?m)^\s*timeout server (\d+)s", "haproxy.cfg")
    (connect_ms,) = number(r"(?m)^\s*timeout connect (\d+)ms", "haproxy.cfg")
    (fuse_s,) = number(r"(?m)^SIAGA_FUSE_S = ([\d.]+)", "extensions.conf")
    assert sum(silence_s) + connect_ms / 1000 < fuse_s < 5
    assert len(silence_s) == 2


def test_where_the_fuse_is_set_it_has_somewhere_to_go() -> None:
    """TIMEOUT(absolute) without an extension T hangs the caller up."""
    dialplan = (DEPLOYABLE / "extensions.conf").read_text()
    contexts = re.split(r"(?m)^\[", dialplan)
    fused = [context for context in contexts if "TIMEOUT(absolute)=" in context]
    assert len(fused) == 3
    assert all("exten => T,1," in context for context in fused)
    assert all("AGIEXITONHANGUP=yes" in context for context in fused if "AGI(agi://" in context)


def test_the_gate_ends_when_the_software_thinks_it_does_and_leaves_time_for_two_prompts() -> None:
    (fuse_s,) = number(r"(?m)^SIAGA_GATE_FUSE_S = (\d+)", "extensions.conf")
    (wait_s,) = number(r"(?m)^SIAGA_GATE_WAIT_S = (\d+)", "extensions.conf")
    (heard_s,) = number(r"(?m)^SIAGA_GATE_HEARD_S = (\d+)", "extensions.conf")
    prompt_s = (DEPLOYABLE / "sounds" / ASK).stat().st_size / RATE_HZ
    assert fuse_s == GATE_LIMIT_S
    assert 2 * wait_s < heard_s < 2 * (wait_s + prompt_s) < fuse_s


def test_the_sounds_are_there_and_small() -> None:
    sizes = [(DEPLOYABLE / "sounds" / name).stat().st_size for name in (ASK, GOODBYE)]
    assert all(size > 4 * RATE_HZ for size in sizes)
    assert sum(sizes) < 200_000


def test_the_record_of_calls_has_the_fields_that_are_documented() -> None:
    (mapping,) = re.findall(r"(?m)^siaga-112.csv => (.+)$", (DEPLOYABLE / "cel_custom.conf").read_text())
    fields = re.findall(r"\$\{CSV_QUOTE\(\$\{(?:(?:CHANNEL|CALLERID)\((\w+)\)|(\w+))\}\)\}", mapping)
    assert ["".join(field) for field in fields] == CEL_FIELDS
    described = " ".join((DEPLOYABLE / "README.md").read_text().split())
    assert ", ".join(CEL_FIELDS) in described


@cache
def _ports() -> Ports:
    """One rig's: what is handed out is not given back, and a rig takes hundreds."""
    return Ports()


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_example_value_is_marked_and_filled_in(path: Path) -> None:
    text = path.read_text()
    assert "192.0.2." not in fill_in(text, _ports())
    if "192.0.2." in text or re.search(r"password = ", text):
        assert "CHANGE" in text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_readme_says_where_every_file_goes(path: Path) -> None:
    assert f"`{path.name}`" in (DEPLOYABLE / "README.md").read_text()
