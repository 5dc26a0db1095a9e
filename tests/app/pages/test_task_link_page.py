"""The page behind a task's link as an officer, a preview bot, a guesser and a second telephone meet it."""

from __future__ import annotations

import gzip
import re
from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from app import create_app
from config import Settings
from dispatch.centre import Centre
from dispatch.city.ladders import LinkShows
from dispatch.ladders.firing import fire_due_rungs
from dispatch.links.task_links import link_for
from dispatch.storage.tables import Contact, ContactChannel, Notice
from dispatch.storage.transaction import Transaction
from tests.app.conftest import CHEAP
from tests.app.house import House, Program
from tests.steppable_clock import SteppableClock

SECRET = "a secret key that only this test knows"
BUDGET_BYTES = 30 * 1024
WORDS = "rumah terbakar di Serang"


def duty(house: House, agency: str = "DAMKAR", name: str = "Asep") -> int:
    """Somebody on duty with a telephone of the kind that no network gives out."""

    def add(tx: Transaction) -> int:
        contact_id = tx.insert(Contact, agency_code=agency, role="duty", name=name, created_at=tx.now)
        tx.insert(
            ContactChannel,
            contact_id=contact_id,
            channel="whatsapp",
            position=0,
            address="6281200000001",
            changed_at=tx.now,
        )
        return contact_id

    return house.centre.run(add)


def told(house: House, operator: Program, **place: Any) -> tuple[int, str]:
    """A fire was sent to DAMKAR and Asep told of it: the assignment, and the path of his link."""
    contact_id = duty(house)
    number, assignments = house.dispatched(operator, "DAMKAR")
    if place:
        assert operator.post(f"/api/v1/tickets/{number}/locate", place).status_code == 200
    house.centre.run(fire_due_rungs, limit=20)
    with house.centre.read() as connection:
        notice = connection.execute(select(Notice.id).where(Notice.contact_id == contact_id)).scalar_one()
    return assignments["DAMKAR"], link_for(SECRET, notice, contact_id)


def phone(house: House) -> FlaskClient:
    return house.app.test_client()


def state(program: Program, assignment: int) -> str:
    tickets = program.get("/api/v1/tickets").get_json()["items"]
    return str(next(a["state"] for ticket in tickets for a in ticket["assignments"] if a["id"] == assignment))


def test_an_officer_accepts_and_reports_without_a_sign_in_and_without_script(staffed: House, dewi: Program) -> None:
    assignment, link = told(staffed, dewi)
    officer = phone(staffed)
    page = officer.get(link)
    assert page.status_code == 200
    assert "Tugas untuk <b>Asep, DAMKAR</b>" in page.text
    assert 'action="/t/' in page.text
    accepted = officer.post(f"{link}/accept")
    assert (accepted.status_code, accepted.headers["Location"]) == (303, link)
    assert WORDS in officer.get(link).text
    officer.post(f"{link}/accept")
    officer.post(f"{link}/en-route")
    officer.post(f"{link}/on-scene")
    assert state(dewi, assignment) == "on_scene"
    without = officer.post(f"{link}/clear", data={"note": "  "})
    assert "Tulis hasilnya dulu" in officer.get(without.headers["Location"]).text
    officer.post(f"{link}/clear", data={"note": "api padam"})
    assert state(dewi, assignment) == "cleared"
    assert "Tugas selesai" in officer.get(link).text


def test_previews_open_the_link_and_nothing_happens(staffed: House, dewi: Program) -> None:
    assignment, link = told(staffed, dewi)
    before = staffed.journal_kinds()
    for path in ("", "/accept", "/opened", "/decline", "/again"):
        phone(staffed).get(link + path)
        phone(staffed).head(link + path)
    assert staffed.journal_kinds() == before
    assert state(dewi, assignment) == "sent"
    phone(staffed).post(f"{link}/opened")  # the page's own script
    assert staffed.journal_kinds()[-1] == "notice.reached"


def test_before_acceptance_nothing_of_the_caller_is_on_the_page(staffed: House, dewi: Program) -> None:
    _, link = told(staffed, dewi, kelurahan_code="36.73.01.1001", text="Gang Melati 4, rumah Bu Siti")
    for path in (link, f"{link}?lang=en"):
        page = phone(staffed).get(path).text
        for hidden in (WORDS, "0812", "417", "Bu Siti", "Melati", "openstreetmap", "geo:"):
            assert hidden not in page
        assert "Kel. " in page


def test_what_is_shown_before_acceptance_is_the_citys_to_say(
    settings: Settings, sqlite_centre: Centre, clock: SteppableClock
) -> None:
    city = sqlite_centre.city
    links = replace(city.ladders.links, before_accept=(LinkShows.PLACE,))
    sqlite_centre.city = replace(city, ladders=replace(city.ladders, links=links))
    house = House(create_app(settings, sqlite_centre, hasher=CHEAP), sqlite_centre, clock).staff()
    _, link = told(house, house.program("dewi"), kelurahan_code="36.73.01.1001", text="Pasar Rau")
    page = phone(house).get(link).text
    assert "Pasar Rau" in page
    assert "Kebakaran" not in page
    assert 'data-priority="P1"' not in page


def test_a_forwarded_link_names_whoever_was_first_and_shows_no_more(staffed: House, dewi: Program) -> None:
    _, link = told(staffed, dewi)
    first, second = phone(staffed), phone(staffed)
    second.get(link)
    first.post(f"{link}/accept")
    for _ in range(2):
        page = second.get(link).text
        assert "Sudah diterima di ponsel lain" in page
        assert "Asep" in page
        assert WORDS not in page
        second.post(f"{link}/accept")
    assert "Menuju lokasi" in first.get(link).text


def test_refusing_by_form_needs_a_reason(staffed: House, dewi: Program) -> None:
    assignment, link = told(staffed, dewi)
    officer = phone(staffed)
    assert "said=reason" in officer.post(f"{link}/decline").headers["Location"]
    assert state(dewi, assignment) == "sent"
    officer.post(f"{link}/decline", data={"reason_code": "no_unit"})
    assert state(dewi, assignment) == "declined"
    assert "Tugas ditolak" in officer.get(link).text


def test_forged_links_and_those_of_an_old_key_get_a_page_and_no_task(staffed: House, dewi: Program) -> None:
    assignment, link = told(staffed, dewi)
    forged = link[:-1] + ("0" if link[-1] != "0" else "1")
    answer = phone(staffed).get(forged)
    assert (answer.status_code, "tidak dikenal" in answer.text, "DAMKAR" in answer.text) == (404, True, False)
    notice, contact = (int(part, 32) for part in link.split("-")[1:3])
    old = phone(staffed).get(link_for("the key of last year", notice, contact))
    assert (old.status_code, "kunci" in old.text, "DAMKAR" in old.text) == (410, True, False)
    for path in (forged, link_for("the key of last year", notice, contact)):
        assert phone(staffed).post(f"{path}/accept").status_code in (404, 410)
        assert phone(staffed).get(f"{path}/mark").get_json() == {"mark": ""}
    assert state(dewi, assignment) == "sent"


def test_who_guesses_is_slowed_down_and_real_links_still_work(staffed: House, dewi: Program) -> None:
    _, link = told(staffed, dewi)
    mark = link.removeprefix("/t/").partition("-")[0]
    answers = [phone(staffed).get(f"/t/{mark}-1-{number}-0000000000000000").status_code for number in range(12)]
    assert answers == [404] * 10 + [429] * 2
    assert phone(staffed).get(link).status_code == 200


def test_an_expired_link_shows_nothing_and_sends_a_new_one_to_the_registered_number(
    staffed: House, dewi: Program, clock: SteppableClock
) -> None:
    _, link = told(staffed, dewi)
    clock.step(13 * 3600)
    page = phone(staffed).get(link)
    assert (page.status_code, "12 jam" in page.text, "Kirim tautan baru" in page.text) == (410, True, True)
    assert "Kebakaran" not in page.text
    asked = phone(staffed).post(f"{link}/again")
    assert "Tautan baru dikirim" in phone(staffed).get(asked.headers["Location"]).text
    asked = phone(staffed).post(f"{link}/again")
    assert "Baru saja dikirim" in phone(staffed).get(asked.headers["Location"]).text


def test_a_removed_contact_sees_nothing(staffed: House, dewi: Program) -> None:
    assignment, link = told(staffed, dewi)

    def remove(tx: Transaction) -> None:
        tx.update(Contact, Contact.id > 0, removed_at=tx.now)

    staffed.centre.run(remove)
    page = phone(staffed).get(link)
    assert (page.status_code, "Kebakaran" in page.text) == (410, False)
    phone(staffed).post(f"{link}/accept")
    assert state(dewi, assignment) == "sent"


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://elsewhere.id"}]
)
def test_what_another_site_posts_is_refused(staffed: House, dewi: Program, headers: dict[str, str]) -> None:
    assignment, link = told(staffed, dewi)
    answer = phone(staffed).post(f"{link}/accept", headers=headers)
    assert "said=elsewhere" in answer.headers["Location"]
    assert state(dewi, assignment) == "sent"
    own = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}  # as the page's own forms are sent
    phone(staffed).post(f"{link}/accept", headers=own)
    assert state(dewi, assignment) == "acknowledged"


def test_the_page_says_when_nothing_could_be_saved(
    staffed: House, dewi: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_tx: Transaction, **_arguments: Any) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    _, link = told(staffed, dewi)
    monkeypatch.setattr("app.pages.task_link.take_link_step", full)
    answer = phone(staffed).post(f"{link}/accept")
    assert (answer.status_code, "Telepon pusat sekarang" in answer.text) == (503, True)


def test_the_page_keeps_its_address_to_itself_and_is_kept_by_nobody(staffed: House, dewi: Program) -> None:
    _, link = told(staffed, dewi)
    headers = phone(staffed).get(link).headers
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "form-action 'self'" in headers["Content-Security-Policy"]
    cookie = headers["Set-Cookie"]
    assert all(part in cookie for part in ("HttpOnly", "SameSite=Lax", "Path=/t/"))


def test_the_page_is_small(staffed: House, dewi: Program) -> None:
    _, link = told(staffed, dewi)
    client = phone(staffed)
    page = client.get(link).text
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
    assert len(loaded) == 2
    total = len(page.encode())
    for path in loaded:
        with client.get(path, headers={"Accept-Encoding": "gzip"}) as file:
            total += len(gzip.decompress(file.data))
    assert total < BUDGET_BYTES


def test_it_speaks_the_telephones_language(staffed: House, dewi: Program) -> None:
    _, link = told(staffed, dewi)
    english = phone(staffed).get(link, headers={"Accept-Language": "en-GB,en;q=0.9"}).text
    assert "ACCEPT" in english
    assert '<html lang="en">' in english
    again = phone(staffed).post(f"{link}/accept?lang=en").headers["Location"]
    assert again.endswith("?lang=en")
