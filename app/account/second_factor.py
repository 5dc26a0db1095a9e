"""The second factor: six figures from an authenticator (TOTP, RFC 6238), or a recovery code that works once."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256
from typing import Any

from markupsafe import Markup
from sqlalchemy import Connection, Row, func, select

from app.account.sealing import seal, unseal
from dispatch.links.spelling import ALPHABET
from dispatch.storage.tables import RecoveryCode, SecondFactor

STEP_S = 30
AROUND = (0, -1, 1)  #: steps beside the present one that are taken: telephones' clocks go wrong by seconds
RECOVERY_CODES = 10
RECOVERY_LENGTH = 16  #: 80 bits, so that a fast hash is enough
ISSUER = "Siaga 112"
_PURPOSE = "second factor"
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None})


def new_secret() -> str:
    """A secret to share with an authenticator: 160 random bits in base 32."""
    import pyotp

    return pyotp.random_base32()


def seal_secret(secret: str) -> str:
    """What the database keeps of it."""
    return seal(_PURPOSE, {"secret": secret})


def unseal_secret(sealed: str) -> str:
    """The secret again. Raises Unsealable where the installation's key has changed."""
    return str(unseal(_PURPOSE, sealed)["secret"])


def address_of(secret: str, username: str) -> str:
    """The otpauth:// address that authenticators read."""
    import pyotp

    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


def picture_of(address: str) -> Markup:
    """The address as a QR code: an SVG element, black on white in both themes."""
    import segno

    code = segno.make(address, error="m")
    drawn = code.svg_inline(scale=5, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr-code")
    return Markup(drawn)  # noqa: S704 (rectangles that segno drew; no text of anybody is in them)


def step_of(code: str, secret: str, now: datetime, last_step: int) -> int | None:
    """The step whose code this is, None where it is no code of now or was taken before: none is taken twice."""
    import pyotp

    figures = code.replace(" ", "")
    if not (figures.isascii() and figures.isdigit() and len(figures) == 6):
        return None
    present, totp, found = int(now.timestamp()) // STEP_S, pyotp.TOTP(secret), None
    for step in (present + around for around in AROUND):
        right = hmac.compare_digest(totp.generate_otp(step), figures)
        if right and step > last_step and found is None:
            found = step
    return found


def new_recovery_codes() -> list[str]:
    """Codes to write down, in four groups of four."""
    made = ("".join(secrets.choice(ALPHABET) for _ in range(RECOVERY_LENGTH)) for _ in range(RECOVERY_CODES))
    return ["-".join(code[at : at + 4] for at in range(0, RECOVERY_LENGTH, 4)) for code in made]


def recovery_hash(typed: str) -> str | None:
    """What the database keeps of a recovery code, None for what cannot be one."""
    code = typed.upper().translate(_READ_AS)
    if len(code) != RECOVERY_LENGTH or not set(code) <= set(ALPHABET):
        return None
    return _hash(code)


def recovery_hashes(made: Iterable[str]) -> list[str]:
    """What the database keeps of new recovery codes."""
    return [_hash(code.replace("-", "")) for code in made]


def _hash(code: str) -> str:
    return sha256(code.encode()).hexdigest()


def factor_of(connection: Connection, user_id: int) -> Row[Any] | None:
    """A user's authenticator (a row of second_factors), None where there is none."""
    return connection.execute(select(SecondFactor.__table__).where(SecondFactor.user_id == user_id)).first()


def codes_left(connection: Connection, user_id: int) -> int:
    """How many recovery codes a user has that are not used."""
    unused = (RecoveryCode.user_id == user_id) & RecoveryCode.used_at.is_(None)
    return int(connection.execute(select(func.count()).select_from(RecoveryCode).where(unused)).scalar_one())
