"""Nodes are killed in each step from a rung to its mark: everybody is told, and nobody twice without a word of it."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import func, select

from dispatch.centre import Centre, open_centre
from dispatch.city.pack import CityPack
from dispatch.storage.tables import (
    Contact,
    InboundEvent,
    Ladder,
    LadderStep,
    NoticeDelivery,
)
from tests.app.node.telephones import Telephones
from tests.app.running_server import ROOT, RunningServer, running_server, until
from tests.dispatch.shift import Shift
from tests.dispatch.telling import add_contact
from tests.steppable_clock import SteppableClock

pytestmark = [pytest.mark.real, pytest.mark.timeout(600)]

TICKETS = 30
AGENCIES = ("DAMKAR", "PSC119", "DISHUB")
LONG_S = 90.0


@dataclass
class Nodes:
    """Nodes on one database, that are killed and started again."""

    start: Callable[[str], RunningServer]
    phones: Telephones
    running: dict[str, RunningServer] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)

    def up(self, *names: str) -> None:
        for name in names:
            server = self.start(name)
            self.running[name] = server
            self.phones.hooks.append(f"{server.base}/hooks/whatsapp")

    def kill(self, name: str) -> None:
        """At once, as a power cut does: nothing is finished, nothing said."""
        server = self.running.pop(name)
        os.killpg(server.process.pid, signal.SIGKILL)
        server.process.wait(20)
        self.phones.hooks.remove(f"{server.base}/hooks/whatsapp")
        self.lines += server.lines


def hurried_city(folder: Path) -> Path:
    """The pack of Kota Serang, whose carriers answer soon or not at all, so that nobody waits for a dead worker."""
    shutil.copytree(ROOT / "city" / "serang", folder)
    policy = folder / "policy.toml"
    text = policy.read_text()
    for before, after in (("timeout_s = 8 ", "timeout_s = 2 "), ("lease_s = 30 ", "lease_s = 6 ")):
        assert before in text
        text = text.replace(before, after)
    policy.write_text(text)
    return folder


@contextmanager
def nodes_on(url: str, tmp_path: Path, phones: Telephones) -> Iterator[Nodes]:
    pack = hurried_city(tmp_path / "city")
    with ExitStack() as stack:

        def start(name: str) -> RunningServer:
            variables = {
                "SIAGA_DATABASE_URL": url,
                "SIAGA_DEMO": "0",
                "SIAGA_SECRET_KEY": "the same secret key on both of these nodes",
                "SIAGA_CITY": str(pack),
                **phones.settings,
            }
            return stack.enter_context(running_server(tmp_path / f"data-{name}", **variables))

        nodes = Nodes(start, phones)
        yield nodes


@pytest.fixture
def phones(postgres_url: str) -> Iterator[Telephones]:
    double = Telephones(postgres_url)
    double.start()
    yield double
    double.stop()


def seeded(url: str, city: CityPack, seconds_ago: float) -> Shift:
    """Tickets that were sent so long ago, and those who are to be told of them."""
    clock = SteppableClock(datetime.now(UTC) - timedelta(seconds=seconds_ago))
    centre = open_centre(url, city, clock=clock)
    shift = Shift.begin(centre, clock)
    for agency in AGENCIES:
        for _ in range(4):
            add_contact(shift, agency, "duty", "whatsapp")
        add_contact(shift, agency, "chief", "whatsapp")
        for _ in range(2):
            add_contact(shift, agency, "head", "whatsapp")
    add_contact(shift, "DISKOMINFO", "supervisor", "whatsapp")
    for number in range(TICKETS):
        shift.sent(AGENCIES[number % len(AGENCIES)])
    return shift


def send(shift: Shift) -> None:
    """Send more, now."""
    shift.clock.step((datetime.now(UTC) - shift.clock.now()).total_seconds())
    for agency in AGENCIES:
        shift.sent(agency)


def count(centre: Centre, column: Any, *where: Any) -> int:
    with centre.read() as connection:
        return int(connection.execute(select(func.count(column)).where(*where)).scalar_one())


def assert_each_rung_once(centre: Centre) -> None:
    with centre.read() as connection:
        steps = connection.execute(select(LadderStep.ladder_id, LadderStep.rung)).all()
        climbed = connection.execute(select(Ladder.id, Ladder.next_rung)).all()
    assert len(steps) == len(set(steps))
    fired = {(ladder, rung) for ladder, next_rung in climbed for rung in range(next_rung)}
    assert set(map(tuple, steps)) == fired


def untold(centre: Centre, phones: Telephones) -> set[int]:
    """The notices that still wait, or of which nobody was told although nobody withdrew them."""
    with centre.read() as connection:
        wanted = select(NoticeDelivery.notice_id).where(NoticeDelivery.outcome.is_distinct_from("withdrawn"))
        return set(connection.execute(wanted).scalars()) - set(phones.messages_of)


def dies_after_the_commit_of_some_rungs(nodes: Nodes, shift: Shift) -> None:
    until(lambda: count(shift.centre, LadderStep.id) > TICKETS // 10, LONG_S)
    nodes.kill("a")


def dies_between_the_row_of_an_attempt_and_the_sending(nodes: Nodes, shift: Shift) -> None:
    with nodes.phones.held("before", partial(send, shift)):
        nodes.kill("b")
        nodes.up("a")


def dies_between_the_sending_and_its_mark(nodes: Nodes, shift: Shift) -> None:
    nodes.up("b")
    with nodes.phones.held("after", partial(send, shift)):
        nodes.kill("a")
        nodes.kill("b")
    nodes.up("a", "b")


def dies_while_it_keeps_what_the_carrier_tells(nodes: Nodes, shift: Shift) -> None:
    phones, centre = nodes.phones, shift.centre
    read = [Thread(target=phones.tell_status, args=(message, "read")) for message in list(phones.messages)]
    for telling in read:
        telling.start()
    is_read = InboundEvent.event_id.endswith(":read")
    until(lambda: count(centre, InboundEvent.id, is_read), LONG_S)
    nodes.kill("b")
    nodes.up("b")
    for telling in read:
        telling.join(LONG_S)
    assert count(centre, InboundEvent.id, is_read) == len(read)


STEPS = (
    dies_after_the_commit_of_some_rungs,
    dies_between_the_row_of_an_attempt_and_the_sending,
    dies_between_the_sending_and_its_mark,
    dies_while_it_keeps_what_the_carrier_tells,
)


def test_everybody_is_told_once_or_with_a_word_that_it_may_be_twice(
    postgres_url: str, tmp_path: Path, city: CityPack, phones: Telephones
) -> None:
    shift = seeded(postgres_url, city, seconds_ago=100)
    centre = shift.centre
    phones.times_each = 2  # every webhook comes twice
    with closing(centre), nodes_on(postgres_url, tmp_path, phones) as nodes:
        nodes.up("a", "b")
        for step in STEPS:
            step(nodes, shift)
        until(lambda: not waiting(centre) and not untold(centre, phones), 240)
        until(lambda: count(centre, InboundEvent.id, InboundEvent.handled_at.is_(None)) == 0, LONG_S)
        assert_each_rung_once(centre)
        assert phones.twice_unmarked() == []
        audited = nodes.running["a"].flask("audit")
        assert audited.returncode == 0, audited.stdout + audited.stderr
        assert_nothing_of_anybody(nodes, centre)


def waiting(centre: Centre) -> int:
    """How many messages still wait for their sending."""
    return count(centre, NoticeDelivery.id, NoticeDelivery.ended_at.is_(None))


def assert_nothing_of_anybody(nodes: Nodes, centre: Centre) -> None:
    """No number, name or place stands in what the nodes wrote."""
    said = "".join([*nodes.lines, *(line for server in nodes.running.values() for line in server.lines)])
    assert "Traceback" not in said
    with centre.read() as connection:
        names = list(connection.execute(select(Contact.name)).scalars())
    assert not [word for word in ("0812", "62812", "Cipare", *names) if word in said]
