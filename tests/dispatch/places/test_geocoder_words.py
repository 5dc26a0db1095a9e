"""A geocoder is asked for the place alone: what happened and to whom stays here."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.places.geocoder_words import place_part


@pytest.mark.parametrize(
    ("sentence", "part"),
    [
        ("kebakaran rumah dpn toko melati, api besar", "toko melati"),
        ("ibu saya pingsan di jl mawar 3 no 12. tolong", "jl mawar 3 no 12"),
        ("kecelakaan di depan bengkel pak didi dekat sawah", "bengkel pak didi"),
        ("perumahan bumi melon, blok c", "perumahan bumi melon"),
        ("nama saya Budi 0812345678", ""),
        ("di", ""),
        ("", ""),
    ],
)
def test_only_the_place_is_taken(sentence: str, part: str) -> None:
    assert place_part(sentence) == part


@given(st.text(max_size=400))
def test_what_is_taken_always_stands_in_the_sentence(sentence: str) -> None:
    assert place_part(sentence) in sentence
