"""What monitors see: alive, ready, and figures without any caller."""

from __future__ import annotations

from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app import create_app
from app.services import services_of
from config import Settings
from dispatch.centre import open_centre
from dispatch.city.pack import CityPack
from telephony.agi.server import FastAgiServer
from tests.app.conftest import CHEAP
from tests.app.house import House


@pytest.fixture
def listening(house: House) -> House:
    """A house whose FastAGI server listens."""
    server = FastAgiServer(("127.0.0.1", 0), house.centre)
    server.start()
    services_of(house.app).agi_server = server
    yield house
    server.stop()


def test_a_process_that_answers_is_alive(house: House) -> None:
    assert house.browser().get("/healthz").get_json() == {"status": "ok"}


def test_a_node_is_ready_when_all_its_parts_are(listening: House) -> None:
    answer = listening.browser().get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "status": "ready",
        "checks": {"database": True, "schema": True, "writer": True, "agi": True, "live_feed": True},
    }


def test_a_node_without_its_fastagi_server_is_not_ready(house: House) -> None:
    answer = house.browser().get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["checks"]["agi"] is False


def test_a_node_whose_writer_fails_is_not_ready(listening: House) -> None:
    listening.break_storage()
    answer = listening.browser().get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["writer"]) == (503, False)


def test_a_node_whose_feed_cannot_read_is_not_ready(listening: House) -> None:
    services_of(listening.app).alarms.start("feed_failing")
    answer = listening.browser().get("/readyz")
    assert (answer.status_code, answer.get_json()["checks"]["live_feed"]) == (503, False)


@pytest.mark.parametrize(
    ("url", "database"), [("sqlite:///{folder}/empty.db", True), ("sqlite:///{folder}/missing/siaga.db", False)]
)
def test_a_database_without_schema_or_out_of_reach_is_not_ready(
    url: str, database: bool, settings: Settings, city: CityPack, tmp_path: Path
) -> None:
    centre = open_centre(url.format(folder=tmp_path), city)
    answer = create_app(settings, centre, hasher=CHEAP).test_client().get("/readyz")
    centre.close()
    assert answer.status_code == 503
    assert answer.get_json()["checks"]["database"] is database
    assert answer.get_json()["checks"]["schema"] is False


def test_metrics_count_what_the_node_does_and_name_nobody(listening: House) -> None:
    listening.call("081234567890")
    services_of(listening.app).alarms.start("feed_failing")
    answer = listening.browser().get("/metrics")
    values = {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }
    assert values["siaga_writer_commands_total",] == 1
    assert values["siaga_writer_healthy",] == 1
    assert values["siaga_sockets",] == 0
    assert values["siaga_alarm", "feed_failing"] == 1
    assert values["siaga_agi_sessions_in_progress",] == 0
    assert "siaga_feed_position" in answer.text
    assert "081234567890" not in answer.text


def test_two_applications_in_one_process_count_for_themselves(house: House, settings: Settings) -> None:
    again = create_app(settings, house.centre, hasher=CHEAP)
    assert again.test_client().get("/metrics").status_code == 200
    assert house.browser().get("/metrics").status_code == 200
