"""The demo's telephones: a newcomer sees a rung fire, and whoever taps TERIMA on a fake telephone ends it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from app import create_app
from app.node.demo import seed_users
from app.node.demo_people import seed_people
from app.node.demo_story import DemoStory
from app.outside.carriers.links import links_of
from app.outside.demo_phones import DemoPhones
from app.outside.notices import NoticeWorker
from app.services import services_of
from config import Settings
from dispatch.centre import Centre
from dispatch.city.ladders import Channel
from dispatch.ladders.firing import fire_due_rungs
from dispatch.storage.tables import Assignment, Contact, ContactChannel, Notice
from tests.app.house import CHEAP, House, csrf_token, sign_in
from tests.app.running_server import PASSWORD, until
from tests.steppable_clock import SteppableClock


@pytest.fixture
def demo(settings: Settings, sqlite_centre: Centre, clock: SteppableClock) -> Iterator[House]:
    own = replace(settings, demo=True)
    house = House(create_app(own, sqlite_centre, hasher=CHEAP), sqlite_centre, clock)
    seed_users(house.centre, services_of(house.app).passwords)
    seed_people(house.centre)
    phones = services_of(house.app).phones
    assert phones is not None
    phones.start()
    yield house
    phones.stop()


def phones_of(house: House) -> DemoPhones:
    phones = services_of(house.app).phones
    assert phones is not None
    return phones


def look(house: House, worker: NoticeWorker) -> None:
    house.centre.run(fire_due_rungs, limit=50)
    worker.look()
    worker.wait_until_sent(5)


def rows(house: House, table: object) -> list[object]:
    with house.centre.read() as connection:
        return list(connection.execute(table.__table__.select()))  # type: ignore[attr-defined]


def test_a_newcomer_sees_a_rung_fire_and_taps_the_button_of_a_telephone(demo: House) -> None:
    number = DemoStory(demo.centre).tell()
    assert number is not None
    assert DemoStory(demo.centre).tell() is None  # the one of before goes on
    services = services_of(demo.app)
    worker = NoticeWorker(demo.centre, services.carriers, links_of(services.settings))
    look(demo, worker)
    assert phones_of(demo).messages()[0].buttons
    demo.clock.step(60)
    until(lambda: look(demo, worker) or len(phones_of(demo).messages()) > 1)
    browser = demo.app.test_client()
    assert sign_in(browser, "supervisor", PASSWORD).status_code == 303
    page = browser.get("/demo/phones").text
    assert "TUGAS 112 nomor" in page
    assert '<a href="http' in page  # as a telephone makes a link of what looks like one
    assert "petugas piket" in page
    message = phones_of(demo).messages()[0]
    form = {"message": message.id, "title": "TERIMA", "csrf_token": csrf_token(browser, "/board")}
    assert browser.post("/demo/phones/press", data=form).status_code == 303

    def state() -> object:
        look(demo, worker)
        return rows(demo, Assignment)[0].state  # type: ignore[attr-defined]

    until(lambda: state() == "acknowledged")
    answered = [notice for notice in rows(demo, Notice) if notice.level == "answered"]  # type: ignore[attr-defined]
    assert answered


def test_a_person_of_the_demo_writes_a_line(demo: House) -> None:
    browser = demo.app.test_client()
    sign_in(browser, "supervisor", PASSWORD)
    [first, *_] = rows(demo, ContactChannel)
    number = first.address  # type: ignore[attr-defined]
    assert "Tulis ke 112" in browser.get(f"/demo/phones?number={number}").text
    form = {"number": number, "text": "SIAP", "csrf_token": csrf_token(browser, "/board")}
    assert browser.post("/demo/phones/say", data=form).status_code == 303
    assert browser.post("/demo/phones/say", data={**form, "number": "0812"}).status_code == 404
    assert browser.get("/demo/phones?number=1").status_code == 404


def test_the_demos_people_are_made_once_with_numbers_that_nobody_has(demo: House) -> None:
    seed_people(demo.centre)
    channels = rows(demo, ContactChannel)
    assert len(channels) == len({channel.address for channel in channels})  # type: ignore[attr-defined]
    assert {channel.address[:8] for channel in channels} == {"08120000"}  # type: ignore[attr-defined]
    roles = {contact.role for contact in rows(demo, Contact)}  # type: ignore[attr-defined]
    assert roles == {"duty", "chief", "head", "supervisor", "leader"}


def test_outside_the_demo_and_beside_a_real_carrier_there_are_no_telephones(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock
) -> None:
    real = {
        "whatsapp_phone_id": "1",
        "whatsapp_token": "t",
        "whatsapp_app_secret": "s",
        "whatsapp_verify_token": "v",
        "demo": True,
    }
    for own in (settings, replace(settings, **real), replace(settings, demo=True, demo_phones=False)):
        house = House(create_app(own, sqlite_centre, hasher=CHEAP), sqlite_centre, clock)
        services = services_of(house.app)
        assert services.phones is None
        assert not isinstance(services.carriers.get(Channel.WHATSAPP), DemoPhones)
