"""What of a caller's sentence a geocoder needs: the stretch that names the place, and nothing of what happened."""

from __future__ import annotations

from dispatch.places.names.words import CUES, FILLERS, GENERIC, RELATIONS, PlaceWord, place_words

MOST_WORDS = 6


def place_part(sentence: str) -> str:
    """The words after the first that a place follows ("di", "depan", "jalan") to the clause's end; "" without one.

    A word that belongs to the name (jalan, perumahan) stays; a comma ends the stretch like a full stop.
    """
    words = place_words(sentence)
    first = next((at for at, word in enumerate(words) if word.form in CUES), None)
    if first is None:
        return ""
    while first < len(words) and words[first].form not in GENERIC and words[first].form in CUES | FILLERS:
        first += 1
    taken: list[PlaceWord] = []
    for word in words[first : first + MOST_WORDS]:
        if taken and (word.form in RELATIONS or _ends(sentence[taken[-1].end : word.start], taken[-1])):
            break
        taken.append(word)
        if word.ends_clause:
            break
    return sentence[taken[0].start : taken[-1].end] if taken else ""


def _ends(between: str, before: PlaceWord) -> bool:
    """Whether what stands between two words ends the place: a comma, or a full stop that is no abbreviation's."""
    return "," in between or ("." in between and before.form.isdigit())
