"""What the files of a city pack hold beside its policy, as plain frozen values.

Those that are a row of a CSV file have a field for each column: `Text` where the cell must say something, `str` where
it may be empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from dispatch.city.fields import Between, Text
from dispatch.roles import Role


class Priority(StrEnum):
    """How soon somebody must act; the order of the members is the order of urgency."""

    P1 = "P1"  #: kritis: a life is in danger now
    P2 = "P2"  #: tinggi: danger is likely to grow
    P3 = "P3"  #: sedang: help is needed today
    P4 = "P4"  #: rendah: a complaint or a service


@dataclass(frozen=True, slots=True)
class Agency:
    """Somebody the centre can send to, or (not `dispatchable`) report upward to."""

    code: Text
    name: Text
    short_name: Text
    kind: Text
    duties: str
    phone: str | None
    dispatchable: bool


@dataclass(frozen=True, slots=True)
class IncidentType:
    """One row of the routing matrix: what happened, who goes, how urgent, and the words callers use for it.

    A keyword is enough to guess the type; a hint only speaks for it beside other words.
    """

    code: Text
    category: Text
    name_id: Text
    name_en: Text
    priority: Priority
    icon: Text
    keywords: tuple[str, ...]
    hints: tuple[str, ...]
    primary: Text
    supporting: tuple[str, ...]
    basis: str


@dataclass(frozen=True, slots=True)
class AgencySupport:
    """What an agency does beside the primary one in a category of incidents (None: in any category).

    It is ticked beforehand for types at least as urgent as `preselect_from` (None: for none), and for every type
    whose caller said one of `words`, whether the routing matrix names it or not.
    """

    agency: Text
    category: str | None
    preselect_from: Priority | None
    reason_id: Text
    reason_en: Text
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HarmWords:
    """Words that say a body is hurt (`harm`), and words that only sound like it (`calm`: "donor darah")."""

    harm: tuple[str, ...]
    calm: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kelurahan:
    """A city ward, keyed on its Kemendagri code because names repeat; the point lies inside it."""

    code: Text
    name: Text
    kecamatan: Text
    aliases: tuple[str, ...]
    lat: float
    lon: float
    area_km2: float


@dataclass(frozen=True, slots=True)
class Landmark:
    """A place callers name; without coordinates (address only) `lat`, `lon` and `accuracy_m` are None."""

    key: Text
    name: Text
    kind: Text
    aliases: tuple[str, ...]
    address: str
    phone: str | None
    kelurahan_code: str | None
    lat: float | None
    lon: float | None
    accuracy_m: int | None
    basis: str


@dataclass(frozen=True, slots=True)
class Street:
    """A street or a junction callers name; `kelurahan_code` only where it lies in one kelurahan alone."""

    key: Text
    name: Text
    kind: Text  # "street" | "junction"
    aliases: tuple[str, ...]
    note: str
    kelurahan_code: str | None


@dataclass(frozen=True, slots=True)
class ExampleSentence:
    """What a caller says, and the type that is meant; empty for small talk."""

    words: str
    type_code: str


@dataclass(frozen=True, slots=True)
class KmPost:
    """A post of a road that is known to stand at a point, within `accuracy_m`; it may stand outside the city."""

    km: float
    lat: float
    lon: float
    accuracy_m: int


@dataclass(frozen=True, slots=True)
class PostedRoad:
    """A road on which callers say where they are by its km posts; `words` are what they call it."""

    key: str
    name: str
    words: tuple[str, ...]
    posts: tuple[KmPost, ...]  # ascending, two at least


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A place outside the city that callers name; the point is its middle, roughly."""

    key: Text
    name: Text
    aliases: tuple[str, ...]
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class PhonePrefixes:
    """Mobile operators by the first four digits of the number as dialled in the country (0812)."""

    by_prefix: Mapping[str, str]

    def carrier(self, number: str | None) -> str | None:
        """The operator that issued `number` (08.., 628.., +628..), or None for landlines, unknown and empty numbers."""
        digits = "".join(character for character in number or "" if character.isascii() and character.isdigit())
        if digits.startswith("620"):  # "+62 (0)812": the trunk zero left in
            digits = digits[2:]
        elif digits.startswith("62"):
            digits = "0" + digits[2:]
        if not 10 <= len(digits) <= 14:
            return None
        return self.by_prefix.get(digits[:4])


@dataclass(frozen=True, slots=True)
class Seat:
    """A desk in the centre; `extension` is the queue member that rings there (PJSIP/op2)."""

    code: Text
    name_id: Text
    name_en: Text
    extension: Text

    def name(self, language: str) -> str:
        """What it is called in `id` or `en`."""
        return self.name_en if language == "en" else self.name_id


@dataclass(frozen=True, slots=True)
class DemoUser:
    """A sign-in that exists in the demo only; its password is not in the pack."""

    username: Text
    display_name: Text
    role: Role
    agency_code: str | None


@dataclass(frozen=True, slots=True)
class DeclineReason:
    """One of the big choices an agency has when it declines."""

    code: Text
    name_id: Text
    name_en: Text


@dataclass(frozen=True, slots=True)
class BoundingBox:
    """The rectangle every point of the pack must lie in, in degrees."""

    south: Annotated[float, Between(-90, 90)]
    west: Annotated[float, Between(-180, 180)]
    north: Annotated[float, Between(-90, 90)]
    east: Annotated[float, Between(-180, 180)]

    def holds(self, lat: float, lon: float) -> bool:
        """Whether the point lies in the rectangle."""
        return self.south <= lat <= self.north and self.west <= lon <= self.east
