"""Sudah dikirim: how far the news has come at each agency, who is told next, and one button for what is to be done."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.app.running_server import until
from tests.browser.legibility import out_of_reach
from tests.browser.on_call import OnCall, server_with_whatsapp

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

SIZES = {"1366x768": (1366, 768), "1920x1080": (1920, 1080), "125 %": (1093, 614), "150 %": (911, 512)}
WARD = "36.73.01.1007"


@pytest.fixture(scope="module")
def siaga(chromium, tmp_path_factory):
    with server_with_whatsapp(tmp_path_factory.mktemp("siaga")) as server:
        on_call = OnCall(server)
        for agency, channel in (
            ("DAMKAR", "whatsapp"),
            ("PSC119", "whatsapp"),
            ("BPBD", "whatsapp"),
            ("PLN", "telegram"),
        ):
            on_call.add(agency, "duty", f"Piket {agency}", channel)
            on_call.add(agency, "chief", f"Kepala {agency}", channel)
            on_call.add(agency, "head", f"Dinas {agency}", channel)
        on_call.add("DISKOMINFO", "supervisor", "Wulan", "whatsapp")
        yield server


@pytest.fixture
def on_call(siaga):
    return OnCall(siaga)


def reach_of(office, ticket, agency):
    """How far the news has come there; nobody has been told yet where its first rung has not fired."""
    assignment = next(one for one in office.ticket(ticket)["assignments"] if one["agency"] == agency)
    return assignment["reach"] or {"people": []}


def all_its_own_are_lost(people):
    """Whether nobody of the agency can be told, and the centre's supervisor has been."""
    own = {one["level"] for one in people if one["role"] != "supervisor"}
    return own == {"failed"} and any(one["role"] == "supervisor" for one in people)


@pytest.fixture
def sent(people, exchange, office):
    """A fire that operator1 has sent to four agencies; PLN is reached by nothing that is set up."""
    console = people.operator()
    call = exchange.ring("081200004501")
    office.dispatched("operator1", call.ticket, "kebakaran-bangunan", WARD, ["DAMKAR", "PSC119", "BPBD", "PLN"])
    exchange.answered(call, "op1")
    # Each rung that is lost tries the next people at once: PLN's place in the list rests when all of its own are lost.
    until(lambda: all_its_own_are_lost(reach_of(office, call.ticket, "PLN")["people"]))
    expect(console.see("#work-title")).to_contain_text(call.ticket)
    expect(console.assignment("PLN")).to_contain_text("pesan gagal, telepon")
    yield console, call
    exchange.ended(call, answered=True)


def order(console):
    return console.see("#assignments .follow-open").all_inner_texts()


def test_whom_no_message_reaches_is_first_and_is_a_number_to_dial(sent, office):
    console, _ = sent
    assert order(console)[0] == "PLN"
    expect(console.assignment("PLN")).to_contain_text("123")
    expect(console.assignment("DAMKAR").locator(".squares")).to_have_attribute("data-full", "1")
    assert at_every_size(console) == {}
    console.page.set_viewport_size({"width": 1366, "height": 768})
    console.see("#assignments .follow-open").first.focus()
    console.press("1")
    expect(console.see(".follow-number")).to_have_text("123")
    assert at_every_size(console) == {}
    console.press("Enter")
    expect(console.assignment("PLN")).to_contain_text("diterima")
    assert order(console)[0] == "PLN"  # while the hand is in the list nothing moves
    console.entry.focus()
    console.page.mouse.move(0, 0)
    expect(console.see("#assignments .follow-open").first).not_to_have_text("PLN")


def at_every_size(console):
    """What is wrong with what was sent at which size; the question card below it has tests of its own."""
    found = {}
    for name, (width, height) in SIZES.items():
        console.page.set_viewport_size({"width": width, "height": height})
        console.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        found[name] = [one for one in out_of_reach(console.page) if "card-" not in one]
    return {name: wrong for name, wrong in found.items() if wrong}


def test_each_level_fills_a_square_and_only_an_answer_the_fifth(sent, office, on_call):
    console, call = sent
    for level, word, full in (("delivered", "sampai", 2), ("read", "dibaca", 3), ("opened", "dibuka", 4)):
        on_call.reached("PSC119", level)
        office.does("operator1", call.ticket, "classify", classification="genuine", words=f"api besar, {level}")
        row = console.assignment("PSC119")
        expect(row.locator(".squares")).to_have_attribute("data-full", str(full))
        expect(row).to_contain_text(re.compile(rf"{word} \d\d\.\d\d\.\d\d"))
    expect(row.locator(".follow-clock")).to_contain_text(
        re.compile(r"Kepala regu \d\d\.\d\d, lalu \d\d\.\d\d Kepala dinas")
    )
    office.agency_does("PSC119", call.ticket, "acknowledge")
    expect(row.locator(".squares")).to_have_attribute("data-full", "5")
    expect(row.locator(".follow-act")).to_have_text(re.compile("Tandai menuju"))


def test_a_declined_task_is_handed_over_with_its_reason(sent, office):
    console, call = sent
    (declined,) = (one for one in office.ticket(call.ticket)["assignments"] if one["agency"] == "BPBD")
    body = {"reason_code": "no_unit", "note": "tangki di Kasemen"}
    assert office.of("bpbd").post(f"/api/v1/assignments/{declined['id']}/decline", body).status_code == 200
    row = console.assignment("BPBD").first
    expect(row).to_contain_text("tanpa pengganti")
    row.locator(".follow-open").focus()
    console.press("s")
    expect(console.see(".hand [data-part=words]")).to_have_value("tangki di Kasemen")
    console.see(".hand [data-part=other]").select_option("DAMKARKAB")
    console.see(".hand [data-part=words]").focus()
    console.press("Enter")
    expect(console.assignment("DAMKARKAB")).to_be_visible()
    (other,) = (one for one in office.ticket(call.ticket)["assignments"] if one["agency"] == "DAMKARKAB")
    assert other["note"] == "menggantikan BPBD: tangki di Kasemen"
    expect(row.locator("[data-part=timer]")).to_be_hidden()


def test_the_full_ladder_and_the_pause_of_a_clock_open_under_the_row(sent, office):
    console, _ = sent
    row = console.assignment("DAMKAR")
    row.locator(".follow-open").focus()
    console.press("ArrowRight")
    expect(row.locator("[data-part=rungs] li")).to_have_count(6)
    expect(row.locator("[data-part=messages]")).to_contain_text("Piket DAMKAR")
    row.locator("[data-part=pause] button").click()
    expect(row.locator(".follow-clock")).to_contain_text(re.compile(r"dijeda sampai \d\d\.\d\d"))
    expect(row.locator(".follow-clock")).to_contain_text("Menunggu jawaban pelapor")
    row.locator("[data-part=pause] button").click()
    expect(row.locator(".follow-clock")).to_contain_text("sisa")
    console.press("Escape")
    expect(row.locator(".follow-detail")).to_have_count(0)


def test_what_the_caller_says_next_is_never_lost_in_the_list(sent):
    console, _ = sent
    console.see("#assignments .follow-open").first.focus()
    console.press("a")
    expect(console.entry).to_have_value(re.compile("a$"))
    expect(console.entry).to_be_focused()
