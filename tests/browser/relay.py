"""The network between browsers and the server, which fails the way networks do."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Relay:
    """Passes connections on to `target_port`; `cut`, `lose_answers` and `mend` are what may become of it."""

    def __init__(self, target_port: int) -> None:
        self.target_port = target_port
        self.swallowed = threading.Event()
        self._losing = False
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._up = True
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cut(self) -> None:
        """From now on nothing passes: connections end, new ones end at once."""
        self._up = False
        self._drop_all()

    def lose_answers(self) -> None:
        """What browsers send still arrives, but of the next answer on each connection nothing does."""
        self.swallowed.clear()
        self._losing = True

    def mend(self, target_port: int | None = None) -> None:
        """Everything passes again, to another server if one is given."""
        self.target_port = target_port or self.target_port
        self._losing = False
        self._up = True

    def close(self) -> None:
        """Take no more connections."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                browser, _ = self._listener.accept()
                if not self._up:
                    browser.close()
                    continue
                threading.Thread(target=self._pass_on, args=(browser,), daemon=True).start()

    def _pass_on(self, browser: socket.socket) -> None:
        with browser, suppress(OSError), socket.create_connection(("127.0.0.1", self.target_port)) as server:
            with self._lock:
                self._connections |= {browser, server}
            back = threading.Thread(target=self._pump_back, args=(server, browser), daemon=True)
            back.start()
            with suppress(OSError):
                while data := browser.recv(65536):
                    server.sendall(data)
            _end(server)
            back.join()
            with self._lock:
                self._connections -= {browser, server}

    def _pump_back(self, server: socket.socket, browser: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if self._losing:
                    if data.startswith(b"HTTP/"):
                        self.swallowed.set()
                    break
                browser.sendall(data)
        _end(browser)

    def _drop_all(self) -> None:
        with self._lock:
            for connection in self._connections:
                _end(connection)


def _end(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
