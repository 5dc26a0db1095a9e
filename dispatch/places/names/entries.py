"""The places of a city pack as entries of the name index, and the names each can be called by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import pi, sqrt
from typing import Literal

from dispatch.city.model import Kelurahan
from dispatch.city.pack import CityPack
from dispatch.places.names.index import Name
from dispatch.places.names.words import GENERIC, name_forms

Kind = Literal["kelurahan", "landmark", "street", "junction", "kecamatan", "outside"]
#: Where a place is known from: the city pack, an OpenStreetMap extract, the centre's own people, a geocoder.
Source = Literal["city", "osm", "own", "geocoder"]
WITHOUT_GENERIC = 0.96  # "Ahmad Yani" for "Jl. Ahmad Yani"
NEIGHBOUR_ACCURACY_M = 2000  # the point of a place outside the city is its middle, roughly
WITHOUT_CITY = 0.98  # "Pasar Lama" for "Pasar Lama Serang"
KECAMATAN_SHORT_MIN = 6  # letters of the first word of a kecamatan that stands for the whole ("Cipocok")


@dataclass(frozen=True, slots=True)
class PlaceEntry:
    """A place that words can mean. A kecamatan is never an answer by itself; it narrows the others down. What lies
    `outside` the city is one, so that the search can say so, but never one that is chosen for the operator.

    `twin` marks a name that two kelurahan share, `district_name` one that a kecamatan has too, `regional` one that
    mostly means the city or the province; none of these is chosen by its bare name.
    """

    key: str
    name: str
    kind: Kind
    kelurahan_code: str | None
    kecamatan: str | None
    lat: float | None
    lon: float | None
    accuracy_m: int | None
    twin: bool = False
    district_name: bool = False
    regional: bool = False
    source: Source = "city"


def radius_m(ward: Kelurahan) -> int:
    """The radius of a circle as large as the kelurahan: how far from its point something in it may be."""
    return round(sqrt(ward.area_km2 / pi) * 1000)


def entries_of(city: CityPack) -> tuple[PlaceEntry, ...]:
    """Every place of the pack."""
    return tuple(entry for entry, _ in _entries_with_names(city))


def names_of(city: CityPack) -> Iterator[Name]:
    """Every name by which an entry of `entries_of` may be called, numbered alike."""
    names = [name for ward in city.kelurahan.values() for name in (ward.name, ward.kecamatan, *ward.aliases)]
    names += [name for landmark in city.landmarks for name in (landmark.name, *landmark.aliases)]
    taken = {"".join(name_forms(name)) for name in names}
    city_words = frozenset(word for name in city.wider_names for word in name_forms(name))
    yield from names_for(_entries_with_names(city), taken, city_words)


def names_for(
    entries: Iterable[tuple[PlaceEntry, Sequence[str]]],
    taken: Collection[str],
    city_words: Collection[str] = frozenset(),
) -> Iterator[Name]:
    """Every way to write the names of entries, numbered alike; `taken` are whole names that no short form may equal.

    Words of the city itself (`city_words`) may be left out at a name's end.
    """
    for number, (entry, written) in enumerate(entries):
        for name in dict.fromkeys(written):
            forms = name_forms(name)
            if forms:
                yield Name.of(forms, number)
            core = [form for form in forms if form not in GENERIC]
            short = _without_city(forms, city_words) if entry.kind in ("landmark", "junction") else ()
            if short and "".join(short) not in taken:
                yield Name.of(short, number, WITHOUT_CITY)
            shortened = entry.kind in ("street", "junction") and 0 < len(core) < len(forms)
            if shortened and "".join(core) not in taken:
                yield Name.of(core, number, WITHOUT_GENERIC)
            if entry.kind == "kecamatan" and len(forms) > 1 and len(forms[0]) >= KECAMATAN_SHORT_MIN:
                yield Name.of(forms[:1], number)


def _without_city(forms: Sequence[str], city_words: Collection[str]) -> Sequence[str]:
    """The name without the city's name at its end ("Pasar Lama"), empty where that leaves no name."""
    whole = len(forms) > 2 and forms[-1] in city_words and forms[-2] != "kota"
    return forms[:-1] if whole else ()


def _entries_with_names(city: CityPack) -> Iterator[tuple[PlaceEntry, Sequence[str]]]:
    wards = city.kelurahan
    yield from _kelurahan(city)
    for landmark in city.landmarks:
        district = _district(wards, landmark.kelurahan_code)
        yield (
            PlaceEntry(
                landmark.key,
                landmark.name,
                "landmark",
                landmark.kelurahan_code,
                district,
                landmark.lat,
                landmark.lon,
                landmark.accuracy_m,
            ),
            (landmark.name, *landmark.aliases),
        )
    for street in city.streets:
        kind: Kind = "junction" if street.kind == "junction" else "street"
        district = _district(wards, street.kelurahan_code)
        entry = PlaceEntry(street.key, street.name, kind, street.kelurahan_code, district, None, None, None)
        yield entry, (street.name, *street.aliases)
    for district in dict.fromkeys(ward.kecamatan for ward in wards.values()):
        regional = district in city.wider_names
        key = f"kecamatan {district}"
        yield PlaceEntry(key, district, "kecamatan", None, district, None, None, None, regional=regional), (district,)
    for place in city.neighbours:
        key = f"outside {place.key}"
        outside = PlaceEntry(key, place.name, "outside", None, None, place.lat, place.lon, NEIGHBOUR_ACCURACY_M)
        yield outside, (place.name, *place.aliases)


def _kelurahan(city: CityPack) -> Iterator[tuple[PlaceEntry, Sequence[str]]]:
    counts = Counter(ward.name for ward in city.kelurahan.values())
    districts = {ward.kecamatan for ward in city.kelurahan.values()}
    for code, ward in city.kelurahan.items():
        entry = PlaceEntry(
            key=code,
            name=ward.name,
            kind="kelurahan",
            kelurahan_code=code,
            kecamatan=ward.kecamatan,
            lat=ward.lat,
            lon=ward.lon,
            accuracy_m=radius_m(ward),
            twin=counts[ward.name] > 1,
            district_name=ward.name in districts,
            regional=ward.name in city.wider_names,
        )
        yield entry, (ward.name, *ward.aliases)


def _district(wards: Mapping[str, Kelurahan], code: str | None) -> str | None:
    return wards[code].kecamatan if code else None
