"""Which carriers an installation has, by its settings."""

from __future__ import annotations

from collections.abc import Mapping

from app.outside.carriers.message import Carrier
from app.outside.carriers.sms import SmsCarrier
from app.outside.sms import DeliveryPort
from dispatch.city.ladders import Channel
from dispatch.city.pack import CityPack


def carriers_of(city: CityPack, sms: DeliveryPort) -> Mapping[Channel, Carrier]:
    """The carriers by channel; a channel that is missing is not configured."""
    carriers: dict[Channel, Carrier] = {Channel.SMS: SmsCarrier(sms, city.policy.numbers)}
    return {channel: carrier for channel, carrier in carriers.items() if carrier.configured}
