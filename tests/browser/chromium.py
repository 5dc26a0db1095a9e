"""A real Chromium, and whatever a user would call broken in it."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, Request, Response, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: A page that goes elsewhere lets go of what it was still loading.
LET_GO = "net::ERR_ABORTED"


@contextmanager
def running_chromium() -> Iterator[Browser]:
    """The system's Chromium; skips, saying what would bring it, where there is none."""
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        pytest.skip("no Chromium on this machine; as root, .ci/install-real-parts chromium brings it")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


@dataclass(repr=False)
class Witness:
    """Notes the errors of a page: the console's, the scripts', the security policy's, the network's."""

    page: Page
    who: str
    seen: list[str] = field(default_factory=list)
    expected: list[re.Pattern[str]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", self._page_error)
        self.page.on("request", self._request)
        self.page.on("requestfailed", self._request_failed)
        self.page.on("response", self._response)

    def expect(self, *patterns: str) -> None:
        """From now on these are part of the story."""
        self.expected += [re.compile(pattern) for pattern in patterns]

    def expect_refusal(self, status: int, path: str) -> None:
        """The server will say no to a request for `path`, and Chromium will mention it."""
        self.expect(rf"^answer {status} .*{path}", rf"^console .*status of {status} .*{path}")

    def expect_no_network(self) -> None:
        """The server will be out of reach for a while."""
        self.expect(r"net::ERR_(CONNECTION|EMPTY|SOCKET|TIMED_OUT|INTERNET)", r"WebSocket connection to .* failed")

    def broken(self) -> list[str]:
        """What was noted and not expected."""
        return [note for note in self.seen if not any(pattern.search(note) for pattern in self.expected)]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.seen.append(f"console {message.text} {message.location.get('url', '')}")

    def _page_error(self, error: Error) -> None:
        self.seen.append(f"script {error}")

    def _request(self, request: Request) -> None:
        self.requests.append(f"{request.method} {urlsplit(request.url).path}")

    def _request_failed(self, request: Request) -> None:
        if request.failure != LET_GO:
            self.seen.append(f"failed {request.failure} {request.method} {urlsplit(request.url).path}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.seen.append(f"answer {response.status} {response.request.method} {urlsplit(response.url).path}")
