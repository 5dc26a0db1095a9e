"""Lines that make a careless parser slow: one form each, at whatever length is wanted.

They are what somebody types with an elbow, pastes from a spreadsheet, or writes to stop the node.
"""

from __future__ import annotations

import random
from itertools import islice

_SEED = 112
_WARDS = "unyur kaligandu cipocok jaya banjar agung sumur pecung kota baru lontar baru serang drangong taktakan "
_ALPHABETS = "aé中αЖا٣۴०߁𝟙ﷺ́̈‎‍🚒ﬁßİıſK²½ⅷ"


def nasty_lines(length: int) -> dict[str, str]:
    """Every form by name, each `length` characters long; twice the length is twice the same."""
    lines = {name: _repeated(piece, length) for name, piece in _REPEATED.items()}
    lines |= {name: (begins + _repeated(piece, length))[:length] for name, (begins, piece) in _BEGUN.items()}
    chance = random.Random(_SEED)
    lines["digits and marks"] = _random(chance, "0123456789.,-+−–°'\"″′ ;:/()=|NSEWLUBT", length)
    lines["letters and marks"] = _random(chance, "abgkmntrwy .,'’`-/\\;:!?\n", length)
    lines["all alphabets"] = _random(chance, _ALPHABETS + " .,-°'", length)
    lines["different words"] = _repeated_words(chance, length)
    return lines


#: Pieces that are written again and again.
_REPEATED = {
    "numbers": "1 ",
    "decimals": "1.1234 ",
    "pairs": "-6.11 106.15 ",
    "near pairs": "-6.11 206.15 ",
    "south": "s ",
    "numbers south": "6 s ",
    "labels": "lat ",
    "labelled numbers": "lat 1 ",
    "lintang": "lintang ",
    "lintang and spaces": "lintang         selata ",
    "degrees": "1° ",
    "degree signs": "°",
    "quotes": "'\"",
    "degrees and quotes": "1°'\"″",
    "minutes": "1 menit 2 detik ",
    "minus signs": "-",
    "signed": "-1,-1",
    "commas": ",",
    "numbers and commas": "1,2,",
    "points": "1.",
    "brackets": "(",
    "brackets shut": ")",
    "nested": "((1)",
    "plus signs": "+",
    "plus codes": "VHXX+22 ",
    "long plus codes": "6P5GVHXX+22 ",
    "plus digits": "23456789",
    "plus strings": "2345+",
    "slashes": "/",
    "links": "http://1/ ",
    "links of degrees": "https://a/@1 ",
    "geo": "geo:1,1 ",
    "geo glued": "geo:",
    "osm": "osm.org/go/é ",
    "osm short": "osm.org/go/0EEQjE-- ",
    "spaces": " ",
    "lines": "\n",
    "tabs": "\t",
    "km": "km ",
    "km posts": "km 1 ",
    "tol": "tol ",
    "tol and km": "tol km 1 ",
    "km with metres": "tol km 7+40 arah ",
    "directions": "km 1 yang arah ke ",
    "rt": "rt ",
    "rt rw": "rt 1 rw ",
    "rt slashes": "rt 1/",
    "rw": "rw 1 ",
    "number": "no ",
    "numbers of houses": "no 1a ",
    "block": "blok ",
    "blocks": "blok a1/",
    "one letter": "a",
    "one capital": "K",
    "apostrophes": "a'",
    "streets": "jl. ",
    "streets of streets": "jalan gang perumahan ",
    "near": "dekat ",
    "at": "di ",
    "there": "ada ",
    "not": "tidak ",
    "not conscious": "tidak sadar ",
    "people hurt": "orang luka ",
    "fire": "kebakaran ",
    "fire glued": "kebakaran",
    "misspelt fires": "kebakran rumha ",
    "wards": _WARDS,
    "wards glued": _WARDS.replace(" ", ""),
    "wards misspelt": "unyurr kalignadu cipockk jaaya ",
    "one ward": "unyur ",
    "city": "serang ",
    "landmarks": "alun-alun serang pasar induk rau ",
    "emoji": "🚒",
    "emoji of several": "👨‍👩‍👧‍👦",
    "combining": "é",
    "combining alone": "́",
    "arabic digits": "١٢٣ ",
    "ligature": "ﷺ",
    "right to left": "\u200f\u202e\u05d0",
    "underscores": "_",
    "doubled": "aa22",
    "percent": "%2C%20",
}
#: What comes first, and what is written behind it again and again.
_BEGUN = {
    "km and spaces": ("km", " "),
    "tol km and spaces": ("tol km 1", " "),
    "rt and spaces": ("rt", " "),
    "rt 1 and spaces": ("rt 1", " "),
    "rw and spaces": ("rt 1 rw", " "),
    "no and spaces": ("no", " "),
    "blok and spaces": ("blok", " "),
    "lintang and spaces only": ("lintang", " "),
    "one number and spaces": ("1", " "),
    "link of numbers": ("http://", "1/"),
    "link of directions": ("https://maps.google.com/dir/", "dir/"),
    "link of one direction": ("https://maps.google.com/dir/", "a"),
    "link of decimals": ("https://maps.google.com/@1.", "1"),
    "link of queries": ("https://maps.google.com/?q=1", "&q=1."),
    "link of hosts": ("https://", "google."),
    "link of escapes": ("https://a/?q=", "%2C+"),
    "link of maps": ("https://a/#", "map=1"),
    "link of stops": ("https://a/", ".,;:"),
    "link of pins": ("https://a/", "!3d1!4"),
    "short link": ("osm.org/go/", "A"),
    "short link of hyphens": ("osm.org/go/", "-"),
    "point": ("-6.", "1"),
    "place of one word": ("di ", "x"),
    "place of many words": ("di ", "gang "),
}


def _repeated(piece: str, length: int) -> str:
    return (piece * (length // len(piece) + 1))[:length]


def _random(chance: random.Random, letters: str, length: int) -> str:
    return "".join(chance.choices(letters, k=length))


def _repeated_words(chance: random.Random, length: int) -> str:
    """Words that nobody has said before, so that nothing is known by heart."""
    syllables = [first + vowel for first in "bcdgjklmnprstwy" for vowel in "aiueo"]
    words = ("".join(chance.choices(syllables, k=chance.randint(2, 5))) for _ in range(length))
    return " ".join(islice(words, length // 3))[:length]
