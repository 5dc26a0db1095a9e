"""A task behind a signed link, for somebody without a sign-in: /t/TOKEN.

Opening it shows and does nothing else: chat programs open links to preview them. Each button posts a form, which works
without script and may be pressed twice; the page's script says that it was opened, counts down and follows. No form
token (CSRF) is asked for: the address is the proof, and whoever could forge a post would have to know it. But a post
that another site has sent is refused. dispatch/one_tap says what a link shows and does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Flask, jsonify, render_template, request
from flask_babel import force_locale
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from app.pages.task_view import task_view
from app.people.person import hash_token, new_token
from app.services import services
from app.web.cookies import cookie_name
from app.web.guard import PUBLIC, access, csrf_exempt
from app.web.languages import LANGUAGES
from dispatch.errors import CommandRefused, InvalidValue, RequirementMissing, StorageUnavailable
from dispatch.links.task_links import TASK_PATH, TaskLink, TokenFault, read_task_token
from dispatch.one_tap.commands import LinkStep, TaskLinkRefused, open_task_link, send_new_link, take_link_step
from dispatch.one_tap.reading import SILENT, LinkedTask, read_link
from dispatch.text import clean_text

DEVICE_COOKIE = "siaga_task"
_DEVICE_S = 31 * 86_400
_STATUS = {TokenFault.UNKNOWN: 404, "too_many": 429}


def add_task_link_page(app: Flask) -> None:
    """Offer the page, its buttons, and what its script asks."""
    blueprint = Blueprint("task_link", __name__)
    steps = ",".join(f'"{step}"' for step in LinkStep)
    routes: tuple[tuple[str, Callable[..., Any], str], ...] = (
        ("", show, "GET"),
        ("/mark", mark, "GET"),
        ("/opened", opened, "POST"),
        ("/again", again, "POST"),
        (f"/<any({steps}):step>", take_step, "POST"),
    )
    for path, view, method in routes:
        open_view = access(PUBLIC)(csrf_exempt(view))
        blueprint.add_url_rule(f"{TASK_PATH}<string:token>{path}", view.__name__, open_view, methods=[method])
    app.register_blueprint(blueprint)


@dataclass(frozen=True, slots=True)
class _Known:
    """A link that we have signed."""

    link: TaskLink
    task: LinkedTask


def show(token: str) -> Response:
    """The task as far as this telephone may see it, or why the link leads nowhere."""
    known = _known(token)
    said = request.args.get("said")
    if not isinstance(known, _Known):
        return _page(token, None, why=known, status=_STATUS.get(known, 410))
    return _page(token, known.task, said=said, status=410 if known.task.standing in SILENT else 200)


def mark(token: str) -> Response:
    """What changes when the page would: its script asks, and loads the page again."""
    known = _known(token)
    task = known.task if isinstance(known, _Known) else None
    answer: Response = jsonify({"mark": _mark(task) if task is not None else ""})
    return answer


def opened(token: str) -> Response:
    """The page's script runs: somebody looks at it, and no preview."""
    known = _known(token)
    if isinstance(known, _Known) and not _from_elsewhere():
        link = known.link
        services().centre.run(open_task_link, notice_id=link.notice_id, contact_id=link.contact_id)
    return Response(status=204)


def take_step(token: str, step: str) -> Response:
    """A button."""

    def carry_out(link: TaskLink, device_hash: str) -> str | None:
        outcome = services().centre.run(
            take_link_step,
            notice_id=link.notice_id,
            contact_id=link.contact_id,
            device_hash=device_hash,
            step=LinkStep(step),
            note=_field("note"),
            reason_code=_field("reason_code"),
        )
        return "noted" if step == LinkStep.NOT_GOING and outcome.seq is not None else None

    return _post(token, carry_out)


def again(token: str) -> Response:
    """A new link, to the registered address alone."""

    def carry_out(link: TaskLink, _device_hash: str) -> str | None:
        services().centre.run(send_new_link, notice_id=link.notice_id, contact_id=link.contact_id)
        return "sent"

    return _post(token, carry_out)


def _post(token: str, carry_out: Callable[[TaskLink, str], str | None]) -> Response:
    """Do what a button says, and lead back to the page, which then says what came of it."""
    known = _known(token)
    if not isinstance(known, _Known):
        return _page(token, None, why=known, status=_STATUS.get(known, 410))
    secret = request.cookies.get(cookie_name(DEVICE_COOKIE, TASK_PATH)) or new_token()
    said = "elsewhere" if _from_elsewhere() else None
    try:
        said = said or carry_out(known.link, hash_token(secret))
    except TaskLinkRefused as refusal:
        said = refusal.code.removeprefix("task_link_")
    except (RequirementMissing, InvalidValue) as refusal:
        said = "reason" if "reason_code" in str(refusal.details) else "note"
    except CommandRefused:
        said = "changed"
    except StorageUnavailable:
        return _page(token, known.task, said="failed", status=503)
    query = [f"lang={request.args['lang']}"] if request.args.get("lang") in LANGUAGES else []
    query += [f"said={said}"] if said else []
    answer = redirect(f"{TASK_PATH}{token}{'?' if query else ''}{'&'.join(query)}", 303)
    _keep_device(answer, secret)
    return answer


def _known(token: str) -> _Known | str:
    """The link that a token names, or why it leads nowhere: `unknown`, `old_key`, `too_many`."""
    centre, guessing, address = services().centre, services().guessing, request.remote_addr or ""
    link = read_task_token(services().settings.secret_key, token)
    if isinstance(link, TaskLink):
        with centre.read() as connection:
            task = read_link(connection, centre.city, centre.clock.now(), link, _device_hash())
        return _Known(link, task) if task is not None else TokenFault.UNKNOWN
    # Only now: a link that exists works whatever others behind the same address did.
    if link is TokenFault.UNKNOWN:
        if guessing.locked(address):
            return "too_many"
        guessing.wrong(address)
    return link


def _page(
    token: str, task: LinkedTask | None, *, why: str | None = None, said: str | None = None, status: int
) -> Response:
    language = _language()
    with force_locale(language):
        page = render_template(
            "task_link.html",
            language=language,
            city=services().centre.city,
            token=token if task is not None else None,
            mark=_mark(task) if task is not None else "",
            view=task_view(services().centre.city, services().centre.clock.now(), language, task, why=why, said=said),
        )
    answer = Response(page, status, mimetype="text/html")
    if task is not None:
        _keep_device(answer, request.cookies.get(cookie_name(DEVICE_COOKIE, TASK_PATH)) or new_token())
    return answer


def _keep_device(answer: Response, secret: str) -> None:
    """Let this telephone be known again; until something is done on it that binds nothing."""
    answer.set_cookie(
        cookie_name(DEVICE_COOKIE, TASK_PATH),
        secret,
        path=TASK_PATH,
        max_age=_DEVICE_S,
        httponly=True,
        samesite="Lax",
        secure=services().settings.cookie_secure,
    )


def _device_hash() -> str | None:
    secret = request.cookies.get(cookie_name(DEVICE_COOKIE, TASK_PATH))
    return hash_token(secret) if secret else None


def _mark(task: LinkedTask) -> str:
    """A digest of whatever the page shows that may change."""
    due_at: datetime | None = task.assignment.clock_due_at if task.assignment is not None else None
    shown = (
        task.standing,
        task.assignment.state if task.assignment is not None else None,
        due_at,
        due_at is not None and services().centre.clock.now() > due_at,
        task.ladder["next_who"] if task.ladder is not None else None,
        task.ticket.version if task.view is not None and task.ticket is not None else None,
        task.elsewhere,
    )
    return sha256(repr(shown).encode()).hexdigest()[:16]


def _from_elsewhere() -> bool:
    """Whether another site's page has sent this. The page itself tells nobody its address, so its `Origin` is null."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin not in (None, "null") and urlsplit(origin).netloc != request.host


def _field(name: str) -> str | None:
    return clean_text(request.form.get(name, "")) or None


def _language() -> str:
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    return request.accept_languages.best_match(LANGUAGES) or LANGUAGES[0]
