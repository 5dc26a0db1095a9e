"""Asterisk's side of one FastAGI connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from gevent import socket

from telephony.simulator.channel import SimulatedChannel

#: As in Asterisk: how long a connection may take that nobody refuses.
CONNECT_S = 2.0
#: Unlike Asterisk, which would wait for ever; the guard before the server cuts silence at 3 s.
SILENCE_S = 10.0
_LONGEST_LINE = 2048


@dataclass(slots=True)
class AgiExchange:
    """What came of one AGI() in the dialplan: Asterisk's AGISTATUS, and the commands that the server gave."""

    status: str  #: SUCCESS, FAILURE (nobody there) or HANGUP
    commands: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class AgiClient:
    """Runs AGI scripts of the server at `address`; works in a greenlet as well as alone."""

    address: tuple[str, int]

    def run(self, channel: SimulatedChannel, script: str, *arguments: str) -> AgiExchange:
        """Run one script for `channel`, whose variables the server may then have set."""
        host, port = self.address
        try:
            connection = socket.create_connection(self.address, timeout=CONNECT_S)
        except OSError:
            return AgiExchange("FAILURE")
        with connection:
            connection.settimeout(SILENCE_S)
            exchange = AgiExchange("HANGUP" if channel.hung_up else "SUCCESS")
            try:
                connection.sendall(channel.environment(script, *arguments, server=f"{host}:{port}"))
                self._obey(connection, channel, exchange)
            except OSError:
                # Asterisk says SUCCESS of a server that died in mid-sentence, and so do we.
                return exchange
        return exchange

    def _obey(self, connection: socket.socket, channel: SimulatedChannel, exchange: AgiExchange) -> None:
        received = b""
        while data := connection.recv(4096):
            received += data
            while (end := received.find(b"\n")) >= 0 or len(received) >= _LONGEST_LINE:
                # Asterisk takes what does not fit into its buffer for the next command.
                cut = end + 1 if 0 <= end < _LONGEST_LINE else _LONGEST_LINE - 1
                line, received = received[:cut].decode("utf-8", "replace").rstrip("\n"), received[cut:]
                exchange.commands.append(line)
                connection.sendall(channel.answer(line).encode("utf-8", "surrogateescape"))
