"""Asterisk, as far as it is seen from here: its record, its telephones, its clock, and itself where it runs here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.checks.finding import Finding, Standing, ok, unseen, wrong
from config import Settings
from dispatch.centre import Centre
from dispatch.storage.tables import Call

SCRIPT = Path(__file__).resolve().parents[2] / "telephony" / "asterisk" / "check.sh"
RECORD = "siaga-112.csv"
SCRIPT_S = 60
#: A call is in the record at once; minutes later it is missing there.
RECORDED_WITHIN = timedelta(minutes=5)
#: How many of the newest calls are looked at, and how far a call's name may lie from its arrival.
NEWEST_CALLS = 20
CLOCK_APART_S = 120.0
_LINKEDID = re.compile(r"(?:.*-)?([0-9]{9,10})\.[0-9]+")
_LINE = re.compile(r"(ok|WRONG|not seen) {2,}(.*)")


def check_exchange(settings: Settings, centre: Centre) -> Iterator[Finding]:
    """Look at what Asterisk tells of itself, from near to far."""
    if shutil.which("asterisk"):
        yield from _on_this_machine()
    else:
        yield unseen("Asterisk: it is not on this machine", "run there: sh telephony/asterisk/check.sh")
    try:
        with centre.read() as connection:
            calls = connection.execute(
                select(Call.linkedid, Call.received_at).order_by(Call.id.desc()).limit(NEWEST_CALLS)
            ).all()
    except SQLAlchemyError:
        return
    if not calls:
        yield unseen("calls: none has come in yet")
    newest = max((call.received_at for call in calls), default=None)
    if settings.cel_dir is not None:
        yield _record(settings.cel_dir, newest)
    elif not shutil.which("asterisk"):
        yield unseen(
            "record: nothing here reads it",
            "on the Asterisk machine: siaga-record-post (telephony/asterisk/README.md); or SIAGA_CEL_DIR where it is",
        )
    if calls:
        yield _clock_of((call.linkedid, call.received_at) for call in calls)


def _on_this_machine() -> Iterator[Finding]:
    """What check.sh says, line by line."""
    try:
        done = subprocess.run(
            ["sh", str(SCRIPT)], check=False, capture_output=True, text=True, errors="replace", timeout=SCRIPT_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        yield wrong(f"Asterisk: its check did not end ({type(error).__name__})", f"sh {SCRIPT}")
        return
    lines = done.stdout.splitlines()
    for at, line in enumerate(lines):
        found = _LINE.fullmatch(line)
        if found:
            follows = lines[at + 1].strip() if at + 1 < len(lines) and not _LINE.fullmatch(lines[at + 1]) else ""
            yield Finding(Standing(found[1]), f"Asterisk: {found[2]}", follows if found[1] == "WRONG" else "")


def _record(folder: Path, newest_call: datetime | None) -> Finding:
    path = folder / RECORD
    if not folder.is_dir():
        return wrong(
            f"record: there is no folder {folder}", "sh telephony/asterisk/install.sh makes it; or SIAGA_CEL_DIR"
        )
    if not os.access(folder, os.R_OK | os.X_OK) or (path.exists() and not os.access(path, os.R_OK)):
        return wrong(f"record: {path} cannot be read", "add this service's user to the group asterisk (usermod -aG)")
    if not path.exists():
        return wrong(
            f"record: Asterisk has not written {path}", "cel.conf, cel_custom.conf; sh telephony/asterisk/check.sh"
        )
    written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    if newest_call is not None and newest_call - written > RECORDED_WITHIN:
        return wrong(f"record: {path} does not grow, though calls came", "df; sh telephony/asterisk/check.sh")
    return ok(f"record: {path}, last written {written:%Y-%m-%d %H:%M} UTC")


def _clock_of(calls: Iterable[tuple[str, datetime]]) -> Finding:
    """A linkedid names the second of the call by Asterisk's clock, `received_at` is by ours."""
    apart = [
        (received_at - datetime.fromtimestamp(int(found[1]), UTC)).total_seconds()
        for linkedid, received_at in calls
        if (found := _LINKEDID.fullmatch(linkedid))
    ]
    if not apart:
        return unseen("time: Asterisk's clock (no call of a real Asterisk yet)")
    nearest = min(apart, key=abs)
    if abs(nearest) > CLOCK_APART_S:
        return wrong(
            f"time: Asterisk's clock and ours are {abs(nearest):.0f} s apart, by the newest calls",
            "NTP on both machines (timedatectl); sh telephony/asterisk/check.sh there",
        )
    return ok("time: Asterisk's clock agrees with ours, by the newest calls")
