"""Operations on question cards, on drafts, and on one's own keys."""

from __future__ import annotations

from app.api import requests, shapes
from app.api.commands import run_command, run_on_ticket
from app.api.operations import NUMBER_PATH, ApiRequest, Operations
from app.services import services
from app.web.guard import OPERATORS
from app.web.own_tickets import ticket_id_of
from dispatch.call_taking.answers import answer_question
from dispatch.call_taking.drafts import save_draft
from dispatch.people.key_commands import set_user_keys

operations = Operations()


@operations.post(
    f"/tickets/{NUMBER_PATH}/answer", tag="tickets", roles=OPERATORS, body=requests.Answer, answer=shapes.Done
)
def answer_ticket_question(request: ApiRequest) -> shapes.Done:
    """Note the answer to a question of the card; agencies that have the ticket see it at once."""
    return run_on_ticket(request, answer_question)


@operations.post(
    f"/tickets/{NUMBER_PATH}/draft", tag="tickets", roles=OPERATORS, body=requests.Draft, answer=shapes.DraftSaved
)
def save_ticket_draft(request: ApiRequest) -> shapes.DraftSaved:
    """Keep what is typed and chosen and not sent yet, so that a colleague can go on from there."""
    number, person = request.path["number"], request.person
    ticket_id_of(number)
    # Without a request id: a draft saved twice is the same draft, and its ids would soon outnumber all others.
    outcome = services().centre.run(save_draft, actor=person.actor, number=number, **dict(request.body))
    return {"changed": outcome.changed, "version": outcome.version}


@operations.post("/keys", tag="overview", roles=OPERATORS, body=requests.OwnKeys, answer=shapes.Keys)
def set_own_keys(request: ApiRequest) -> shapes.Keys:
    """Put other keys in the place of the console's, for oneself; an empty map gives them back."""
    run_command(request, set_user_keys)
    return {"keys": request.body.keys}
