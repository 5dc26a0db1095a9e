"""Every person's share of the loop: a flood waits behind itself, and others come between any two of its requests."""

from __future__ import annotations

import gevent
import pytest
from flask import jsonify

from app.load import fair_shares
from app.load.fair_shares import FairShares
from app.load.fair_turns import Asker, TooBusy
from app.services import services_of
from app.web.guard import EVERYONE, access
from dispatch.city.policy import LoadPolicy
from tests.app.house import House

LOAD = LoadPolicy(
    read_wait_s=5, reads_waiting_per_user=8, requests_at_once=2, requests_waiting=3, refusals_per_minute=6
)
DEWI, DAMKAR = Asker("dewi"), Asker("damkar", of_an_agency=True)


@pytest.fixture(autouse=True)
def refused_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fair_shares, "REFUSED_AFTER_S", 0.0)


def test_another_persons_request_comes_between_those_of_a_flood() -> None:
    shares, order = FairShares(LOAD), []

    def request(asker: Asker) -> None:
        turn = shares.begin(asker)
        order.append(asker.who)  # all the work in one go, as most requests do it
        shares.end(turn)

    flood = [gevent.spawn(request, DAMKAR) for _ in range(5)]
    dewi = gevent.spawn(request, DEWI)
    gevent.joinall([*flood, dewi], timeout=5)
    assert order.index("dewi") <= LOAD.requests_at_once
    assert order.count("damkar") == 5


def test_more_than_one_persons_share_is_refused_and_nobody_else_is() -> None:
    shares = FairShares(LOAD)
    held = [shares.begin(DAMKAR) for _ in range(LOAD.requests_at_once)]
    waiting = [gevent.spawn(lambda: shares.end(shares.begin(DAMKAR))) for _ in range(LOAD.requests_waiting)]
    gevent.sleep(0)
    with pytest.raises(TooBusy):
        shares.begin(DAMKAR)
    shares.end(shares.begin(DEWI))
    for turn in held:
        shares.end(turn)
    gevent.joinall(waiting, timeout=5)
    assert all(one.successful() for one in waiting)


def test_who_asks_for_too_much_is_told_in_words_when_to_ask_again_and_then_gets_an_answer(staffed: House) -> None:
    app, go_on = staffed.app, gevent.event.Event()

    @access(EVERYONE)
    def slow() -> object:
        go_on.wait(5)
        return jsonify({})

    app.add_url_rule("/api/v1/slow", "slow", slow)
    services_of(app).shares = FairShares(LOAD)
    programs = [staffed.program("damkar") for _ in range(6)]  # two at once, three behind them
    asked = [gevent.spawn(program.get, "/api/v1/slow") for program in programs]
    gevent.joinall(asked, count=1, timeout=5)
    (refused,) = [one.value for one in asked if one.ready()]
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "1")
    assert refused.get_json()["error"]["code"] == "busy"
    assert refused.get_json()["error"]["message"].startswith("Terlalu banyak permintaan")
    assert staffed.program("dewi").get("/api/v1/board").status_code == 200
    go_on.set()
    gevent.joinall(asked, timeout=5)
    assert sorted(one.value.status_code for one in asked) == [200] * 5 + [503]
    assert staffed.program("damkar").get("/api/v1/snapshot").status_code == 200
