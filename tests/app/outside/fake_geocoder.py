"""A Nominatim or Photon on this machine that answers what a test says, or not at all."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class FakeGeocoder:
    """`answer` writes what the next question gets; `asked` are the query strings that came."""

    url: str
    answer: Answer
    asked: list[dict[str, list[str]]] = field(default_factory=list)
    let_go: threading.Event = field(default_factory=threading.Event)

    def says(self, body: Any, status: int = 200, **headers: str) -> None:
        """Answer with JSON, or with text as it is."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()

        def write(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", str(len(text)))
            handler.end_headers()
            handler.wfile.write(text)

        self.answer = write

    def drips(self) -> None:
        """Send a byte from time to time for as long as anybody listens."""

        def write(handler: BaseHTTPRequestHandler) -> None:
            handler.send_response(200)
            handler.end_headers()
            while not self.let_go.wait(0.1):
                handler.wfile.write(b" ")
                handler.wfile.flush()

        self.answer = write

    def is_silent(self) -> None:
        """Take the question and say nothing."""
        self.answer = lambda handler: self.let_go.wait(20) and None


@contextmanager
def fake_geocoder() -> Iterator[FakeGeocoder]:
    """A server on a free port, stopped afterwards."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fake.asked.append(parse_qs(urlsplit(self.path).query))
            try:
                fake.answer(self)
            except OSError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fake = FakeGeocoder(f"http://127.0.0.1:{server.server_port}", lambda _: None)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield fake
    finally:
        fake.let_go.set()
        server.shutdown()
        thread.join()
        server.server_close()


def photon(*places: tuple[str, float, float]) -> dict[str, Any]:
    """Photon's answer: (name, lat, lon) each."""
    return {
        "type": "FeatureCollection",
        "features": [
            {"geometry": {"type": "Point", "coordinates": [lon, lat]}, "properties": {"name": name, "city": "Serang"}}
            for name, lat, lon in places
        ],
    }


def nominatim(*places: tuple[str, float, float]) -> list[dict[str, Any]]:
    """Nominatim's answer."""
    return [{"display_name": f"{name}, Serang, Banten", "lat": str(lat), "lon": str(lon)} for name, lat, lon in places]
