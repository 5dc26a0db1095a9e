"""An agency that declined or was called off: it sees the ticket as it was then, wherever it looks, and not for ever."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from dispatch.agencies.assignments import decline_assignment
from dispatch.feed.streams import replay, stream_for
from dispatch.roles import Role
from dispatch.storage.tables import KeptView
from tests.app.house import FIRE, KELURAHAN, House, Program

ELSEWHERE = {"kelurahan_code": "36.73.02.1003", "lat": -6.1, "lon": 106.16, "text": "belakang pasar RAHASIA"}
OTHER_TYPE = "kebocoran-gas"


class Eyes:
    """Whatever an agency's people can get, without what only tells the time or counts other things."""

    def __init__(self, house: House, number: str, agency: str = "damkar") -> None:
        self.house, self.number = house, number
        self.program, self.pages = house.program(agency), house.browser(agency)
        self.stream = stream_for(house.actor(agency, Role.RESPONDER, agency.upper()))

    def see(self) -> dict[str, Any]:
        lists = (f"/tickets?state={state}" for state in ("open", "closed", "in_progress", "dispatched"))
        paths = (f"/tickets/{self.number}", "/tickets", *lists, "/snapshot", "/journal")
        seen: dict[str, Any] = {path: self.program.get(f"/api/v1{path}").get_json() for path in paths}
        for changing in ("newest", "server_time"):
            del seen["/snapshot"][changing]
        with self.house.centre.read() as connection:
            city = self.house.centre.city
            seen["resume"] = replay(connection, city, self.stream, 0, limit=10_000, scan_limit=10_000).events
        for path in ("/agency", f"/agency/{seen[f'/tickets/{self.number}']['assignment']['id']}"):
            page = self.pages.get(path).text
            blocks = re.findall(r'<script type="application/json" id="(?:snapshot|ticket)">(.*?)</script>', page)
            assert len(blocks) == 2
            seen[path] = [re.sub(r'"(newest|server_time)": ?[^,}]*', "", block) for block in blocks]
        return seen


class Case:
    """A fire that DAMKAR is out of and DISHUB works on, and what happens to it later."""

    def __init__(self, house: House, how: str) -> None:
        self.house = house
        self.dewi, self.ratna = house.program("dewi"), house.program("ratna")
        self.number, ids = house.dispatched(self.dewi, "DAMKAR", "DISHUB")
        self.damkar, self.dishub = ids["DAMKAR"], ids["DISHUB"]
        if how == "declined":
            body = {"reason_code": "no_unit", "note": "mobil rusak"}
            self.must(house.program("damkar").post(f"/api/v1/assignments/{self.damkar}/decline", body))
        elif how == "declined by telephone":
            self.must(self.dewi.post(f"/api/v1/assignments/{self.damkar}/decline", {"reason_code": "no_unit"}))
        else:
            self.give("close", {"disposition": "cancelled", "note": "salah lapor"})
            self.give("reopen", {"reason": "ternyata benar"})
            self.give("dispatch", {"agencies": ["DISHUB"]})
            ticket = self.dewi.get(f"/api/v1/tickets/{self.number}").get_json()
            self.dishub = ticket["assignments"][-1]["id"]

    def must(self, answer: Any) -> Any:
        assert answer.status_code == 200, answer.text
        return answer.get_json()

    def give(self, verb: str, body: dict[str, Any], by: Program | None = None, number: str | None = None) -> Any:
        return self.must((by or self.dewi).post(f"/api/v1/tickets/{number or self.number}/{verb}", body))

    def another_caller(self) -> str:
        number, _ = self.house.call("081200000999")
        self.give("claim", {}, number=number)
        return number

    def later(self) -> list[tuple[str, Callable[[], object]]]:
        """Every command that can change a ticket with agencies on it, in an order that works."""
        dishub, steps = self.house.program("dishub"), f"/api/v1/assignments/{self.dishub}"
        caller: list[str] = []
        words = {"classification": "genuine", "words": "korban ada tiga RAHASIA"}
        answer = {"card": FIRE, "question": "orang-di-dalam", "value": "yes", "amount": 3}

        def attach() -> None:
            caller.append(self.another_caller())
            self.give("attach", {"to": self.number, "words": "api dari atap RAHASIA"}, number=caller[0])

        return [
            ("located", lambda: self.give("locate", ELSEWHERE)),
            ("another type", lambda: self.give("classify", words | {"type_code": OTHER_TYPE})),
            ("another priority", lambda: self.give("classify", words | {"type_code": FIRE, "priority": "P4"})),
            ("answered", lambda: self.give("answer", answer)),
            ("acknowledged", lambda: self.must(dishub.post(f"{steps}/acknowledge"))),
            ("attached", attach),
            ("more words", lambda: self.give("words", {"words": "api dari atap RAHASIA, bau gas"}, number=caller[0])),
            ("parted", lambda: self.give("detach", {}, number=caller[0])),
            ("sent to a third", lambda: self.give("dispatch", {"agencies": ["PSC119"]})),
            ("taken over", lambda: self.give("take-over", {"reason": "ganti"}, self.ratna)),
            ("on scene", lambda: self.must(dishub.post(f"{steps}/on-scene"))),
            ("cleared", lambda: self.must(dishub.post(f"{steps}/clear", {"note": "LAPORAN RAHASIA"}))),
            ("closed", lambda: self.give("close", {"disposition": "cancelled", "note": "RAHASIA"}, self.ratna)),
            ("reopened", lambda: self.give("reopen", {"reason": "RAHASIA"}, self.ratna)),
            ("located again", lambda: self.give("locate", {"kelurahan_code": KELURAHAN}, self.ratna)),
            ("released", lambda: self.give("release", {}, self.ratna)),
            ("closed again", lambda: self.give("close", {"disposition": "handled"}, self.ratna)),
        ]


@pytest.mark.parametrize("how", ["declined", "declined by telephone", "called off"])
def test_nothing_that_happens_afterwards_appears_to_an_agency_that_is_out_of_it(staffed: House, how: str) -> None:
    case = Case(staffed, how)
    eyes = Eyes(staffed, case.number)
    before = eyes.see()
    ticket = before[f"/tickets/{case.number}"]
    assert ticket["assignment"]["state"] == ("cancelled" if how == "called off" else "declined")
    assert ticket["place"]["kelurahan_code"] == KELURAHAN
    done = []
    for name, command in case.later():
        staffed.clock.step(7)
        try:
            command()
        except AssertionError as refused:
            if name not in ("released", "closed again"):
                raise AssertionError(name) from refused
        else:
            done.append(name)
        assert eyes.see() == before, name
    assert len(done) >= 15
    assert "RAHASIA" not in json.dumps(before)


def test_what_happens_in_the_same_batch_after_the_decline_is_not_shown_either(staffed: House) -> None:
    case = Case(staffed, "declined")  # the clock stands still: everything bears one instant
    kinds = [event["kind"] for event in staffed.program("damkar").get("/api/v1/journal").get_json()["items"]]
    assert kinds[-1] == "assignment.declined"
    case.give("locate", ELSEWHERE)
    journal = staffed.program("damkar").get("/api/v1/journal").get_json()["items"]
    assert [event["kind"] for event in journal] == kinds


def test_an_agency_that_is_sent_the_ticket_again_sees_it_as_it_is(staffed: House) -> None:
    case = Case(staffed, "declined")
    case.give("locate", ELSEWHERE)
    case.give("dispatch", {"agencies": ["DAMKAR"]})
    ticket = staffed.program("damkar").get(f"/api/v1/tickets/{case.number}").get_json()
    assert ticket["place"]["text"] == ELSEWHERE["text"]
    assert ticket["assignment"]["state"] == "sent"
    kinds = [event["kind"] for event in ticket["timeline"]]
    assert kinds.count("ticket.located") == 0  # it was located while the agency was out of it


def test_declining_twice_keeps_what_was_seen_the_first_time(staffed: House) -> None:
    case = Case(staffed, "declined")
    eyes = Eyes(staffed, case.number)
    before = eyes.see()
    case.give("locate", ELSEWHERE)
    again = staffed.centre.run(
        decline_assignment,
        actor=staffed.actor("damkar", Role.RESPONDER, "DAMKAR"),
        assignment_id=case.damkar,
        reason_code="no_unit",
    )
    assert not again.changed
    assert eyes.see() == before


def test_the_other_agency_goes_on_seeing_what_happens(staffed: House) -> None:
    case = Case(staffed, "declined")
    case.give("locate", ELSEWHERE)
    assert (
        staffed.program("dishub").get(f"/api/v1/tickets/{case.number}").get_json()["place"]["lat"] == ELSEWHERE["lat"]
    )


def paths_of(case: Case) -> list[str]:
    return [f"/api/v1/tickets/{case.number}", "/api/v1/tickets", "/api/v1/snapshot", "/api/v1/journal"]


@pytest.mark.parametrize("how", ["declined", "called off", "done"])
def test_what_is_over_ends_by_policy(staffed: House, how: str) -> None:
    case = Case(staffed, "called off" if how == "called off" else "declined")
    agency, assignment = ("dishub", case.dishub) if how == "done" else ("damkar", case.damkar)
    program = staffed.program(agency)
    if how == "done":
        for step, body in (("acknowledge", {}), ("clear", {"note": "padam"})):
            case.must(program.post(f"/api/v1/assignments/{assignment}/{step}", body))
    days = staffed.centre.city.policy.agency.past_days
    staffed.clock.step(timedelta(days=days).total_seconds() - 60)
    assert program.get(f"/api/v1/tickets/{case.number}").status_code == 200
    assert case.number in program.get("/api/v1/tickets").text
    assert case.number in program.get("/api/v1/journal").text
    staffed.clock.step(120)
    assert program.get(f"/api/v1/tickets/{case.number}").status_code == 404
    for path in paths_of(case)[1:]:
        assert case.number not in program.get(path).text, path
    assert staffed.browser(agency).get(f"/agency/{assignment}").status_code == 404
    assert program.post(f"/api/v1/assignments/{assignment}/acknowledge").status_code == 404
    case.give("locate", ELSEWHERE)
    assert case.number not in program.get("/api/v1/journal").text
    assert case.dewi.get(f"/api/v1/tickets/{case.number}").status_code == 200  # the centre forgets nothing
    case.give("dispatch", {"agencies": [agency.upper()]})
    assert program.get(f"/api/v1/tickets/{case.number}").get_json()["assignment"]["state"] == "sent"


def test_what_is_under_way_never_ends_by_age(staffed: House) -> None:
    case = Case(staffed, "declined")
    staffed.clock.step(timedelta(days=400).total_seconds())
    dishub = staffed.program("dishub")
    for path in paths_of(case):
        assert case.number in dishub.get(path).text, path


def test_what_is_kept_is_one_row_for_each_that_can_be_erased(staffed: House) -> None:
    case = Case(staffed, "declined")
    with staffed.centre.read() as connection:
        (row,) = connection.execute(KeptView.__table__.select()).all()
    assert (row.assignment_id, row.agency_code, row.state) == (case.damkar, "DAMKAR", "dispatched")
