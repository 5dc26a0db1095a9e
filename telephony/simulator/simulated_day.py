"""A day of calls like the centre of Kota Serang has them, invented anew from a seed and always the same for it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count

from dispatch.city.model import IncidentType, Priority
from dispatch.city.pack import CityPack
from dispatch.tickets.lifecycle import Classification
from telephony.simulator.caller_lines import GENUINE_LINES, NUISANCE_LINES
from telephony.simulator.caller_place import CallerPlace, places_of
from telephony.simulator.channel import SimulatedChannel

#: Of a hundred calls. Genuine: one to two, in Kota Serang 2019-2022 and in Jakarta 2024. Of the others, Jakarta counted
#: 59% dropped, 23% prank and 18% no emergency; how many of the dropped ones were ghost calls, and of the last wrong
#: numbers, is our own estimate.
USUAL_MIX: Mapping[Classification, float] = {
    Classification.GENUINE: 2.0,
    Classification.DROPPED: 40.0,
    Classification.GHOST: 18.0,
    Classification.PRANK: 22.5,
    Classification.INFORMATION: 12.5,
    Classification.WRONG_NUMBER: 5.0,
}
#: How often each happens, for genuine calls: what is urgent is what people call 112 for.
_TYPE_WEIGHTS = {Priority.P1: 6.0, Priority.P2: 3.0, Priority.P3: 2.0, Priority.P4: 1.0}
#: Shares of calls: without a number (no SIM card), with a hidden one, with a location in the call.
WITHOUT_NUMBER = 0.03
HIDDEN_NUMBER = 0.02
LOCATED = 0.06
LOCATED_GENUINE = 0.4
#: Some people call again and again: this share of pranks and ghost calls comes from this many numbers.
FROM_REPEATERS = 0.6
REPEATERS = 12


@dataclass(frozen=True, slots=True)
class SimulatedCall:
    """One call of the day. Times are in the day's own seconds; `words` are what the caller will say."""

    at_s: float
    linkedid: str
    number: str | None
    presentation: str
    kind: Classification
    words: str
    type_code: str | None
    place: CallerPlace | None
    location: str | None
    #: How long the caller lets it ring, and how long the conversation lasts once somebody has answered.
    patience_s: float
    talk_s: float

    def channel(self) -> SimulatedChannel:
        """The call as Asterisk would hold it."""
        return SimulatedChannel(
            linkedid=self.linkedid,
            name=f"PJSIP/trunk-{int(self.linkedid.rpartition('.')[2]):08x}",
            number=self.number,
            presentation=self.presentation,
            location=self.location,
            location_method="GPS" if self.location else "",
        )


@dataclass
class SimulatedDay:
    """An endless day of calls, in order of arrival; iterate over it.

    `calls_per_minute` is an average over the day's own time. Numbers follow 08xx-0000-xxxx, which nobody has.
    `first_id` keeps the linkedids of one run apart from another's: the second at which it began.
    """

    city: CityPack
    seed: int = 112
    calls_per_minute: float = 6.0
    mix: Mapping[Classification, float] = field(default_factory=lambda: USUAL_MIX)
    first_id: int = 1_700_000_000

    def __iter__(self) -> Iterator[SimulatedCall]:
        """Begin the day; every iteration is the same day."""
        chance = random.Random(self.seed)  # noqa: S311 - a replay has to be repeatable
        places = places_of(self.city)
        prefixes = sorted(self.city.prefixes.by_prefix)
        repeaters = [_number(chance, prefixes) for _ in range(REPEATERS)]
        types = sorted(self.city.incident_types.values(), key=lambda incident: incident.code)
        type_weights = [_weight(incident) for incident in types]
        kinds, shares = list(self.mix), list(self.mix.values())
        at_s = 0.0
        for place_in_line in count(1):
            at_s += chance.expovariate(self.calls_per_minute / 60.0)
            kind = chance.choices(kinds, shares)[0]
            genuine = kind is Classification.GENUINE
            incident = chance.choices(types, type_weights)[0] if genuine else None
            place = chance.choice(places)
            number, presentation = _caller(chance, kind, prefixes, repeaters)
            located = chance.random() < (LOCATED_GENUINE if genuine else LOCATED)
            patience_s, talk_s = _times(chance, kind)
            yield SimulatedCall(
                at_s=at_s,
                linkedid=f"{self.first_id + int(at_s)}.{place_in_line}",
                number=number,
                presentation=presentation,
                kind=kind,
                words=_words(chance, kind, incident, place),
                type_code=incident.code if incident else None,
                place=place if genuine else None,
                location=place.sip_location(chance) if located else None,
                patience_s=patience_s,
                talk_s=talk_s,
            )


def _weight(incident: IncidentType) -> float:
    """Types that callers have lines for are what a centre mostly hears; the rest come up now and then."""
    return _TYPE_WEIGHTS[incident.priority] * (1.0 if incident.code in GENUINE_LINES else 0.1)


def _number(chance: random.Random, prefixes: list[str]) -> str:
    return f"{chance.choice(prefixes)}0000{chance.randrange(10_000):04d}"


def _caller(
    chance: random.Random, kind: Classification, prefixes: list[str], repeaters: list[str]
) -> tuple[str | None, str]:
    """The number and its presentation as the network sends them."""
    fate = chance.random()
    if fate < WITHOUT_NUMBER:
        return None, "unavailable"
    if fate < WITHOUT_NUMBER + HIDDEN_NUMBER:
        return "anonymous", "prohib_not_screened"
    number = _number(chance, prefixes)
    if kind in (Classification.PRANK, Classification.GHOST) and chance.random() < FROM_REPEATERS:
        # The first of them call the most.
        number = repeaters[min(int(chance.expovariate(0.4)), REPEATERS - 1)]
    return number, "allowed_not_screened"


def _words(chance: random.Random, kind: Classification, incident: IncidentType | None, place: CallerPlace) -> str:
    if incident is None:
        return chance.choice(NUISANCE_LINES[kind])
    lines = GENUINE_LINES.get(incident.code) or (f"Tolong, {incident.keywords[0]} {{place}}.",)
    return chance.choice(lines).format(place=place.words)


def _times(chance: random.Random, kind: Classification) -> tuple[float, float]:
    """Patience and talking time in s: somebody in need waits, somebody who dropped the call is gone at once."""
    if kind is Classification.DROPPED:
        return chance.uniform(1.0, 12.0), chance.uniform(1.0, 4.0)
    if kind is Classification.GENUINE:
        return chance.uniform(90.0, 240.0), chance.uniform(50.0, 150.0)
    return chance.uniform(15.0, 60.0), chance.uniform(5.0, 30.0)
