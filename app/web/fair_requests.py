"""Each request of a signed-in person waits for its turn (`app.load.fair_shares`)."""

from __future__ import annotations

from flask import Flask, g

from app.services import services


def share_fairly(app: Flask) -> None:
    """Let each request of a signed-in person wait for its turn. Comes after `guard_routes`, which knows who asks."""

    @app.before_request
    def begin() -> None:
        person = g.get("person")
        if person is not None:
            g.share = services().shares.begin(person.asker)

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        give_share_back()


def give_share_back() -> None:
    """Before a request waits for another machine: that is no work of the loop, and its person's others may go on."""
    turn = g.pop("share", None)
    if turn is not None:
        services().shares.end(turn)
