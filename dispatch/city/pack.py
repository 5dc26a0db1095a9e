"""Loads a city pack: a folder of CSV and TOML files that says all about a city that the code must not know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dispatch.city.agencies import (
    read_agencies,
    read_agency_support,
    read_danger_words,
    read_decline_reasons,
    read_demo_users,
    read_harm_words,
    read_incident_types,
    read_prefixes,
    read_seats,
)
from dispatch.city.files import Problems
from dispatch.city.ladders import LadderPolicy
from dispatch.city.model import (
    Agency,
    AgencySupport,
    BoundingBox,
    DeclineReason,
    DemoUser,
    ExampleSentence,
    HarmWords,
    IncidentType,
    Kelurahan,
    Landmark,
    Neighbour,
    PhonePrefixes,
    PostedRoad,
    Seat,
    Street,
)
from dispatch.city.places import read_kelurahan, read_landmarks, read_streets
from dispatch.city.policy import Policy
from dispatch.city.question_cards import QuestionCard
from dispatch.city.surroundings import read_example_sentences, read_km_posts, read_neighbours


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CityPack:
    """A city as data: everything about a place that the product must not know by itself; equal only to itself."""

    code: str
    name: str
    timezone: ZoneInfo
    centre: tuple[float, float]
    bbox: BoundingBox
    agencies: Mapping[str, Agency]
    incident_types: Mapping[str, IncidentType]
    agency_support: tuple[AgencySupport, ...]
    kelurahan: Mapping[str, Kelurahan]
    landmarks: tuple[Landmark, ...]
    streets: tuple[Street, ...]
    prefixes: PhonePrefixes
    seats: Mapping[str, Seat]
    demo_users: tuple[DemoUser, ...]
    policy: Policy
    ladders: LadderPolicy
    wider_names: tuple[str, ...]  # kelurahan names that callers use for something larger (Serang, Banten)
    danger_words: tuple[str, ...]
    harm_words: HarmWords
    decline_reasons: tuple[DeclineReason, ...]
    posted_roads: tuple[PostedRoad, ...]
    neighbours: tuple[Neighbour, ...]
    example_sentences: tuple[ExampleSentence, ...]
    question_cards: Mapping[str, QuestionCard]
    show_unsigned_advice: bool  #: whether medical advice that no clinician approved is shown (marked) or left out

    def __repr__(self) -> str:
        return f"CityPack({self.code!r})"


#: Where a city whose own box is not known may have its points.
_WORLD = BoundingBox(-90.0, -180.0, 90.0, 180.0)


class CityPackError(Exception):
    """A pack that cannot be used; `problems` holds "file:row:field: what is wrong, what to do", one for each."""

    def __init__(self, folder: Path, problems: list[str]) -> None:
        self.folder, self.problems = folder, problems
        super().__init__("\n".join([f"The city pack {folder} has {len(problems)} problem(s):", *problems]))


def load_city(path: Path) -> CityPack:
    """The pack in the folder `path`; raises `CityPackError` naming every problem found, not only the first."""
    folder, problems = Path(path), Problems()
    if not folder.is_dir():
        raise CityPackError(
            folder, [f"{folder}:0:folder: is not a folder; set SIAGA_CITY to a pack such as city/serang"]
        )
    pack = _read_pack(folder, problems)
    if pack is None or problems.found:
        raise CityPackError(folder, problems.found)
    return pack


def _read_pack(folder: Path, problems: Problems) -> CityPack | None:
    """What the files say; None where one that all needs is not as it should be, which `problems` then tells."""
    # Here, because most who import this module read no pack: pydantic takes a while to load.
    from dispatch.city.card_file import read_question_cards
    from dispatch.city.city_file import read_city
    from dispatch.city.ladder_file import read_ladders
    from dispatch.city.policy_file import check_categories, check_first_guess, read_policy

    city, policy = read_city(folder, problems), read_policy(folder, problems)
    agencies = read_agencies(folder, problems)
    types = read_incident_types(folder, agencies, problems)
    if policy is not None:
        check_categories(policy.similar, types, problems)
        check_first_guess(policy.first_guess, agencies, types, problems)
    places = _read_places(folder, _WORLD if city is None else city.bbox, problems)
    support = read_agency_support(folder, agencies, types, problems)
    prefixes, seats = read_prefixes(folder, problems), read_seats(folder, problems)
    demo_users = read_demo_users(folder, agencies, problems)
    sayings = _read_sayings(folder, types, problems)
    cards = read_question_cards(folder, types, agencies, problems)
    ladders = read_ladders(folder, policy, agencies, problems)
    if city is None or policy is None or cards is None or ladders is None:
        return None
    return CityPack(
        code=city.code,
        name=city.name,
        timezone=ZoneInfo(city.timezone),
        centre=(city.centre.lat, city.centre.lon),
        bbox=city.bbox,
        agencies=agencies,
        incident_types=types,
        agency_support=support,
        kelurahan=places.kelurahan,
        landmarks=places.landmarks,
        streets=places.streets,
        prefixes=prefixes,
        seats=seats,
        demo_users=demo_users,
        policy=policy,
        ladders=ladders,
        wider_names=city.wider_names,
        danger_words=sayings.danger_words,
        harm_words=sayings.harm_words,
        decline_reasons=sayings.decline_reasons,
        posted_roads=places.posted_roads,
        neighbours=places.neighbours,
        example_sentences=sayings.example_sentences,
        question_cards=cards.cards,
        show_unsigned_advice=cards.show_unsigned_advice,
    )


class _Places(NamedTuple):
    """What a pack knows of the city's places and of those around it."""

    kelurahan: Mapping[str, Kelurahan]
    landmarks: tuple[Landmark, ...]
    streets: tuple[Street, ...]
    posted_roads: tuple[PostedRoad, ...]
    neighbours: tuple[Neighbour, ...]


def _read_places(folder: Path, bbox: BoundingBox, problems: Problems) -> _Places:
    kelurahan = read_kelurahan(folder, bbox, problems)
    return _Places(
        kelurahan,
        read_landmarks(folder, bbox, kelurahan, problems),
        read_streets(folder, kelurahan, problems),
        read_km_posts(folder, problems),
        read_neighbours(folder, [ward.name for ward in kelurahan.values()], problems),
    )


class _Sayings(NamedTuple):
    """What a pack knows of how callers and agencies say things."""

    danger_words: tuple[str, ...]
    harm_words: HarmWords
    decline_reasons: tuple[DeclineReason, ...]
    example_sentences: tuple[ExampleSentence, ...]


def _read_sayings(folder: Path, types: Mapping[str, IncidentType], problems: Problems) -> _Sayings:
    return _Sayings(
        read_danger_words(folder, problems),
        read_harm_words(folder, problems),
        read_decline_reasons(folder, problems),
        read_example_sentences(folder, types, problems),
    )
