"""Which agencies go to an incident: the routing matrix, and what the caller's words add to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from dispatch.city.model import AgencySupport, IncidentType
from dispatch.city.pack import CityPack
from dispatch.triage.keywords import KeywordIndex, quotes, tokens_of

BY_MATRIX = ("menurut matriks rute", "by the routing matrix")
HURT = ("ada yang terluka atau sakit", "somebody is hurt or ill")


@dataclass(frozen=True, slots=True)
class ProposedAgency:
    """An agency to send to, and why: `preselected` is ticked already. Reasons are short phrases."""

    code: str
    role: Literal["primary", "supporting"]
    preselected: bool
    reason_id: str
    reason_en: str


class _Cues:
    """The words after which an agency goes too, compiled."""

    def __init__(self, city: CityPack) -> None:
        self._rows = [(row, word) for row in city.agency_support for word in row.words]
        self._index = KeywordIndex(word for _, word in self._rows)

    def quoted(self, text: str) -> dict[AgencySupport, list[str]]:
        """For each row of agency_support.csv whose words were said: those words, as typed."""
        tokens = tokens_of(text)
        used: dict[AgencySupport, set[int]] = {}
        for found in self._index.find(tokens):
            used.setdefault(self._rows[found.keyword][0], set()).update(found.tokens)
        return {row: quotes(text, tokens, positions) for row, positions in used.items()}


@lru_cache(maxsize=4)
def _cues(city: CityPack) -> _Cues:
    return _Cues(city)


def propose_agencies(
    type_: IncidentType, words: str, city: CityPack, harm: Sequence[str] = ()
) -> tuple[ProposedAgency, ...]:
    """The agencies for an incident of this type about which `words` were said: the primary one, then the others.

    `harm` quotes the words that say a body is hurt.

    1. The primary agency is always ticked.
    2. A supporting agency of the matrix is ticked where its row says so for this urgency, or its words were said.
    3. An agency that the matrix leaves out joins, ticked, where its words were said.
    4. Where a body is hurt the policy's `harm_agency` goes, whatever the type.
    """
    quoted = _cues(city).quoted(words)
    primary = ProposedAgency(type_.primary, "primary", True, f"utama · {type_.category}", "primary")
    supporting = [_supporting(code, type_, city, quoted) for code in type_.supporting]
    named = {type_.primary, *type_.supporting}
    joining = dict.fromkeys(row.agency for row in quoted if row.category is None and row.agency not in named)
    joined = [_supporting(code, type_, city, quoted) for code in joining]
    others = [*supporting, *joined]
    helper = city.policy.first_guess.harm_agency
    if harm and helper != type_.primary and not any(one.code == helper and one.preselected for one in others):
        said = ", ".join(f"“{quote}”" for quote in harm[:2])
        others = [one for one in others if one.code != helper]
        reasons = (f"{said}: {HURT[0]}", f"{said}: {HURT[1]}")
        others.insert(0, ProposedAgency(helper, "supporting", True, *reasons))
    return (primary, *sorted(others, key=lambda proposed: not proposed.preselected))


def _supporting(
    code: str, type_: IncidentType, city: CityPack, quoted: dict[AgencySupport, list[str]]
) -> ProposedAgency:
    rows = [row for row in city.agency_support if row.agency == code and row.category in (type_.category, None)]
    rows.sort(key=lambda row: row.category is None)
    for row in rows:
        if row in quoted:
            said = ", ".join(f"“{quote}”" for quote in quoted[row][:2])
            return ProposedAgency(code, "supporting", True, f"{said}: {row.reason_id}", f"{said}: {row.reason_en}")
    if rows and rows[0].category is not None:
        least = rows[0].preselect_from
        ticked = least is not None and type_.priority <= least  # P1 sorts before P4
        return ProposedAgency(code, "supporting", ticked, rows[0].reason_id, rows[0].reason_en)
    return ProposedAgency(code, "supporting", False, *BY_MATRIX)
