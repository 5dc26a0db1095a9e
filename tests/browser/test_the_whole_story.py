"""Nobody can let it lie: a call, two agencies, nobody acts; everybody above is told up to the mayor, until it is done.

Time is moved: whenever nobody is to do anything, all that happened becomes as much older as the next rung needs.
"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.app.running_server import until
from tests.browser.on_call import OnCall, server_and_telephones
from tests.browser.screens import AT_ONCE, PHONE, Phone, Screen

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]

WORDS = "kebakaran rumah dpn pasar rau, api besar, ada orang di dalam"
ASKED = "Kirim armada sekarang juga, laporkan kepada saya begitu berangkat."
RESULT = "Api padam, satu orang selamat."
#: Who is told of a fire that DAMKAR does not accept, rung by rung, and whom the operator then reads as the next.
RUNGS = (
    (("duty",), "Kepala regu"),
    (("duty", "chief"), "Kepala dinas"),
    (("head",), "Supervisor"),
    (("supervisor",), "Sekda"),
    (("sekda",), "Wali Kota"),
    (("mayor",), None),
)
SUPERVISOR = 3  #: from this rung on the board says it too


@pytest.fixture(scope="module")
def with_telephones(chromium, tmp_path_factory):
    with server_and_telephones(tmp_path_factory.mktemp("siaga")) as both:
        yield both


@pytest.fixture(scope="module")
def siaga(with_telephones):
    return with_telephones[0]


@pytest.fixture
def phones(with_telephones):
    return with_telephones[1]


@pytest.fixture
def on_call(siaga):
    return OnCall(siaga)


@pytest.fixture
def numbers(on_call):
    """Everybody's telephone number; PSC119 has nobody on duty, which is a hole."""
    return {
        "duty": on_call.add("DAMKAR", "duty", "Asep", "whatsapp"),
        "chief": on_call.add("DAMKAR", "chief", "Dedi", "whatsapp"),
        "head": on_call.add("DAMKAR", "head", "Hasan", "whatsapp"),
        "supervisor": on_call.add("DISKOMINFO", "supervisor", "Wulan", "whatsapp"),
        "sekda": on_call.add("SETDA", "leader", "Sekda", "whatsapp", username="sekda"),
        "mayor": on_call.add("WALIKOTA", "leader", "Wali Kota", "whatsapp", username="walikota"),
    }


def test_a_fire_that_nobody_accepts_reaches_the_mayor_and_is_put_out(
    people, exchange, office, siaga, phones, on_call, numbers
):
    dewi, board = people.operator(), people.board()
    damkar = people.responder()
    call = exchange.ring("081200000417", location='shape="Circle",crs="2d",pos="-6.1101 106.1641",radius="120"')
    dewi.take(call.ticket)
    exchange.answered(call, "op1")
    sends_to_two(dewi)
    takes_the_hole_by_telephone(dewi, office, call)

    expect(damkar.task(call.short)).to_be_visible(timeout=AT_ONCE)
    damkar.task(call.short).locator('[data-part="open"]').tap()
    nobody_acts(dewi, board, phones, on_call, numbers, call)
    mayor = the_mayor_asks(people, call)
    expect(damkar.see("#instructions")).to_contain_text(ASKED)
    duty = numbers["duty"]
    asked = f"TINDAK LANJUT {call.short} diminta Wali Kota"
    until(lambda: any(asked in text for text in phones.texts(duty)))

    the_officer_goes(people, phones, duty, dewi, damkar, call)
    damkar.report_result(RESULT)
    damkar.stepped(4)
    expect(dewi.assignment("DAMKAR")).to_contain_text(RESULT)
    expect(mayor.see("#done .lead-card")).to_contain_text(call.ticket)

    exchange.ended(call, answered=True)
    expect(dewi.see('[data-action="send"]', "Verifikasi")).to_be_visible()
    dewi.press("Control+Enter")
    dewi.see("#close-ticket .disposition", "Selesai ditangani").click()
    dewi.see("#close-ticket [type=submit]").click()
    expect(dewi.see('[data-field="call-state"]')).to_have_text("Selesai ditangani")
    expect(board.see("#escalation-empty")).to_be_visible()
    expect(damkar.see("#ending")).to_contain_text("Tiket sudah ditutup pusat 112.")
    audited = siaga.flask("audit")
    assert (audited.returncode, audited.stdout.strip()) == (0, "0 open clocks, 0 steps missed")


def sends_to_two(dewi):
    """The operator types, and leaves two of the proposed agencies."""
    dewi.hear(WORDS)
    expect(dewi.chosen("types")).to_contain_text("Kebakaran bangunan/rumah")
    expect(dewi.chosen("places")).to_contain_text("Pasar Induk Rau")
    choices = dewi.see("#agencies .agency-choice")
    expect(choices.first).to_contain_text("DAMKAR")
    for choice in choices.all():
        wanted = re.search(r"\b(DAMKAR|PSC119)\b", choice.inner_text()) is not None
        choice.locator("input").set_checked(wanted)
    expect(choices.filter(has_text="DAMKAR").first).to_contain_text(re.compile(r"Asep( \+1)? · WhatsApp"))
    expect(choices.filter(has_text="PSC119").locator(".agency-hole")).to_have_text("119")
    expect(choices.filter(has_text="DAMKAR").first.locator(".agency-hole")).to_have_text("")
    expect(dewi.see("[data-part=holes]")).to_contain_text("1")
    expect(dewi.see('[data-action="send"]')).to_contain_text("Kirim ke 2, telepon PSC119")
    dewi.entry.focus()
    dewi.press("Control+Enter")
    expect(dewi.assignment("DAMKAR")).to_contain_text(re.compile("terkirim|sampai"))
    expect(dewi.see("#assignments .follow")).to_have_count(2)


def takes_the_hole_by_telephone(dewi, office, call):
    """Nobody of PSC 119 can be told: its number stands there, they are called, and go and do it."""
    row = dewi.assignment("PSC119")
    expect(row).to_contain_text("119")
    row.locator(".follow-open").focus()
    dewi.press("1")
    expect(dewi.see(".follow-number")).to_have_text("119")
    dewi.press("Enter")
    expect(row).to_contain_text("diterima")
    dewi.entry.focus()
    office.agency_does("PSC119", call.ticket, "en-route", "on-scene", "clear", note="Tidak ada korban.")
    expect(row).to_contain_text("Tidak ada korban.")


def nobody_acts(dewi, board, phones, on_call, numbers, call):
    """Rung by rung somebody higher is told, once, by a message that came in time; both screens say so."""
    escalation = board.see("#escalation-lines .escalation-line", call.short)
    for number, (told, following) in enumerate(RUNGS):
        if number:
            on_call.until_next_rung("DAMKAR")
            until(lambda number=number: (on_call.next_rung("DAMKAR") or (len(RUNGS),))[0] > number)
        for who in told:
            kind = "PENGINGAT" if who == "duty" else "ESKALASI"
            late = f"{kind} {call.short}: belum diterima (Damkar)"
            text = arrived(phones, numbers[who], late if number else f"TUGAS 112 nomor {call.short}")
            assert "TERLAMBAT" not in text
        if following:
            expect(dewi.assignment("DAMKAR").locator(".follow-clock")).to_contain_text(following)
        if number >= SUPERVISOR:
            expect(escalation).to_contain_text(f"tingkat {number + 1} dari {len(RUNGS)}")
    late = re.compile(rf"^ESKALASI {call.short}: belum diterima \(Damkar\)", re.MULTILINE)
    told_of = {who: sum(bool(late.match(text)) for text in phones.texts(number)) for who, number in numbers.items()}
    assert told_of == {"duty": 0, "chief": 1, "head": 1, "supervisor": 1, "sekda": 1, "mayor": 1}
    assert "/leader" in newest(phones, numbers["mayor"])
    assert on_call.next_rung("DAMKAR") is None
    expect(dewi.toast(f"{call.short}: DAMKAR belum terima.")).to_be_visible()
    expect(escalation).to_contain_text("DAMKAR: semua sudah tahu")
    expect(board.agency("DAMKAR")).to_contain_text(call.short)


def arrived(phones, number, words):
    """Wait until the newest message on a telephone holds these words; two messages to one person are seconds apart."""
    until(lambda: words in newest(phones, number), 20)
    return newest(phones, number)


def newest(phones, number):
    return (phones.texts(number) or [""])[-1]


def the_mayor_asks(people, call):
    mayor = people.signed_in(Screen, "walikota", "/leader", PHONE)
    card = mayor.see("#cases-waiting .lead-card", call.ticket)
    expect(card).to_contain_text("DAMKAR belum menerima tugas")
    card.locator('[data-action="follow"]').tap()
    mayor.page.fill("#follow-words", ASKED)
    mayor.see("#sheet [type=submit]").tap()
    expect(mayor.see("#cases-running .lead-card", call.ticket)).to_contain_text(ASKED)
    return mayor


def the_officer_goes(people, phones, number, dewi, damkar, call):
    """Accepts by the link in the message, sets out by an answer to it, and arrives by the link again."""
    link = re.search(r"/t/\S+", newest(phones, number))
    assert link is not None, phones.texts(number)
    asep = people.window(Phone, PHONE, "asep")
    asep.open(link[0])
    asep.see("button.accept", "TERIMA").tap()
    expect(asep.see("main")).to_contain_text(WORDS)
    expect(dewi.assignment("DAMKAR")).to_contain_text("diterima")
    damkar.stepped(1)
    phones.whatsapp.say(number, f"MENUJU {call.short}")
    expect(dewi.assignment("DAMKAR")).to_contain_text("menuju")
    until(lambda: newest(phones, number) == f"{call.short}: tercatat, menuju lokasi.")
    asep.see("button", "Tiba di lokasi").tap()
    expect(dewi.assignment("DAMKAR")).to_contain_text("tiba")
    damkar.stepped(3)
