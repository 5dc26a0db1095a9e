"""The queue for the processor: short, fair, known browsers first, and whoever cannot be served in time is told so."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app.people.hashing_queue import SHARES, WORKERS, HashingBusy, HashingQueue, Lane, _Waiting
from app.services import services_of
from tests.app.house import House, sign_in, signed_out


class Recorded(HashingQueue):
    """Notes in which order turns were given, under the queue's own lock."""

    def __init__(self, longest_wait_s: float) -> None:
        super().__init__(longest_wait_s)
        self.begun: list[str] = []

    def _begin(self, waiting: _Waiting) -> None:
        self.begun.append(waiting.network)
        super()._begin(waiting)


class Held:
    """A queue whose workers are busy until `release`."""

    def __init__(self, longest_wait_s: float) -> None:
        self.queue = Recorded(longest_wait_s)
        self.gate = threading.Event()
        self.refused: list[HashingBusy] = []
        self.threads: list[threading.Thread] = []

    def add(self, label: str, lane: Lane, network: str, name: str = "") -> None:
        """Somebody comes; returns when the queue has taken or refused them."""
        before = self._known()

        def come() -> None:
            try:
                self.queue.run(self._work, lane=lane, network=network, name=name or label)
            except HashingBusy as busy:
                self.refused.append(busy)

        thread = threading.Thread(target=come)
        thread.start()
        self.threads.append(thread)
        deadline = time.monotonic() + 10
        while self._known() == before:
            assert time.monotonic() < deadline
            time.sleep(0.001)

    def _known(self) -> int:
        return self.queue._turns + len(self.queue._waiting) + len(self.refused)

    def _work(self) -> None:
        assert self.gate.wait(10)


@contextmanager
def held(longest_wait_s: float = 5.0) -> Iterator[Held]:
    made = Held(longest_wait_s)
    for number in range(WORKERS):
        made.add(f"busy{number}", Lane.STRANGER, f"attacker{number}")
    yield made
    made.gate.set()
    for thread in made.threads:
        thread.join(10)


def test_known_browsers_are_served_before_known_networks_and_those_before_strangers() -> None:
    with held() as queue:
        for number in range(6):
            queue.add(f"stranger{number}", Lane.STRANGER, f"198.51.100.{number}")
        queue.add("office", Lane.KNOWN_NETWORK, "203.0.113.9")
        queue.add("known", Lane.KNOWN_BROWSER, "203.0.113.8")
    after = queue.queue.begun[WORKERS:]
    assert after[:2] == ["203.0.113.8", "203.0.113.9"]
    assert len(after) == 8


def test_one_network_cannot_keep_the_others_waiting() -> None:
    with held() as queue:
        for number in range(SHARES[0] + 5):
            queue.add(f"flood{number}", Lane.STRANGER, "198.51.100.1")
        assert len(queue.refused) == 5
        queue.add("other", Lane.STRANGER, "192.0.2.1")
        assert len(queue.refused) == 5
    assert "192.0.2.1" in queue.queue.begun[WORKERS : WORKERS + 2]


def test_one_name_has_a_share_only_from_however_many_networks() -> None:
    with held() as queue:
        for number in range(SHARES[1] + 3):
            queue.add(f"guess{number}", Lane.STRANGER, f"198.51.100.{number}", name="dewi")
        assert len(queue.refused) == 3
        queue.add("rizki", Lane.STRANGER, "198.51.100.99")
        assert len(queue.refused) == 3


def test_whoever_would_wait_too_long_is_told_at_once_and_known_browsers_are_not() -> None:
    with held(longest_wait_s=0.6) as queue:
        for number in range(20):
            queue.add(f"flood{number}", Lane.STRANGER, f"198.51.100.{number}")
        assert 0 < len(queue.refused) < 20
        assert all(busy.retry_s >= 1 for busy in queue.refused)
        refused = len(queue.refused)
        queue.add("known", Lane.KNOWN_BROWSER, "203.0.113.9")
        assert len(queue.refused) == refused
        queue.gate.set()
    assert queue.queue.begun[WORKERS] == "203.0.113.9"


def test_nobody_waits_beyond_the_limit_even_where_the_work_takes_longer_than_thought() -> None:
    with held(longest_wait_s=0.3) as queue:
        began = time.monotonic()
        with pytest.raises(HashingBusy):
            queue.queue.run(lambda: None, lane=Lane.STRANGER, network="192.0.2.1", name="x")
        assert time.monotonic() - began < 3
        assert len(queue.queue._waiting) == 0


def test_a_full_queue_is_said_in_words_with_a_time_to_come_again(
    staffed: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = signed_out(staffed.browser("dewi"))

    def full(_self: object, _work: object, *, lane: Lane, **_who: str) -> bool:
        if lane is Lane.KNOWN_BROWSER:
            return True
        raise HashingBusy(3.4)

    monkeypatch.setattr(type(services_of(staffed.app).passwords.queue), "run", full)
    refused = sign_in(staffed.browser(), "rizki")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "3")
    assert "Coba lagi dalam 3 detik." in refused.text
    assert sign_in(known, "dewi").status_code == 303
