"""Nobody who is hurt goes to the police alone: harm adds medical help and P1, place words vote for nothing."""

from __future__ import annotations

import pytest

from dispatch.city.model import Priority
from dispatch.city.pack import CityPack
from dispatch.places.finder import Places
from dispatch.triage.interpret import Interpretation, interpret
from dispatch.triage.routing import propose_agencies

HURT = [
    "serangan jantung di kampung baru, unyur",
    "anak kejang di kampung baru",
    "orang digigit ular kobra",
    "bapak jatuh dari pohon",
    "kakek jatoh dari tangga ga bangun2",
    "emak kite semaput ore tangi2 ning umah, kilasah rt 05",
    "kakek ga ada nadinya, lg di pompa dada sama cucunya, jl ki uju kaujon",
    "BEGAL DI JLN SAWAH LUHUR KORBAN DIBACOK TANGANNYA",
    "kesetrum pas benerin antena di atap rumah, jatoh ga sadar",
    "car accident near royal, driver unconscious, need ambulance",
    "korban atas nama sudirman 45 thn kejang",
    "odgj nyekek ibunya sendiri",
    "tetangga kesiram air panas sebadan",
    "bini brojol di mobil",
    "napasnya udah senin kamis pak",
    "tawuran, satu kena bacok kepalanya berdarah",
    "pohon tumbang nimpa orang, orangnya kejepit",
    "my wife is giving birth",
    "he is not breathing",
    "budak kalelep di walungan",
]
UNHURT = [
    "pohon tumbang nimpa mobil di kampung baru",
    "tabrakan tapi tidak ada yang luka",
    "butuh donor darah golongan o di rsud",
    "bapak jadwal cuci darah besok, minta ambulan",
    "dahan jatuh dari pohon",
    "macet total ga gerak sejam",
    "kepala keluarga minta surat pindah",
    "syarat akte lahir apa aja",
    "mati lampu dari tadi sekampung di kuranji",
    "sampah menumpuk di pasar rau",
]
NOWHERE_A_REPORT = [
    "Kota Serang, Banten",
    "Kel. Unyur, Kec. Serang, Kota Serang, Banten 42111",
    "Kecamatan Cipocok Jaya, Kota Serang, Provinsi Banten",
    "rt 3 rw 4",
    "RT 005/RW 002 no. 12",
    "V5Q3+2Q, Kota Serang, Banten",
    "kp. kebon jahe, serang",
    "di perumahan ciracas blok c no 4",
    "https://maps.google.com/maps?q=-6.12,106.15&kebakaran=1",
]


@pytest.fixture(scope="module")
def places(city: CityPack) -> Places:
    return Places(city)


def ticked(city: CityPack, words: str, code: str, read: Interpretation) -> set[str]:
    proposed = propose_agencies(city.incident_types[code], words, city, read.harm)
    return {agency.code for agency in proposed if agency.preselected}


@pytest.mark.parametrize("words", HURT)
def test_somebody_hurt_gets_medical_help_and_the_highest_priority_whatever_the_type(
    city: CityPack, places: Places, words: str
) -> None:
    read = interpret(words, city, places)
    assert read.harm_priority is Priority.P1
    assert read.types
    assert {guess.priority for guess in read.types} == {Priority.P1}
    assert "gawat-darurat-medis" in {guess.code for guess in read.types}
    for code in city.incident_types:
        assert "PSC119" in ticked(city, words, code, read), code
    assert read.danger, "a nuisance key must ask twice"


@pytest.mark.parametrize("words", UNHURT)
def test_what_only_sounds_like_harm_raises_nothing(city: CityPack, places: Places, words: str) -> None:
    read = interpret(words, city, places)
    assert (read.harm, read.harm_priority) == ([], None)
    for guess in read.types:
        assert guess.priority is city.incident_types[guess.code].priority


@pytest.mark.parametrize("words", NOWHERE_A_REPORT)
def test_words_that_only_say_where_vote_for_no_type(city: CityPack, places: Places, words: str) -> None:
    assert interpret(words, city, places).types == []


@pytest.mark.parametrize("place", ["kampung baru", "kp. kebon jahe", "kel. unyur kec. serang", "kota serang, banten"])
@pytest.mark.parametrize("words", ["kebakaran rumah", "pohon tumbang", "listrik padam", "jalan rusak", "ada ular"])
def test_the_place_does_not_change_what_happened(city: CityPack, places: Places, words: str, place: str) -> None:
    alone = interpret(words, city, places).types[0]
    placed = interpret(f"{words} di {place}", city, places).types[0]
    assert (placed.code, placed.clear) == (alone.code, alone.clear)


def test_words_of_a_brawl_between_villages_are_still_read(city: CityPack, places: Places) -> None:
    for words in ("tawuran antar kampung di kasemen", "warga kampung sebelah nyerang bawa golok"):
        assert interpret(words, city, places).types[0].code == "tawuran"


def test_a_type_that_hardly_leads_is_not_chosen_for_the_operator(city: CityPack, places: Places) -> None:
    doubtful = interpret("motor nabrak kucing", city, places).types
    assert doubtful[0].score - doubtful[1].score < city.policy.first_guess.type_lead
    assert not any(guess.clear for guess in doubtful)
    sure = interpret("tabrakan motor korban pingsan", city, places).types
    assert [guess.clear for guess in sure][:1] == [True]
    assert not any(guess.clear for guess in sure[1:])
