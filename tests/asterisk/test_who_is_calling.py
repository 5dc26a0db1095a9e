"""What the server learns of a caller: number, name, place, wish to be withheld; and what it cannot be made to hear."""

from __future__ import annotations

import pytest

from tests.asterisk.agi_double import Session, gives_a_ticket
from tests.asterisk.asterisk_instance import Asterisk
from tests.asterisk.fixtures import PlaceCall, PutServer
from tests.asterisk.guard import Guard
from tests.asterisk.real_parts import wait_until
from tests.asterisk.sipp import Place

pytestmark = pytest.mark.real


@pytest.mark.parametrize("tcp", [False, True], ids=["udp", "tcp"])
def test_the_location_that_the_network_sends_can_be_asked_for(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, tcp: bool
) -> None:
    def asks_for_the_place(session: Session) -> None:
        if session.script == "incoming":
            session.command('GET FULL VARIABLE "${GEOLOC_PROFILE(effective_location)}"')
        gives_a_ticket(session)

    one = server("one", asks_for_the_place)
    place_call(place=Place(lat=-6.1186, lon=106.1537, radius_m=30), tcp=tcp)
    incoming = one.wait_for("incoming")
    assert incoming.arguments[2] == "1"
    wait_until("the place told", lambda: incoming.replies)
    assert 'pos="-6.1186 106.1537",radius="30"' in incoming.replies[0]


def test_a_withheld_number_comes_with_the_wish_to_withhold_it(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one")
    place_call(withheld=True)
    incoming = one.wait_for("incoming")
    assert incoming.environment["agi_callerid"] == "081234567890"
    assert incoming.arguments[3].startswith("prohib")


def test_a_caller_whom_nobody_knows_gets_a_ticket_too(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one")
    place_call(anonymous=True)
    assert one.wait_for("incoming").environment["agi_callerid"] == "anonymous"
    assert asterisk.call_queued().seconds_to_queue < 1


@pytest.mark.parametrize(
    ("identity", "number"),
    [
        ("<sip:+6281234567890@carrier.test>, <tel:+6281234567890>", "+6281234567890"),
        ("<tel:+6281234567890>, <sip:+6281234567890@carrier.test>", "+6281234567890"),
        ('"Budi, S." <sip:081234567890@carrier.test;user=phone>, <tel:081234567890>', "081234567890"),
        ("<sip:anonymous@anonymous.invalid>, <tel:+6281234567890>", "+6281234567890"),
        ("<sip:81234567890;npdi;rn=+62811@carrier.test>, <tel:+6281234567890;npdi>", "81234567890;npdi;rn=+62811"),
        ("<tel:81234567890;phone-context=+62>, <sip:x@carrier.test>", "81234567890;phone-context=+62"),
    ],
)
def test_of_two_identities_the_first_number_is_kept_as_it_was_sent(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, identity: str, number: str
) -> None:
    one = server("one")
    place_call(identity=identity)
    assert one.wait_for("incoming").environment["agi_callerid"] == number
    assert asterisk.call_queued().seconds_to_queue < 1


@pytest.mark.parametrize("identity", ["<sip:anonymous@anonymous.invalid>, <tel:x>", ",,,", "<tel:", '"', ":::@@@>>>"])
def test_identities_without_a_number_keep_nobody_from_the_queue(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, identity: str
) -> None:
    one = server("one")
    place_call(identity=identity)
    assert one.wait_for("incoming").environment["agi_callerid"] in ("anonymous", "unknown")
    assert asterisk.call_queued().seconds_to_queue < 1


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        (r"Budi \"Si Api\" Santoso", "Si Api"),
        ("Bu, Sri; DROP (x) ${EXTEN}", "Bu, Sri; DROP (x) ${EXTEN}"),
        ("Kebakaran 🔥", "Kebakaran 🔥"),
        ("x" * 900, "xxxx"),
    ],
    ids=["quotes", "commas", "emoji", "long"],
)
def test_a_callers_name_cannot_disturb_the_call(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall, name: str, kept: str
) -> None:
    one = server("one")
    place_call(name=name)
    call = asterisk.call_queued()
    incoming = one.wait_for("incoming")
    assert call.seconds_to_queue < 1
    assert incoming.arguments[:4] == [call.linkedid, asterisk.system_name, "0", "allowed_not_screened"]
    assert kept in incoming.environment["agi_calleridname"]


def test_a_line_break_in_the_number_does_not_become_a_line_of_its_own(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    one = server("one")
    place_call(ani="0812%0Aagi_arg_1%3A%20forged%0D")
    incoming = one.wait_for("incoming")
    assert incoming.arguments[0] == asterisk.call_queued().linkedid
    assert incoming.environment["agi_callerid"] == "0812agi_arg_1:forged"


def test_a_line_break_in_the_name_does_not_become_a_line_of_its_own(
    asterisk: Asterisk, guard: Guard, server: PutServer, place_call: PlaceCall
) -> None:
    """SIP cannot carry one here, but whatever stands between carrier and Asterisk can set the name."""
    one = server("one")
    with asterisk.also_dials(
        """
        [siaga-112](+)
        exten => 1120,1,Set(CALLERID(name)=${URIDECODE(Budi%0Aagi_arg_1: forged)})
        same => n,Goto(112,1)
        """
    ):
        place_call(dialled="1120")
        incoming = one.wait_for("incoming")
    assert incoming.arguments[0] == asterisk.call_queued().linkedid
    assert incoming.environment["agi_calleridname"] == "Budiagi_arg_1: forged"
