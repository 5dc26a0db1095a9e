"""Operations on browsers that ring by push for their user while our page is closed.

Each is the same when it comes twice, so that no request is remembered: every page that is opened sends one.
"""

from __future__ import annotations

from app.api import requests, shapes
from app.api.operations import ApiRequest, Operations
from app.outside.carriers.push_services import is_push_service
from app.services import services
from dispatch.errors import InvalidValue
from dispatch.people import browsers
from dispatch.rosters.browser_testing import begin_browser_test

operations = Operations()


@operations.post(
    "/browsers", tag="people", roles=browsers.MAY_BE_WOKEN, body=requests.KeepBrowser, answer=shapes.BrowserState
)
def keep_browser(request: ApiRequest) -> shapes.BrowserState:
    """Wake this browser from now on for whoever asks; each page that is opened says so again."""
    body = request.body
    if not services().push_key:
        raise InvalidValue("endpoint", "not_configured")
    if not is_push_service(body.endpoint):
        raise InvalidValue("endpoint", "unknown_service")
    centre = services().centre
    kept = centre.run(
        browsers.keep_browser,
        actor=request.person.actor,
        session_id=request.person.session_id,
        endpoint=body.endpoint,
        p256dh=body.p256dh,
        auth=body.auth,
        replaces=body.replaces,
    )
    with centre.read() as connection:
        listed = browsers.is_listed(connection, request.person.user_id)
    return {"state": kept.state, "listed": listed, "receipt_at": kept.receipt_at}


@operations.post(
    "/browsers/forget", tag="people", roles=browsers.MAY_BE_WOKEN, body=requests.NamedBrowser, answer=shapes.BrowserDone
)
def forget_browser(request: ApiRequest) -> shapes.BrowserDone:
    """Wake this browser no more."""
    done = services().centre.run(browsers.forget_browser, actor=request.person.actor, endpoint=request.body.endpoint)
    return {"changed": done.changed}


@operations.post(
    "/browsers/test", tag="people", roles=browsers.MAY_BE_WOKEN, body=requests.NamedBrowser, answer=shapes.BrowserDone
)
def test_browser(request: ApiRequest) -> shapes.BrowserDone:
    """Send a message to this browser alone, whose own worker tells that it was shown."""
    done = services().centre.run(begin_browser_test, actor=request.person.actor, endpoint=request.body.endpoint)
    if done.changed and (notices := services().notices) is not None:
        notices.wake()
    return {"changed": done.changed}
