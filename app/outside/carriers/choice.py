"""Which carriers an installation has, by its settings."""

from __future__ import annotations

from collections.abc import Mapping

from app.outside.carriers.further import FurtherService
from app.outside.carriers.mail import Mail
from app.outside.carriers.message import Carrier
from app.outside.carriers.sms import SmsCarrier
from app.outside.carriers.telegram import Telegram
from app.outside.carriers.whatsapp import WhatsApp, WhatsAppSettings
from app.outside.sms import DeliveryPort
from config import Settings
from dispatch.city.ladders import Channel
from dispatch.city.pack import CityPack


def carriers_of(settings: Settings, city: CityPack, sms: DeliveryPort) -> Mapping[Channel, Carrier]:
    """The carriers by channel; a channel that is missing is not configured."""
    timeout_s, numbers = city.policy.deliveries.timeout_s, city.policy.numbers
    carriers: dict[Channel, Carrier] = {Channel.SMS: SmsCarrier(sms, numbers)}
    if settings.whatsapp_phone_id:
        own = WhatsAppSettings(
            settings.whatsapp_url,
            settings.whatsapp_phone_id,
            settings.whatsapp_token,
            settings.whatsapp_task_templates,
            settings.whatsapp_notice_templates,
        )
        carriers[Channel.WHATSAPP] = WhatsApp(own, timeout_s, numbers)
    if settings.telegram_token:
        carriers[Channel.TELEGRAM] = Telegram(settings.telegram_url, settings.telegram_token, timeout_s)
    if settings.smtp_url:
        carriers[Channel.EMAIL] = Mail(settings.smtp_url, settings.mail_from, timeout_s)
    if settings.push_key:
        from app.outside.carriers.push import Push  # with what encrypts, which only those wait for who use it

        carriers[Channel.PUSH] = Push(settings.push_key, settings.push_subject, settings.secret_key, timeout_s)
    if settings.apprise_hosts:
        carriers[Channel.APPRISE] = FurtherService(settings.apprise_hosts, timeout_s)
    return {channel: carrier for channel, carrier in carriers.items() if carrier.configured}


def public_push_key(carriers: Mapping[Channel, Carrier]) -> str:
    """What browsers subscribe with; empty where none is woken."""
    return str(getattr(carriers.get(Channel.PUSH), "public_key", ""))
