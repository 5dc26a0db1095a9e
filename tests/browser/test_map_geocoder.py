"""The city's own geocoder adds to the offline answer when it comes, and is missed by nobody when it does not."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.app.outside.fake_geocoder import fake_geocoder, photon
from tests.app.running_server import running_server
from tests.browser.screens import People
from tests.browser.telephone import Exchange
from tests.dispatch.shift import IN_CIPARE

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]


def test_its_places_follow_the_offline_ones_and_only_the_place_is_asked_for(chromium, tmp_path):
    with fake_geocoder() as fake:
        fake.says(photon(("Toko <i>Melati</i>", *IN_CIPARE)))
        variables = {"SIAGA_GEOCODER": "photon", "SIAGA_GEOCODER_URL": fake.url}
        with running_server(tmp_path / "siaga", **variables) as server:
            people, exchange = People(chromium, server.base, server), Exchange(server.agi_port)
            console = people.operator()
            console.take(exchange.ring().ticket)
            console.hear("ibu Siti pingsan di toko qwertz melati")
            row = console.see("#places [role=option]", "Toko <i>Melati</i>")
            expect(row).to_contain_text("Kel. Cipare")
            expect(console.chosen("places")).to_have_count(0)
            assert {question["q"][0] for question in fake.asked} == {"toko qwertz melati"}
            fake.is_silent()
            console.entry.fill("")
            console.hear("kebakaran di bengkel qwertz")
            expect(console.chosen("types")).to_contain_text("Kebakaran")
            console.see('[data-action="find-place"]').click()
            console.page.keyboard.type("pasar rau")
            expect(console.see("#place-picker [role=option]").first).to_contain_text("Pasar")
            exchange.close()
            assert people.leave() == []
