"""Operations on numbers that were flagged: a supervisor reads, decides, blocks from a ticket, and ends a block."""

from __future__ import annotations

from collections.abc import Callable

from app.api import requests, shapes
from app.api.commands import run_command, run_on_ticket
from app.api.operations import NUMBER_PATH, ApiRequest, Operations
from app.services import services
from app.web.guard import OVERSIGHT, SUPERVISORS
from dispatch.clock import to_iso
from dispatch.errors import NotFound
from dispatch.nuisance import commands
from dispatch.nuisance.reading import flag_view, flags_of_centre
from dispatch.storage.transaction import Outcome

operations = Operations()
_FLAG = f"/number-flags/<int(max={2**63 - 1}):flag_id>"


@operations.get("/number-flags", tag="numbers", roles=OVERSIGHT, answer=shapes.NumberFlags)
def list_number_flags(request: ApiRequest) -> shapes.NumberFlags:
    """List proposals with their evidence, blocks in force, the ministry's list and the newest decisions."""
    return read_flags()


@operations.post(f"{_FLAG}/decide", tag="numbers", roles=SUPERVISORS, body=requests.DecideFlag, answer=shapes.FlagDone)
def decide_number_flag(request: ApiRequest) -> shapes.FlagDone:
    """Approve or reject a proposal, with a reason; an approved block ends by itself."""
    return _run(request, commands.decide_flag)


@operations.post(f"{_FLAG}/lift", tag="numbers", roles=SUPERVISORS, body=requests.LiftBlock, answer=shapes.FlagDone)
def lift_number_block(request: ApiRequest) -> shapes.FlagDone:
    """End a block before its time, with a reason."""
    return _run(request, commands.lift_block)


@operations.post(
    f"/tickets/{NUMBER_PATH}/block-number",
    tag="numbers",
    roles=SUPERVISORS,
    body=requests.BlockNumber,
    answer=shapes.Done,
)
def block_number(request: ApiRequest) -> shapes.Done:
    """Block the number that a prank came from, with that ticket as the evidence."""
    return run_on_ticket(request, commands.block_caller)


def read_flags() -> shapes.NumberFlags:
    """All that the page of flagged numbers shows, and the instant at which it was so."""
    centre = services().centre
    now = centre.clock.now()
    with centre.read() as connection:
        return {**flags_of_centre(connection, centre.city, now), "at": to_iso(now)}


def _run(request: ApiRequest, command: Callable[..., Outcome]) -> shapes.FlagDone:
    flag_id, centre = request.path["flag_id"], services().centre
    outcome = run_command(request, command)
    with centre.read() as connection:
        view = flag_view(connection, centre.city, centre.clock.now(), flag_id)
    if view is None:
        raise NotFound("number_flag", flag_id)
    return {"changed": outcome.changed, "flag": view, "seq": outcome.seq}
