"""A FastAGI server as the web process has it: gevent patched in, the real centre behind it. Prints its port."""

from gevent import monkey

monkey.patch_all()

import signal  # noqa: E402
import sys  # noqa: E402
from pathlib import Path  # noqa: E402

import gevent  # noqa: E402
from gevent.event import Event  # noqa: E402

from dispatch.centre import open_centre  # noqa: E402
from dispatch.city.pack import load_city  # noqa: E402
from telephony.agi.server import FastAgiServer  # noqa: E402


def serve(database_url: str) -> None:
    """Serve until SIGTERM, then finish what is under way."""
    pool = gevent.get_hub().threadpool
    centre = open_centre(database_url, load_city(Path("city/serang")), offload=pool.apply)
    server = FastAgiServer(("127.0.0.1", 0), centre)
    server.start()
    told_to_stop = Event()
    gevent.signal_handler(signal.SIGTERM, told_to_stop.set)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    told_to_stop.wait()
    server.stop()
    centre.close()
    sys.stdout.write(f"sessions={server.statistics.sessions} batches={centre.writer.statistics.batches}\n")


if __name__ == "__main__":
    serve(sys.argv[1])
