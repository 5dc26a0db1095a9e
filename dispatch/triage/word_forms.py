"""The forms in which an Indonesian word is compared: spelling habits evened out, affixes taken off."""

from __future__ import annotations

import re
from functools import lru_cache

from dispatch.places.names.words import fold


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


#: How callers and operators write a word, and the form that is compared. Chat spelling, Jakarta and Serang speech.
_SAME = {
    "ambulan": "ambulans ambulance ambulanc ambulnce amblan",
    "anak": "ank bocah bocil budak barudak",
    "asap": "asep",
    "bapak": "bpk bpak bp bapa ayah abah",
    "barusan": "brusan brsan",
    "besar": "gede gde bsr guede",
    "bus": "bis",
    "berasap": "ngebul kebul berasep",
    "dalam": "dalem dlm dalm",
    "habis": "abis abs",
    "hijau": "ijo",
    "hitam": "item htm",
    "hilang": "ilang hlang",
    "ibu": "emak mak mama mamah umi ema",
    "istri": "bini istriku",
    "jalan": "jl jln jlan jalanan",
    "jatuh": "jatoh jtuh",
    "kecelakaan": "kclakaan kclakan kecelakan kecelakaanya",
    "kecil": "kcil cilik",
    "kencang": "kenceng knceng",
    "kelaparan": "kelaperan",
    "lalu": "llu",
    "lubang": "lobang",
    "malam": "malem mlm mlem",
    "meledak": "meledug meletup mledak bledug mbledos jeblug ngeledak",
    "mabuk": "mabok",
    "mobil": "mbl mobl",
    "motor": "mtr mtor",
    "napas": "nafas nafs nfas",
    "ngalir": "ngocor mili ngucur",
    "numpuk": "menumpuk bertumpuk",
    "orang": "org orng wong jelema jalma",
    "pakai": "pake pk",
    "perempuan": "prempuan cewek cewe wanita awewe wadon",
    "rumah": "rmh rmah omah umah imah",
    "rs": "rsud rumkit",
    "roboh": "rubuh rubuhan rebah",
    "sampai": "smp sampe smpe",
    "sudah": "sdh udh udah dah wis geus",
    "tebal": "tebel",
    "terbakar": "kebakar kbakar",
    "tolong": "tlg tlong tulung",
    "warga": "wrga",
}
_CANONICAL = {written: word for word, ways in _SAME.items() for written in ways.split()}

#: "Not", in all its ways; "tanpa" and "belum" count, because "belum sadar" is "tidak sadar" to a dispatcher.
NEGATIONS = frozenset(
    [
        *["tidak", "tdk", "tak", "gak", "ga", "gk", "nggak", "ngga", "enggak", "engga", "kagak", "kaga"],
        *["tanpa", "bukan", "bkn", "belum", "blm", "belom", "jangan", "teu", "henteu", "ora", "dudu", "moal"],
    ]
)
#: What may stand between "not" and the word it denies.
PASSED_BY_NEGATION = _words(
    """
    ada adanya yang yg lagi bisa dapat mau sampai kena kelihatan keliatan terlihat sama sekali juga pernah punya
    orang apa ataupun atau jadi nya terlalu begitu langsung kunjung ikut satupun satu pun
    """
)

#: Words of a keyword that need not be in the text.
SAYS_NOTHING = _words("ada di ke dari yang pada dan itu ini")

#: Whole words that only look as if they carried an affix.
_WHOLE = _words(
    """
    meninggal tinggal tertinggal kepala kelapa berita terminal menara merah kereta keluarga selamat bangunan
    pertama pelajar mengenai mengapa sekolah kemarin kemana penuh berapa beras kebun kecil ketua pasar mandi
    pagi kali seperti lantai sampai pakai sungai pantai korban bagian depan jalan bulan tangan badan ikan hutan
    menular nular nyamuk mental kurus kekerasan mayat ringan perang kosan ngosan setopan perumahan
    hewan makanan teman kawan hujan badai nilai pegawai perahu pelaku terus tempat keluar kirim
    """
)

#: Everyday words that are one slip of the pen away from a keyword and are never taken for it.
COMMON_WORDS = _words(
    """
    sampai sampe datang sekarang tangga tanggal tetangga melihat terlihat kelihatan keliatan merasa terima
    mereka kembali sebentar sedang senang segera sering bersih barang berang tinggi tinggal kemarin kosong
    rambut kantor kantong penting karena kalau padahal memang mungkin bantuan bantu ditolong bayar sebelah
    samping depan belakang seberang dekat disini disana kesini kesana cepetan lumayan banget sendiri keluarga
    nomor alamat daerah silakan silahkan menunggu nunggu posisi lokasi petugas bapak ibunya anaknya rumahnya
    namanya kejadian kejadiannya laporan lapor melapor sedikit banyak semua bersama terakhir pertama kedua
    ketiga kadang tadinya barusan langsung jangan bagaimana gimana kenapa kapan dimana sebelum sesudah setelah
    selama lagian padang kamar kabar cuaca terang sekalian perlu perkara persis pinggir sekitar kantin dinding
    lantai kepencet kepikiran maaf
    """
)

_DOUBLING = re.compile(r"(?<=[a-z]{3})2(?=[a-z]*$)")
_PREFIXES = ("memper", "diper", "keber", "meng", "meny", "mem", "men", "me", "peng", "peny", "pem", "pen", "per", "pe")
_PREFIXES_PLAIN = ("ber", "ter", "di", "ke", "se", "ng", "ny", "nge", "ka", "n", "m")
_RESTORED = {"mem": "p", "pem": "p", "m": "p", "men": "t", "pen": "t", "n": "t", "meng": "k", "peng": "k", "ng": "k"}
_RESTORED_TWO = {"meny": "sc", "peny": "sc", "ny": "sc"}
_CLITICS = ("nya", "lah", "kah", "pun", "ku", "mu")
_SUFFIXES = ("kan", "an", "in", "i", "keun", "eun")
_MIN_STEM = 4
_MIN_BEFORE_CLITIC = 3


@lru_cache(maxsize=8192)
def compared_form(word: str) -> str:
    """The word folded, a doubling "2" taken out (kejang2, tabrak2an) and chat spelling written out."""
    form = _DOUBLING.sub("", fold(word))
    return _CANONICAL.get(form, form)


@lru_cache(maxsize=8192)
def stems(form: str) -> frozenset[str]:
    """The compared form and what may be left of it without affixes ("terbakar", "kebakaran": bakar)."""
    bare = without_clitics(form)
    found = set(bare)
    for word in bare - _WHOLE if form.isalpha() else ():
        without_suffix = {word} | {
            word.removesuffix(suffix)
            for suffix in _SUFFIXES
            if word.endswith(suffix) and len(word) - len(suffix) >= _MIN_STEM
        }
        found |= without_suffix
        for part in without_suffix:
            found |= _without_prefix(part)
    return frozenset(found)


@lru_cache(maxsize=8192)
def without_clitics(form: str) -> frozenset[str]:
    """The compared form, and what is left of it without "-nya" and the like."""
    bare = {form}
    if form in _WHOLE or not form.isalpha():
        return frozenset(bare)
    for clitic in _CLITICS:
        if form.endswith(clitic) and len(form) - len(clitic) >= _MIN_BEFORE_CLITIC:
            rest = form.removesuffix(clitic)
            bare.add(_CANONICAL.get(rest, rest))
    return frozenset(bare)


def _without_prefix(word: str) -> set[str]:
    found: set[str] = set()
    for prefix in (*_PREFIXES, *_PREFIXES_PLAIN):
        if not word.startswith(prefix):
            continue
        rest = word.removeprefix(prefix)
        restored = [first + rest for first in _RESTORED.get(prefix, "") + _RESTORED_TWO.get(prefix, "")]
        found.update(stem for stem in restored if len(stem) >= _MIN_STEM and rest[:1] in "aeiou")
        if len(rest) >= _MIN_STEM:
            found.add(_CANONICAL.get(rest, rest))
    return found
