"""Commands about calls: what Asterisk's own record has of them."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup

from app.cli.running import NO_SCHEMA
from app.outside.record_keeping import Totals, reconcile
from app.services import services
from app.web.messages import explain
from dispatch.errors import CommandRefused, StorageUnavailable
from telephony.record.call_record import RecordReader
from telephony.record.files import calls_of_file


@click.group("calls", cls=AppGroup)
def calls() -> None:
    """Calls, and Asterisk's own record of them."""


@calls.command("reconcile")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False))
def reconcile_files(files: tuple[Path, ...]) -> None:
    """Read Asterisk's record (siaga-112.csv, also rotated and gzipped; oldest first) and give what has no ticket one.

    Calls that are over end here too, with their true times; callers whom nobody took are on the callback list. What is
    known already changes nothing, so this may be run again. Calls without an end in the record are left alone.
    """
    centre, reader, totals = services().centre, RecordReader(), Totals()
    try:
        for path in files:
            for some in calls_of_file(path, reader):
                reconcile(centre, some, totals)
    except (OSError, EOFError) as error:
        raise click.ClickException(f"{path} cannot be read ({type(error).__name__}); {_so_far(totals)}") from None
    except CommandRefused as refusal:
        raise click.ClickException(explain(refusal.code, refusal.details, "en")) from None
    except StorageUnavailable as unavailable:
        raise click.ClickException(f"{NO_SCHEMA} ({unavailable}); {_so_far(totals)}") from None
    click.echo(
        f"{totals.calls} calls: {totals.opened} had no ticket, {totals.ended} were not known to be over, "
        f"{totals.known} were right"
    )
    if reader.still_up:
        click.echo(f"{reader.still_up} have no end in the record: still up, or in a file that was not given")
    if reader.garbage:
        click.echo(f"{reader.garbage} of {reader.lines} lines are no events and were passed over", err=True)


def _so_far(totals: Totals) -> str:
    return f"{totals.calls} calls were read before; run it again, what is known changes nothing"
