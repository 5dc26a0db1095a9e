"""Tells which words of a sentence only say where: they vote for no incident type and hurt nobody.

"Kampung Baru" is no brawl between villages and "Kota Serang" no attack. The names of places that were found are known
by their spans; here are the words around them: labels before a name, RT and RW, links, codes, the city's own names.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence

from dispatch.city.pack import CityPack
from dispatch.places.names.words import CUES, GENERIC, LABELS, RELATIONS, fold, written_out
from dispatch.triage.keywords import Token

_LINK = re.compile(r"(?:https?://|www\.|geo:)\S+", re.I)
_CODE = re.compile(r"(?<!\w)[23456789cfghjmpqrvwx]{4,8}\+[23456789cfghjmpqrvwx]{2,3}(?!\w)", re.I)
#: Labels that stand before a name or figure and never name an incident by themselves.
_BEFORE_NAME = LABELS | {"kota", "kabupaten", "provinsi", "prov", "propinsi", "kampung", "perumahan", "gang", "dusun"}
_BEFORE_NAME |= {"blok", "blk", "lingkungan"}
_BEFORE_FIGURE = frozenset({"rt", "rw", "no", "nomor", "nmr", "km", "blok", "blk"})
#: Words after which a label begins an address; after others ("antar kampung", "warga kampung") it may tell what is up.
_BEFORE_ADDRESS = (CUES - GENERIC) | _BEFORE_NAME | {"alamat", "lokasi", "tepatnya", "posisi", "tkp"}
_SEPARATORS = frozenset(",;:(")


def address_tokens(
    text: str, tokens: Sequence[Token], city: CityPack, *, tells: Callable[[str], bool]
) -> frozenset[int]:
    """The tokens of `text` that are parts of an address. `tells` knows words that name an incident: they stay."""
    found = set(_within(tokens, [match.span() for form in (_LINK, _CODE) for match in form.finditer(text)]))
    wider = {fold(name) for name in (*city.wider_names, *city.name.split())} - {"kota", "kabupaten"}
    plain = [written_out(fold(text[token.start : token.end])) for token in tokens]
    for at, form in enumerate(plain):
        before = text[tokens[at - 1].end : tokens[at].start] if at else ""
        begins = at == 0 or _ends_with_separator(before)
        follows = begins or plain[at - 1] in _BEFORE_ADDRESS or at - 1 in found
        following = plain[at + 1] if at + 1 < len(plain) else ""
        if form in _BEFORE_FIGURE and following[:1].isdigit():
            found |= {at, at + 1}
        elif form in wider and (follows or following in wider):
            found.add(at)
        elif form in _BEFORE_NAME and follows and following and following not in RELATIONS:
            found.add(at)
            if not tells(tokens[at + 1].form):
                found.add(at + 1)
        elif form.isdigit() and at - 1 in found:
            found.add(at)
    return frozenset(found)


def _ends_with_separator(before: str) -> bool:
    """Whether the last that stands there, spaces aside, is a separator or the end of a line."""
    rest = before.rstrip()
    return (bool(rest) and rest[-1] in _SEPARATORS) or "\n" in before[len(rest) :]


def _within(tokens: Sequence[Token], spans: Iterable[tuple[int, int]]) -> Iterable[int]:
    starts = [token.start for token in tokens]
    for start, end in spans:
        for at in range(bisect_left(starts, start), bisect_left(starts, end)):
            if tokens[at].end <= end:
                yield at
