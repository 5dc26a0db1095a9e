"""What everybody may have is sent compressed, and nothing that holds a secret is."""

from __future__ import annotations

import gzip

import pytest

from tests.app.house import House

GZIP = {"Accept-Encoding": "gzip"}


@pytest.mark.parametrize("path", ["/static/bundle/console.js", "/static/css/siaga.css", "/api/v1/boundaries"])
def test_public_files_come_compressed_for_whoever_takes_it(house: House, path: str) -> None:
    browser = house.app.test_client()
    with browser.get(path) as plain, browser.get(path, headers=GZIP) as compressed:
        assert compressed.headers["Content-Encoding"] == "gzip"
        assert "Accept-Encoding" in compressed.headers["Vary"]
        assert gzip.decompress(compressed.data) == plain.data
        assert len(compressed.data) < len(plain.data) * 0.6
        assert "Content-Encoding" not in plain.headers


def test_a_browser_that_has_the_file_is_told_so(house: House) -> None:
    browser = house.app.test_client()
    with browser.get("/static/bundle/console.js", headers=GZIP) as first:
        known = {**GZIP, "If-None-Match": first.headers["ETag"]}
    with browser.get("/static/bundle/console.js", headers=known) as again:
        assert again.status_code == 304


def test_pages_with_a_form_token_are_never_compressed(house: House) -> None:
    assert "Content-Encoding" not in house.app.test_client().get("/sign-in", headers=GZIP).headers
