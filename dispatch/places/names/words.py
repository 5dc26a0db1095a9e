"""Reads the words of an Indonesian place as callers and operators write them: abbreviations, relations, labels."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import zip_longest

_WORD = re.compile(r"[^\W_]+(?:['’`][^\W_]+)*")
_CLAUSE_END = re.compile(r"[.!?;\n]")
MAX_WORD = 40  # a longer run of letters is no word; cutting it keeps the fuzzy search fast

#: What is written short or in several ways, and the one form that is compared.
_SAME = {
    "jalan": "jl jln jlan jlm jaln",
    "gang": "gg gng",
    "perumahan": "perum prum prumh perumhn perumnas komplek kompleks komp kom cluster klaster",
    "kampung": "kp kmp kamp kampong",
    "kelurahan": "kel klrhn klurahan kelrahan",
    "kecamatan": "kec kcmtn kecmtn",
    "desa": "ds",
    "lingkungan": "lingk lingkungn link lk",
    "rs": "rumkit",
    "puskesmas": "pkm puskes puskesmes puskesmas puksesmas",
    "stasiun": "stn st stasion setasiun stsiun stasun",
    "terminal": "term trminal",
    "simpang": "simp spg prapatan prempatan perempatan pertigaan prtigaan simpangan perapatan bangjo",
    "masjid": "mesjid msjid masjd",
    "musala": "mushola musholla mushala musolla",
    "tubagus": "tb",
    "jenderal": "jend jendral jen",
    "letnan": "letn",
    "mayor": "may",
    "syekh": "syech syeh sheikh seh syaikh",
    "kantor": "ktr kntr",
    "kabupaten": "kab kabup kbupaten",
    "gerbang": "gt grbang",
    "warung": "wr wrg wrung",
    "pasar": "psr pasr",
    "stadion": "stdion",
    "pintu": "pntu",
    "sekolah": "sklh",
}
_CANONICAL = {short: word for word, shorts in _SAME.items() for short in shorts.split()}

#: Where something lies seen from a landmark; the words callers use, Indonesian, Javanese and Sundanese.
_RELATIONS = {
    "depan": "dpn dpan dpen hadapan hareup hareupeun ngarep",
    "belakang": "blkg blkng blakang belakng mburi",
    "sebelah": "sblh sblah sebelahan samping smpg smping gigir gigireun",
    "seberang": "sbrg sebrang sbrng seberng sebrng sabrang peuntas peuntaseun",
    "dekat": "dkt deket dkat dket deukeut sekitar skitar sekitaran parek cedek cerak pinggir pinggiran",
    "arah": "arh jurusan jurusn",
    "bawah": "bwh kolong",
    "sebelum": "sblm sblum seblum seacan",
    "sesudah": "setelah stlh abis lewat ngelewati liwat",
    "dalam": "dlm dalem njero jero",
}
#: The points of the compass in Javanese and Sundanese; the Indonesian words are parts of names (Serang Timur).
_COMPASS = {"wetan": "timur", "etan": "timur", "kulon": "barat", "kidul": "selatan"}
RELATIONS = {
    **{word: relation for relation, words in _RELATIONS.items() for word in [relation, *words.split()]},
    **_COMPASS,
}

#: Two words that are one name of a kind of place.
_TOGETHER = {
    ("rumah", "sakit"): "rs",
    ("rs", "umum"): "rsu",
    ("dinas", "perhubungan"): "dishub",
    ("rs", "daerah"): "rsud",
    ("rsu", "daerah"): "rsud",
    ("lampu", "merah"): "simpang",
    ("lampu", "setopan"): "simpang",
}

SETTLEMENTS = frozenset({"perumahan", "gang", "kampung", "lingkungan"})

#: Words that name a kind of place; a name without them is compared too ("Ahmad Yani" for "Jl. Ahmad Yani").
GENERIC = frozenset({"jalan", "simpang", "kelurahan", "desa", *SETTLEMENTS})

LABELS = frozenset({"kelurahan", "desa", "kecamatan"})

#: Words after which a place is likely, so that a misspelt short name may be guessed there.
CUES = frozenset({"di", "ke", "dari", "daerah", "wilayah", "area", *LABELS, *RELATIONS, *GENERIC})

#: Words that are never part of a place by themselves and pass between a relation and its landmark.
_FILLERS = (
    "yang yg itu ini ada nya pak bu mas mbak bang kang teh situ sana sini tuh nih dari pas persis sekali agak rumah "
    "warga kota kabupaten rt rw no nomor km saya sy gue gua aku kita kami exit"
)
FILLERS = frozenset(_FILLERS.split())


@dataclass(frozen=True, slots=True)
class PlaceWord:
    """One word of a text: `form` as it is compared, `start` and `end` in the text as it was written."""

    form: str
    start: int
    end: int
    ends_clause: bool


def fold(word: str) -> str:
    """A word without case, accents and apostrophes, its spun-out letters (tolooong) shortened."""
    plain = unicodedata.normalize("NFKD", word[:MAX_WORD]).casefold()
    letters = "".join(character for character in plain if character.isalnum())[:MAX_WORD]
    return re.sub(r"(\D)\1{2,}", r"\1", letters)


def place_words(text: str) -> list[PlaceWord]:
    """The words of a text in the form in which place names are compared; abbreviations are written out."""
    words: list[PlaceWord] = []
    matches = list(_WORD.finditer(text))
    for match, following in zip_longest(matches, matches[1:]):
        next_start = following.start() if following else len(text)
        written = fold(match.group())
        after = text[match.end() : next_start]
        abbreviated = (written in _CANONICAL or len(written) <= 2) and after.startswith(".")
        ends_clause = bool(_CLAUSE_END.search(after[1:] if abbreviated else after))
        if len(written) > 3 and written[-1] == "2" and written[:-1].isalpha():
            written = written[:-1] * 2  # alun2
        if written.removesuffix("nya") in RELATIONS:
            written = written.removesuffix("nya")  # belakangnya
        word = PlaceWord(_CANONICAL.get(written, written), match.start(), match.end(), ends_clause)
        together = _TOGETHER.get((words[-1].form, word.form)) if words and not words[-1].ends_clause else None
        if together is not None:
            words[-1] = PlaceWord(together, words[-1].start, word.end, ends_clause)
        elif word.form:
            words.append(word)
    return words


def written_out(form: str) -> str:
    """A folded word in the form that is compared: "kp" as kampung."""
    return _CANONICAL.get(form, form)


def name_forms(name: str) -> tuple[str, ...]:
    """The words of a place's name as they are compared ("Jl. TB Suwandi" as jalan, tubagus, suwandi)."""
    return tuple(word.form for word in place_words(name))
