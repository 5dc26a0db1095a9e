"""How well a typed line is understood (the evaluation set), how long a place search takes, and typing in Chromium."""

from __future__ import annotations

import csv
import random
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from bench.figures import Figure, Target, percentile
from bench.page import FLAGS, sign_in
from bench.real_server import NotMeasurable, RealServer, real_server
from bench.rings import ring_fastagi, ring_steadily
from dispatch.city.model import Landmark
from dispatch.city.pack import CityPack, load_city
from dispatch.places.candidates import PlaceCandidate
from dispatch.places.finder import Places
from dispatch.places.plane import distance_m
from dispatch.triage.interpret import interpret

PART = "understanding"
CITY = Path(__file__).resolve().parent.parent / "city" / "serang"
EVALUATION = Path(__file__).resolve().parent / "evaluation"
FIRST_AT_LEAST = Target(85.0, at_least=True)
WITHIN_FIVE_AT_LEAST = Target(95.0, at_least=True)
TYPE_AT_LEAST = Target(90.0, at_least=True)
SEARCH_AT_MOST = Target(20.0)
DRAWN_AT_MOST = Target(100.0)
NAMES, SEARCHES, SEED = 50_000, 1_000, 112
SAME_POINT_M = 60.0
LINES = (
    "kebakaran rumah dpn pasar rau, api besar, ada orang di dalam",
    "tabrakan motor di jl ahmad yani dekat alun-alun korban pingsan",
    "banjir masuk rumah di kaligandu rt 02 rw 07",
)
KEY_PAUSE_MS = 120  # a quick typist: eight keys a second
WAIT_MS = 20_000
ASK_MS = 50
#: From each key's own time stamp to the frame after the answer to its text, or to a longer one, was drawn.
_WATCH = """
window.benchKeys = [];
window.benchDrawn = [];
document.getElementById("entry").addEventListener("input", (event) =>
  window.benchKeys.push([event.timeStamp, event.target.value.length]));
const fetched = window.fetch;
window.fetch = async (...asked) => {
  const answer = await fetched(...asked);
  if (String(asked[0]?.url ?? asked[0]).endsWith("/interpret")) {
    const { length } = JSON.parse(asked[1].body).text;
    answer.clone().json().then(() => requestAnimationFrame(() => setTimeout(() => {
      const now = performance.now();
      while (window.benchKeys.length && window.benchKeys[0][1] <= length)
        window.benchDrawn.push(now - window.benchKeys.shift()[0]);
    })));
  }
  return answer;
};
"""


def measure(folder: Path, *, quick: bool) -> list[Figure]:
    """The evaluation set first, then time: 50,000 names, and keys in a real browser."""
    city = load_city(CITY)
    places = Places(city)
    figures = [*_places_found(places), *_types_found(city, places), *_search_times(city, quick=quick)]
    return [*figures, _typing(folder, quick=quick)]


def _rows(name: str) -> list[dict[str, str]]:
    with (EVALUATION / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _places_found(places: Places) -> Iterator[Figure]:
    ways: list[tuple[str, Callable[[str], list[PlaceCandidate]]]] = [
        ("place field", lambda text: places.search(text, 5)),
        ("typed line", lambda text: [place.candidate for place in places.mentions(text, 5)]),
    ]
    for way, find in ways:
        for half in ("held", "tune"):
            rows = [row for row in _rows("places.csv") if row["half"] == half]
            judged = [_judge(find(row["query"]), row["expected"]) for row in rows]
            first, within = (100 * sum(one[at] for one in judged) / len(judged) for at in (0, 1))
            wrong = sum(one[2] for one in judged)
            note = f"{len(rows)} queries, {wrong} preselected wrongly"
            promised = half == "held"
            yield _share(f"{way}, {half}: first", first, FIRST_AT_LEAST if promised else None, note)
            yield _share(f"{way}, {half}: within five", within, WITHIN_FIVE_AT_LEAST if promised else None)


def _share(name: str, value: float, target: Target | None, note: str = "") -> Figure:
    return Figure(PART, name, value, "%", target=target, note=note)


def _judge(found: Sequence[PlaceCandidate], expected: str) -> tuple[bool, bool, bool]:
    """Whether the first answer is right, one of five is, and a wrong one was preselected."""
    preselected = [one for one in found if one.clear]
    if expected == "none":
        right = not preselected
        return right, right, not right
    if expected == "outside":
        right = bool(found) and found[0].outside_km is not None and not preselected
        return right, right, bool(preselected)
    right_ones = [any(_is(one, way) for way in expected.split("|")) for one in found]
    wrongly = any(one.clear and not right for one, right in zip(found, right_ones, strict=True))
    return right_ones[:1] == [True], any(right_ones), wrongly


def _is(found: PlaceCandidate, expected: str) -> bool:
    if found.outside_km is not None:
        return False
    if not expected.startswith("@"):
        return found.key == expected or (expected.startswith("km:") and found.key.split("+")[0] == expected)
    lat, lon = map(float, expected[1:].split(","))
    return (
        found.lat is not None and found.lon is not None and distance_m(found.lat, found.lon, lat, lon) <= SAME_POINT_M
    )


def _types_found(city: CityPack, places: Places) -> Iterator[Figure]:
    for half in ("blind", "held", "seen", "tune"):
        rows = [row for row in _rows("sentences.csv") if row["half"] == half]
        guessed = [interpret(row["words"], city, places).types for row in rows]
        right = [bool(types) and types[0].code == row["type"] for types, row in zip(guessed, rows, strict=True)]
        listed = [row["type"] in [one.code for one in types] for types, row in zip(guessed, rows, strict=True)]
        note = f"{len(rows)} sentences; among the three shown: {100 * sum(listed) / len(rows):.0f} %"
        target = TYPE_AT_LEAST if half in ("blind", "held") else None
        yield _share(f"incident type, {half}", 100 * sum(right) / len(rows), target, note)


def _search_times(city: CityPack, *, quick: bool) -> Iterator[Figure]:
    """Searches among as many names as a city's OpenStreetMap extract has, typed with slips and abbreviations."""
    chance = random.Random(SEED)
    names = made_up_names(chance, NAMES)
    landmarks = tuple(
        Landmark(f"made-up-{at}", name, "", (), "", None, None, None, None, None, "") for at, name in enumerate(names)
    )
    places = Places(replace(city, landmarks=landmarks))
    typed = [mistyped(chance, chance.choice(names)) for _ in range(200 if quick else SEARCHES)]
    for way, find in (("search", places.search), ("line", places.mentions)):
        took = []
        for text in typed:
            began = time.perf_counter()
            find(text)
            took.append((time.perf_counter() - began) * 1000)
        yield Figure(PART, f"place {way}, {NAMES:,} names, p50", percentile(took, 0.5), "ms")
        yield Figure(PART, f"place {way}, {NAMES:,} names, p99", percentile(took, 0.99), "ms", target=SEARCH_AT_MOST)


_KINDS = ("Jalan", "Gang", "Perumahan", "Kampung", "Masjid", "Musala", "SD Negeri", "Toko", "Warung", "Lingkungan")
_SYLLABLES = (
    "ba ban bu ci cu da dan du ga gan gu ja ji ka kan ki la lan lu ma man mu na ni pa pan ra ri sa san su ta ti wa yu"
).split()
_LAST = ("", "", " Indah", " Asri", " Baru", " Lama", " Permai", " Timur", " Barat", " Raya")
_SHORT = {"Jalan": "jl", "Gang": "gg", "Perumahan": "perum", "Kampung": "kp", "Masjid": "msjid", "Lingkungan": "lingk"}


def made_up_names(chance: random.Random, count: int) -> list[str]:
    """So many different names put together as names of streets and places are."""
    names: dict[str, None] = {}
    while len(names) < count:
        words = [
            "".join(chance.choices(_SYLLABLES, k=chance.choice((2, 3, 3)))).title()
            for _ in range(chance.choice((1, 2)))
        ]
        names[f"{chance.choice(_KINDS)} {' '.join(words)}{chance.choice(_LAST)}"] = None
    return list(names)


def mistyped(chance: random.Random, name: str) -> str:
    """The name as somebody types it: a relation before it, its kind shortened, a letter left out or swapped."""
    kind, _, own = name.partition(" ")
    at = chance.randrange(1, len(own) - 1)
    own = chance.choice((own, own[:at] + own[at + 1 :], own[:at] + own[at + 1] + own[at] + own[at + 2 :]))
    relation = chance.choice(("", "", "dpn ", "dkt ", "blkg ", "sbrg ", "di "))
    return f"{relation}{_SHORT.get(kind, kind)} {own}".lower()


def _typing(folder: Path, *, quick: bool) -> Figure:
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        raise NotMeasurable("no Chromium here; .ci/install-real-parts chromium installs it")
    with real_server(folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        try:
            page = browser.new_context(viewport={"width": 1366, "height": 768}, locale="id-ID").new_page()
            sign_in(page, server)
            drawn = _type(page, server, LINES[:1] if quick else LINES * 2)
        finally:
            browser.close()
    if not drawn:
        raise NotMeasurable("no proposal was drawn while lines were typed")
    note = f"p50 {percentile(drawn, 0.5):.0f} ms, {len(drawn)} keys, {KEY_PAUSE_MS} ms apart"
    return Figure(PART, "key to proposals drawn, p99", percentile(drawn, 0.99), "ms", target=DRAWN_AT_MOST, note=note)


def _until_answered(page: Page) -> None:
    """Wait until no key is left unanswered; asked from outside, because the page's policy forbids evaluating there."""
    for _ in range(WAIT_MS // ASK_MS):
        if page.evaluate("window.benchKeys.length") == 0:
            return
        page.wait_for_timeout(ASK_MS)
    raise NotMeasurable("a typed line was never answered")


def _type(page: Page, server: RealServer, lines: Sequence[str]) -> list[float]:
    page.goto(f"{server.origin}/console")
    page.wait_for_load_state("load")
    ring_steadily(lambda linkedid: ring_fastagi(server.agi_port, linkedid), per_s=1.0, seconds=1.0, name="typing")
    page.locator("#ringing [data-key]").first.click(timeout=WAIT_MS)
    page.wait_for_selector("#entry:not([readonly])", timeout=WAIT_MS)
    page.evaluate(_WATCH)
    for line in lines:
        page.fill("#entry", "")
        page.evaluate("window.benchKeys.length = 0")
        page.locator("#entry").press_sequentially(line, delay=KEY_PAUSE_MS)
        _until_answered(page)
    return [float(one) for one in page.evaluate("window.benchDrawn")]
