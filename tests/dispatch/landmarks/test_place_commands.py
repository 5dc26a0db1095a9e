"""Landmarks of the centre's own and an imported extract: found at once, on both databases, until they are retired."""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

import pytest
from sqlalchemy import func, select

from dispatch.centre import Centre
from dispatch.errors import InvalidValue, NotFound, NotPermitted
from dispatch.landmarks.commands import (
    add_imported_places,
    add_landmark,
    begin_place_import,
    clear_place_import,
    drop_unsearched_places,
    publish_place_import,
    retire_landmark,
)
from dispatch.landmarks.keeper import PlaceKeeper
from dispatch.places.finder import Places
from dispatch.roles import Actor
from dispatch.storage.tables import ImportedPlace, JournalEntry
from tests.dispatch.shift import CIPARE, IN_CIPARE, Shift

JAKARTA = (-6.175, 106.827)


@pytest.fixture(autouse=True)
def _the_citys_places_alone(_places_of_serang: Places) -> Iterator[None]:
    """The index of the city's places is shared by all tests of this folder."""
    yield
    _places_of_serang.add_layers(())


def add(shift: Shift, actor: Actor, name: str, **more: object) -> int:
    lat, lon = more.pop("at", IN_CIPARE)  # type: ignore[misc]
    outcome = shift.centre.run(add_landmark, actor=actor, name=name, lat=lat, lon=lon, **more)
    shift.centre.place_keeper.refresh()
    return int(outcome.landmark_id)


def found(centre: Centre, text: str) -> list[str]:
    return [place.name for place in centre.places.search(text)]


def extract(shift: Shift, *names: str, publish: bool = True) -> int:
    system = Actor.system()
    import_id = shift.centre.run(begin_place_import, actor=system, file_name="kota.osm.pbf").import_id
    rows = [
        {"key": f"osm-n{n}", "name": name, "other_names": [], "kind": "landmark", "kelurahan_code": CIPARE,
         "lat": IN_CIPARE[0], "lon": IN_CIPARE[1], "accuracy_m": 20}
        for n, name in enumerate(names)
    ]  # fmt: skip
    shift.centre.run(add_imported_places, actor=system, import_id=import_id, places=rows)
    if publish:
        shift.centre.run(publish_place_import, actor=system, import_id=import_id, counts={"kept": len(names)})
        while shift.centre.run(drop_unsearched_places, actor=system).changed:
            pass
    shift.centre.place_keeper.refresh()
    return int(import_id)


def test_a_landmark_is_found_by_each_of_its_names_with_its_kelurahan(shift: Shift) -> None:
    landmark_id = add(shift, shift.dewi, "Warung Bu Imas", other_names=["Kopi Pojok", "", "Kopi Pojok"])
    for text in ("dpn warung bu imas", "kopi pojok", "waurng bu imas"):
        (best, *_) = shift.centre.places.search(text)
        assert (best.key, best.name, best.source) == (f"own-{landmark_id}", "Warung Bu Imas", "own")
        assert (best.kelurahan_code, best.lat, best.accuracy_m) == (CIPARE, IN_CIPARE[0], 25)
    assert shift.centre.places.search("warung bu imas")[0].clear


def test_the_journal_says_which_landmark_and_nothing_of_it(shift: Shift) -> None:
    landmark_id = add(shift, shift.dewi, "Rumah Pak Budi")
    with shift.centre.read() as connection:
        entry = connection.execute(select(JournalEntry.__table__).order_by(JournalEntry.seq.desc())).first()
    assert (entry.kind, entry.data, entry.actor_id) == (
        "landmark.added", {"landmark_id": landmark_id}, shift.dewi.user_id
    )  # fmt: skip


def test_another_node_finds_it_after_its_own_refresh(shift: Shift) -> None:
    centre = shift.centre
    add(shift, shift.dewi, "Warung Bu Imas")
    other = Centre(centre.engine, centre.city, Places(centre.city), centre.clock, None)
    assert "Warung Bu Imas" not in found(other, "warung bu imas")
    PlaceKeeper(other).refresh()
    assert found(other, "warung bu imas")[0] == "Warung Bu Imas"


def test_the_kelurahan_can_be_chosen(shift: Shift) -> None:
    add(shift, shift.dewi, "Warung Bu Imas", kelurahan_code="36.73.01.1001")
    assert shift.centre.places.search("warung bu imas")[0].kelurahan_code == "36.73.01.1001"


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"name": "   "}, "name", "empty"),
        ({"name": "😀 112"}, "name", "empty"),
        ({"name": "x" * 121}, "name", "too_long"),
        ({"at": JAKARTA}, "lat", "outside_city"),
        ({"kelurahan_code": "31.71.01.1001"}, "kelurahan_code", "unknown"),
        ({"other_names": ["lain"] * 11}, "other_names", "too_long"),
    ],
)
def test_what_search_could_not_use_is_refused(
    shift: Shift, changes: dict[str, object], field: str, problem: str
) -> None:
    with pytest.raises(InvalidValue) as refused:
        add(shift, shift.dewi, **{"name": "Warung Bu Imas", **changes})  # type: ignore[arg-type]
    assert (refused.value.details["field"], refused.value.details["problem"]) == (field, problem)


def test_a_second_one_of_the_same_name_beside_it_is_refused_and_one_elsewhere_is_not(shift: Shift) -> None:
    add(shift, shift.dewi, "Warung Bu Imas")
    with pytest.raises(InvalidValue, match="taken"):
        add(shift, shift.rizki, "WARUNG  bu imas", at=(IN_CIPARE[0] + 0.0005, IN_CIPARE[1]))
    add(shift, shift.rizki, "Warung Bu Imas", at=(IN_CIPARE[0] + 0.01, IN_CIPARE[1]))
    assert found(shift.centre, "warung bu imas")[:2] == ["Warung Bu Imas"] * 2
    assert not shift.centre.places.search("warung bu imas")[0].clear


def test_its_author_and_a_supervisor_may_retire_it_and_nobody_else(shift: Shift) -> None:
    centre = shift.centre
    first = add(shift, shift.dewi, "Warung Bu Imas")
    second = add(shift, shift.dewi, "Bengkel Pak Didi")
    for stranger in (shift.rizki, shift.admin, shift.damkar):
        with pytest.raises(NotPermitted):
            centre.run(retire_landmark, actor=stranger, landmark_id=first)
    assert centre.run(retire_landmark, actor=shift.dewi, landmark_id=first).changed
    assert centre.run(retire_landmark, actor=shift.ratna, landmark_id=second).changed
    assert not centre.run(retire_landmark, actor=shift.ratna, landmark_id=first).changed
    centre.place_keeper.refresh()
    assert "Warung Bu Imas" not in found(centre, "warung bu imas")
    with pytest.raises(NotFound):
        centre.run(retire_landmark, actor=shift.ratna, landmark_id=999)


def test_responders_and_admins_add_none(shift: Shift) -> None:
    for actor in (shift.damkar, shift.admin):
        with pytest.raises(NotPermitted):
            add(shift, actor, "Warung Bu Imas")


def test_an_extract_replaces_the_one_before_at_once_and_leaves_no_rows_behind(shift: Shift) -> None:
    extract(shift, "Toko Melon", "Toko Semangka")
    assert found(shift.centre, "toko melon")[0] == "Toko Melon"
    second = extract(shift, "Toko Durian")
    assert "Toko Melon" not in found(shift.centre, "toko melon")
    assert found(shift.centre, "toko durian")[0] == "Toko Durian"
    with shift.centre.read() as connection:
        assert connection.execute(select(func.distinct(ImportedPlace.import_id))).scalars().all() == [second]


def test_an_extract_that_was_not_published_is_not_searched(shift: Shift) -> None:
    extract(shift, "Toko Melon")
    extract(shift, "Toko Durian", publish=False)
    assert found(shift.centre, "toko melon")[0] == "Toko Melon"
    assert "Toko Durian" not in found(shift.centre, "toko durian")


def test_a_cleared_extract_is_no_longer_searched_and_own_landmarks_stay(shift: Shift) -> None:
    extract(shift, "Toko Melon")
    add(shift, shift.dewi, "Warung Bu Imas")
    assert shift.centre.run(clear_place_import, actor=Actor.system()).changed
    assert not shift.centre.run(clear_place_import, actor=Actor.system()).changed
    shift.centre.place_keeper.refresh()
    assert "Toko Melon" not in found(shift.centre, "toko melon")
    assert found(shift.centre, "warung bu imas")[0] == "Warung Bu Imas"


def test_a_landmark_beside_thousands_of_imported_names_does_not_index_them_again(sqlite_shift: Shift) -> None:
    shift, system = sqlite_shift, Actor.system()
    names = [
        f"Toko {chr(97 + a)}{chr(97 + b)}{chr(97 + c)}ng Jaya" for a in range(20) for b in range(20) for c in range(10)
    ]
    import_id = shift.centre.run(begin_place_import, actor=system, file_name="kota.osm.pbf").import_id
    for start in range(0, len(names), 500):
        rows = [
            {"key": f"osm-n{start + n}", "name": name, "other_names": [], "kind": "landmark", "kelurahan_code": CIPARE,
             "lat": IN_CIPARE[0], "lon": IN_CIPARE[1], "accuracy_m": 20}
            for n, name in enumerate(names[start : start + 500])
        ]  # fmt: skip
        shift.centre.run(add_imported_places, actor=system, import_id=import_id, places=rows)
    shift.centre.run(publish_place_import, actor=system, import_id=import_id, counts={})
    began = perf_counter()
    shift.centre.place_keeper.refresh()
    whole_s = perf_counter() - began
    shift.centre.run(add_landmark, actor=shift.dewi, name="Warung Bu Imas", lat=IN_CIPARE[0], lon=IN_CIPARE[1])
    began = perf_counter()
    shift.centre.place_keeper.refresh()
    assert perf_counter() - began < whole_s / 5
    assert found(shift.centre, "warung bu imas")[0] == "Warung Bu Imas"
