"""Before the page of rosters: holes first, a shift with its ladder, a swap with its cost, two editors, a test."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import expect

from tests.browser.screens import PHONE, Screen
from tests.browser.test_both_languages import foreign, in_language
from tests.browser.test_sizes import PHONE_SIZES, SIZES, at_every_size

pytestmark = [pytest.mark.real, pytest.mark.timeout(120)]

JAKARTA = ZoneInfo("Asia/Jakarta")


def day(count):
    """A day by the city's wall, counted from today."""
    return (datetime.now(JAKARTA) + timedelta(days=count)).strftime("%Y-%m-%d")


def add(program, name, role="duty", agency="DAMKAR", number=None):
    answer = program.post("/api/v1/contacts", {"agency": agency, "name": name, "role": role})
    contact_id = answer.json()["contact_id"]
    channels = [{"channel": "whatsapp", "address": number}] if number else []
    program.post(f"/api/v1/contacts/{contact_id}/channels", {"channels": channels})
    return contact_id


def give(program, contact_id, count, starts="07:00", ends="15:00"):
    """A shift so many days from today; returns its id."""
    last = count + (ends <= starts)
    shift = {"starts_local": f"{day(count)}T{starts}", "ends_local": f"{day(last)}T{ends}"}
    answer = program.post("/api/v1/duties", {"contact_id": contact_id, **shift})
    assert answer.status_code == 200, answer.text
    return answer.json()["duty_id"]


@pytest.fixture
def rostered(office):
    """Three people of DAMKAR with shifts tomorrow and the day after, and a head."""
    program = office.of("supervisor")
    for contact in program.get("/api/v1/contacts").json()["items"]:
        program.post(f"/api/v1/contacts/{contact['id']}/remove")
    herman, ade = add(program, "Herman", number="081200000433"), add(program, "Ade", number="081200000434")
    add(program, "Kadis", role="head", number="081200000401")
    return program, herman, ade, give(program, herman, 1), give(program, ade, 2)


def on_the_page(people, who="supervisor", size=None, at=1):
    options = {"size": size} if size else {}
    screen = people.signed_in(Screen, who, "/roster", **options)
    screen.open(f"/roster?agency=DAMKAR&day={day(at)}")
    expect(screen.see("#week button").first).to_be_visible()
    return screen


def cell(screen, count, starts="07:00"):
    return screen.see(f'#week button[data-starts="{day(count)}T{starts}"]')


def test_a_swap_is_chosen_with_its_cost_and_both_are_told(people, rostered):
    _, _, _, _, of_ade = rostered
    page = on_the_page(people)
    expect(page.see("#agencies > li").first).to_have_attribute("data-look", "hole")
    cell(page, 1).click()
    expect(page.see("#steps > li")).to_have_count(6)
    expect(page.see("#steps > li").first).to_contain_text("Herman: WhatsApp 0812-0000-0433")
    expect(page.see("#steps > li").nth(3)).to_have_attribute("data-hole", "true")  # no supervisor has a channel
    expect(page.see("#shift-form legend")).to_have_text("Siapa menggantikan Herman?")
    page.see("#candidates .candidate", "Ade").click()
    expect(page.see("#told")).to_contain_text("Ade dan Herman diberi tahu.")
    page.see("#return-choice").select_option(str(of_ade))
    page.see("#shift-form button[type=submit]", "beri tahu Ade dan Herman").click()
    expect(cell(page, 1)).to_contain_text("Ade")
    if datetime.now(JAKARTA).weekday() < 5:  # the day after tomorrow stands in the same week
        expect(cell(page, 2)).to_contain_text("Herman")


def test_whoever_is_first_counts_and_the_other_reads_whose_change_it_was(people, rostered):
    program, _, _, duty, _ = rostered
    page = on_the_page(people, "damkar")  # whose page hears of it only when it asks again
    cell(page, 1).click()
    page.see("#candidates .candidate", "Ade").click()
    program.post(f"/api/v1/duties/{duty}/remove")
    page.witness.expect_refusal(409, "swap")
    page.see("#shift-form button[type=submit]").click()
    expect(page.see("#shift-problem")).to_contain_text("lebih dulu mengubah daftar piket ini")
    expect(cell(page, 1)).to_contain_text("kosong")
    expect(cell(page, 1)).to_contain_text("Herman dibebaskan")


def test_a_person_is_added_and_reached_by_keyboard_alone(people, rostered):
    page = on_the_page(people, "damkar")
    expect(page.see(".roster-agencies")).to_have_attribute("data-single", "true")
    page.see('[data-action="new-contact"]').focus()
    page.press("Enter")
    page.page.keyboard.type("Dadan")
    page.see("#edit-channels input").focus()
    page.page.keyboard.type("nomor Dadan")
    page.witness.expect_refusal(400, "channels")
    page.press("Enter")
    expect(page.see("#person-problem")).to_contain_text("tidak dapat dipakai")
    page.see("#edit-channels input").fill("0812 0000 0499")
    page.press("Enter")
    expect(page.see("#people button", "Dadan")).to_contain_text("tanpa uji")
    expect(page.see("#person-channels")).to_contain_text("0812-0000-0499")
    page.see('#person-channels [data-action="test"]').click()
    expect(page.see("#person-channels .channel-state")).to_contain_text("menunggu jawaban")
    cell(page, 1).focus()
    page.press("ArrowDown", "Enter")
    expect(cell(page, 1, "15:00")).to_have_attribute("aria-pressed", "true")
    expect(cell(page, 1, "15:00")).to_be_focused()


def test_a_wrong_file_names_its_rows_and_saves_nothing(people, rostered):
    page = on_the_page(people)
    page.see("#file summary").click()
    text = f"agency,area,name,from,to,role\nDAMKAR,,Heman,{day(3)}T07:00,{day(3)}T15:00,duty\n"
    page.witness.expect_refusal(400, "import")
    page.see("#file-input").set_input_files({"name": "piket.csv", "mimeType": "text/csv", "buffer": text.encode()})
    expect(page.see("#file-problems")).to_contain_text("Baris 2, name: tidak dikenal")
    fine = text.replace("Heman", "Herman").encode()
    page.see("#file-input").set_input_files({"name": "piket.csv", "mimeType": "text/csv", "buffer": fine})
    expect(page.see("#toast")).to_contain_text("Baru: 1 giliran")


def test_the_page_fits_every_size_and_speaks_one_language(people, rostered):
    page = on_the_page(people)
    cell(page, 1).click()
    expect(page.see("#candidates .candidate")).to_have_count(1)
    page.see("#candidates .candidate").click()
    page.picture("roster")
    assert at_every_size(page, SIZES) == {}
    page.theme("dark")
    assert at_every_size(page, SIZES) == {}
    assert foreign(page, "id") == []
    in_language("en", page)
    expect(page.see("#week button").first).to_be_visible()
    assert foreign(page, "en") == ["Wali Kota"]  # what the city's pack calls that office
    phone = on_the_page(people, "damkar", PHONE)
    cell(phone, 1).click()
    expect(phone.see("#shift-form")).to_be_in_viewport()
    assert at_every_size(phone, PHONE_SIZES) == {}
