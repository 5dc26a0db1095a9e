"""Operations of leaders: what the ladders have brought before their office, and following it up."""

from __future__ import annotations

from app.api import requests, shapes
from app.api.commands import run_command
from app.api.operations import NUMBER_PATH, ApiRequest, Operations
from app.services import services
from app.web.guard import LEADERS, RESPONDERS
from dispatch.leaders.commands import Instructed, answer_instruction, give_instruction
from dispatch.leaders.reading import overview
from dispatch.leaders.shapes import LeaderOverview

operations = Operations()
_INSTRUCTION = f"/instructions/<int(max={2**63 - 1}):instruction_id>"


@operations.get("/leader", tag="leaders", roles=LEADERS, answer=LeaderOverview)
def show_leader(request: ApiRequest) -> LeaderOverview:
    """Show what reached the leader's office: why, since when, with whom it lies, what comes next."""
    centre, actor = services().centre, request.person.actor

    def read() -> LeaderOverview:
        with centre.read() as connection:
            return overview(connection, centre.city, actor, centre.clock.now())

    return services().reads.alone(request.person.asker, read)


@operations.post(
    f"/leader/{NUMBER_PATH}/instruct",
    tag="leaders",
    roles=LEADERS,
    body=requests.Instruct,
    answer=shapes.Instructed,
)
def instruct(request: ApiRequest) -> shapes.Instructed:
    """Follow up a ticket with words and a due time, which is a clock for the agency."""
    return _told(run_command(request, give_instruction))


@operations.post(
    f"{_INSTRUCTION}/answer",
    tag="leaders",
    roles=LEADERS | RESPONDERS,
    body=requests.AnswerInstruction,
    answer=shapes.Instructed,
)
def answer_leader(request: ApiRequest) -> shapes.Instructed:
    """Take an instruction for answered: the leader, or the agency that was asked."""
    return _told(run_command(request, answer_instruction))


def _told(outcome: Instructed) -> shapes.Instructed:
    return {
        "changed": outcome.changed,
        "late": outcome.late,
        "delayed_s": outcome.delayed_s,
        "instruction_id": outcome.instruction_id,
        "seq": outcome.seq,
    }
