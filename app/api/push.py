"""Operations on the browsers that somebody lets us wake."""

from __future__ import annotations

from app.api import requests, shapes
from app.api.commands import run_command
from app.api.operations import ApiRequest, Operations
from app.outside.carriers.push_services import is_push_service
from app.web.guard import EVERYONE
from dispatch.errors import InvalidValue
from dispatch.people.push_commands import subscribe_browser, unsubscribe_browser

operations = Operations()


@operations.post(
    "/push-subscription", tag="overview", roles=EVERYONE, body=requests.SubscribeBrowser, answer=shapes.PushKept
)
def subscribe_to_push(request: ApiRequest) -> shapes.PushKept:
    """Wake this browser for oneself, also while our page is closed."""
    if not is_push_service(request.body.endpoint):
        raise InvalidValue("endpoint", "unknown")
    return {"changed": run_command(request, subscribe_browser).changed}


@operations.post(
    "/push-subscription/end", tag="overview", roles=EVERYONE, body=requests.UnsubscribeBrowser, answer=shapes.PushKept
)
def unsubscribe_from_push(request: ApiRequest) -> shapes.PushKept:
    """Wake this browser no more."""
    return {"changed": run_command(request, unsubscribe_browser).changed}
