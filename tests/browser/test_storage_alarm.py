"""The database cannot be written: callers are not kept waiting, operators are told, and afterwards everything works."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.real, pytest.mark.timeout(90)]

#: The guard before the server gives up on it after 3 s; a caller is in the queue within 5 s.
CALLER_WAITS_S = 5.0


@pytest.fixture
def database(siaga):
    with closing(sqlite3.connect(Path(siaga.environ["SIAGA_DATA"]) / "siaga.db", isolation_level=None)) as connection:
        yield connection


def test_a_locked_database_delays_no_caller_and_alarms_the_operator(people, exchange, database):
    console = people.operator()
    console.witness.expect_refusal(503, "/api/v1/")
    first = exchange.ring("081300000300")
    expect(console.ringing(first.ticket)).to_be_visible()
    database.execute("BEGIN IMMEDIATE")
    unwritten = exchange.ring("081300000301")
    assert unwritten.ticket == ""
    assert unwritten.took_s < CALLER_WAITS_S
    banner = console.see("#alarm-banner")
    expect(banner).to_contain_text("Penyimpanan gagal.")
    expect(banner).to_contain_text("Panggilan tetap masuk antrean; catat di kertas sampai pulih.")
    console.ringing(first.ticket).click()
    expect(console.see("#toasts .toast")).to_contain_text("tidak ada yang tersimpan", timeout=15_000)
    expect(console.see("#idle")).to_be_visible()
    database.execute("ROLLBACK")
    expect(banner).to_be_hidden(timeout=15_000)
    written = exchange.ring("081300000302")
    console.take(written.ticket)
