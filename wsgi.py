"""The web process. `python wsgi.py` serves; gunicorn and `flask --app wsgi` take `create_app`, which starts nothing."""

# Before anything else: whatever is imported first would keep the blocking versions.
from gevent import monkey

monkey.patch_all()

import os  # noqa: E402
import sys  # noqa: E402
from typing import TYPE_CHECKING  # noqa: E402

from click import ClickException  # noqa: E402

from app.node.start import build, load_settings, serve  # noqa: E402

if TYPE_CHECKING:
    from flask import Flask

# The database, its copies and the signing key are for the user alone who runs this.
os.umask(0o077)


def create_app() -> "Flask":
    """The application, from the SIAGA_* variables."""
    return build(load_settings())


def main() -> int:
    """Serve until stopped; 2 where the installation cannot start."""
    try:
        serve()
    except ClickException as error:
        error.show()
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
