"""One subscriber in all spellings is one subscriber; a stand-in of telephones without a number is nobody."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.city.policy import NumberingPlan
from dispatch.phone_numbers import callability, normalise_number

#: How exchanges, carriers and gateways write the subscriber `8123...` or `254...` of Indonesia.
SPELLINGS = [
    "0{n}",
    "+62{n}",
    "62{n}",
    "0062{n}",
    "+620{n}",
    "620{n}",
    "+62 (0){n}",
    "+0{n}",
    "+62-{n}",
    "sip:+62{n}@10.0.0.1",
    "sips:0{n}@carrier.example:5061;transport=tls",
    "<sip:+62{n}@carrier.example;user=phone>",
    '"Budi, RT 3" <sip:0{n}@carrier.example>',
    "tel:+62{n}",
    "tel:{n};phone-context=+62",
    "0{n};npdi;rn=62811",
    "sip:+62{n};phone-context=ims@carrier.example",
    "<sip:anonymous@anonymous.invalid>, <tel:+62{n}>",
    "<sip:+62{n}@carrier.example>, <tel:+62{n}>",
    "sip:%2B62{n}@carrier.example",
    "tel:0{n};ext=5",
]
STAND_INS = [
    *["110", "112", "119", "911", "+911", "+62112"],
    *["62112", "0062112", "+62 112", "+620112", "0112", "0254112"],
    *["021112", "+62254112", "tel:+62112", "sip:112@carrier.example", "112;phone-context=+62", "9115551234"],
    *["356938035643809", "+356938035643809", "35693803564380", "3569380356438091", "510101234567890", "0000"],
    *["000000000000", "+620000000", "080000000000", "088888888888", "1111111", "0123456789"],
    *["1234567890", "1234567", "999"],
    *["62254112", "0062254112", "6221112", "013012345678901", "01301234567890", "19115551234", "+19115551234"],
]


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("subscriber", ["81234567890", "8912345678", "2547001234", "217654321"])
def test_one_subscriber_in_every_spelling(spelling: str, subscriber: str) -> None:
    assert normalise_number(spelling.format(n=subscriber)) == f"0{subscriber}"


@given(st.from_regex(r"8[1-9][0-9]{8,9}", fullmatch=True), st.sampled_from(SPELLINGS), st.sampled_from(["", " ", "-"]))
def test_a_mobile_number_is_found_again_whoever_wrote_it(subscriber: str, spelling: str, gap: str) -> None:
    spoken = gap.join([subscriber[:3], subscriber[3:7], subscriber[7:]])
    number = normalise_number(spelling.format(n=spoken))
    assert number in (f"0{subscriber}", None)
    assert number is not None or len(set(subscriber[1:])) == 1
    assert normalise_number(f"0{subscriber}") == number == normalise_number(number or "")


def test_a_zero_before_the_country_code_is_no_area_code_where_the_number_is_too_long_for_one() -> None:
    assert normalise_number("06281234567890") == normalise_number("+06281234567890") == "081234567890"
    assert normalise_number("062812345678") == "062812345678"


@pytest.mark.parametrize("bare", ["81234567890", "8912345678"])
def test_a_bare_mobile_number_gets_its_zero(bare: str) -> None:
    assert normalise_number(bare) == f"0{bare}"
    assert callability(normalise_number(bare), "allowed", bare).kind == "mobile"


@pytest.mark.parametrize("as_sent", STAND_INS)
def test_a_stand_in_is_nobodys_number(as_sent: str) -> None:
    number = normalise_number(as_sent)
    assert number is None
    assert callability(number, "allowed", as_sent).kind == "not_sent"


@given(st.sampled_from(STAND_INS), st.sampled_from(["{n}", " {n} ", "sip:{n}@x", "<tel:{n}>", "{n};npdi"]))
def test_a_stand_in_stays_one_however_it_is_wrapped(stand_in: str, wrapping: str) -> None:
    assert normalise_number(wrapping.format(n=stand_in)) is None


def test_a_prefix_of_the_trunk_is_taken_off_where_the_city_says_so() -> None:
    plan = replace(NumberingPlan(), trunk_prefixes=("9", "77"))
    for as_sent in ("9081234567890", "96281234567890", "981234567890", "77081234567890"):
        assert normalise_number(as_sent, plan) == "081234567890"
    assert normalise_number("9112", plan) == "9112"
    assert normalise_number("081234567890", plan) == "081234567890"


def test_a_citys_own_stand_in_is_known() -> None:
    plan = replace(NumberingPlan(), stand_ins=("0254999999",))
    assert normalise_number("0254999999", plan) is None
    assert normalise_number("0254999999") == "0254999999"


@pytest.mark.parametrize(
    ("as_sent", "number"),
    [("+6581234567", "+6581234567"), ("006581234567", "+6581234567"), ("0012025550123", "+12025550123")],
)
def test_a_foreign_number_has_one_spelling_too(as_sent: str, number: str) -> None:
    assert normalise_number(as_sent) == number
