"""The addresses of people: checked, and written in one way, so that a reply is known by where it comes from."""

from __future__ import annotations

import re

from dispatch.city.ladders import Channel
from dispatch.city.policy import NumberingPlan
from dispatch.errors import InvalidValue
from dispatch.phone_numbers import NumberKind, callability, normalise_number
from dispatch.text import clean_line

LONGEST_ADDRESS = 500
#: What can be set by hand. A browser is woken by push once its user has allowed it there.
BY_HAND = (Channel.WHATSAPP, Channel.TELEGRAM, Channel.SMS, Channel.EMAIL, Channel.APPRISE)
_TELEGRAM = re.compile(r"-?[1-9][0-9]{3,18}")
_MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_SERVICE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}://[^\s\x00-\x1f\x7f]+")


def channel_named(name: str) -> Channel:
    """A channel that is set by hand. Raises InvalidValue for the field `channel`."""
    if name not in list(BY_HAND):
        raise InvalidValue("channel", "unknown")
    return Channel(name)


def normalise_address(channel: Channel, raw: str, plan: NumberingPlan | None = None) -> str:
    """One way to write an address: numbers as they are dialled in the country (`0812...`), mail with a small domain.

    Raises InvalidValue for the field `address`.
    """
    address = clean_line(raw, LONGEST_ADDRESS + 1)
    if not address:
        raise InvalidValue("address", "empty")
    if len(address) > LONGEST_ADDRESS:
        raise InvalidValue("address", "too_long")
    if channel in (Channel.WHATSAPP, Channel.SMS):
        return _mobile_number(address, plan)
    if channel is Channel.EMAIL:
        user, _, domain = address.rpartition("@")
        return _of_form(_MAIL, f"{user}@{domain.lower()}")
    return _of_form(_TELEGRAM if channel is Channel.TELEGRAM else _SERVICE, address)


def _mobile_number(address: str, plan: NumberingPlan | None) -> str:
    number = normalise_number(address, plan)
    if number is None:
        raise InvalidValue("address", "form")
    if callability(number, "", address).kind not in (NumberKind.MOBILE, NumberKind.FOREIGN):
        raise InvalidValue("address", "no_mobile")
    return number


def _of_form(form: re.Pattern[str], address: str) -> str:
    if not form.fullmatch(address):
        raise InvalidValue("address", "form")
    return address
