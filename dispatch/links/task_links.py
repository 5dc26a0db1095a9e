"""Signed links to a task, for one person without a sign-in: /t/TOKEN.

A token names a notice and the contact that it was written to, and proves that the centre made it: nothing is stored,
and every attempt to send a notice renders the same link. `KEY-NOTICE-CONTACT-PROOF`, in Crockford's base 32: 10 bits
that say with which key it was signed (so that a link of before a change of the key is told from a forged one), two ids,
and 80 bits of HMAC-SHA-256 over both. Who guesses 1,000 times a second for a year finds one with a chance of 3e-14.

A link is worth what its notice is worth now (`dispatch.one_tap.reading`): it ends with the assignment, and with the
contact.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256

from dispatch.links.spelling import as_written, read_number, spell

TASK_PATH = "/t/"
_KEY_DIGITS, _PROOF_DIGITS = 2, 16
_ID_DIGITS = 13  #: enough for 64 bits
_LARGEST_ID = 2**63 - 1


class TokenFault(StrEnum):
    """What is wrong with a token by itself."""

    UNKNOWN = "unknown"  #: misspelt, or signed by nobody of ours
    OLD_KEY = "old_key"  #: signed before the centre's key was changed, or so it says


@dataclass(frozen=True, slots=True)
class TaskLink:
    """What a token that we have signed names."""

    notice_id: int
    contact_id: int


def link_for(secret_key: str, notice_id: int, contact_id: int) -> str:
    """The path of the link that a notice carries to its contact; the public address stands before it."""
    return TASK_PATH + task_token(secret_key, TaskLink(notice_id, contact_id))


def task_token(secret_key: str, link: TaskLink) -> str:
    """The token of a link."""
    ids = f"{spell(link.notice_id)}-{spell(link.contact_id)}"
    return f"{_key_mark(secret_key)}-{ids}-{_proof(secret_key, link)}"


def read_task_token(secret_key: str, token: str) -> TaskLink | TokenFault:
    """What a token names, or why it is none of ours; small letters and O for 0 do no harm."""
    parts = [as_written(part) for part in token.split("-")] if len(token) <= 64 else []
    if len(parts) != 4:
        return TokenFault.UNKNOWN
    mark, notice, contact, proof = parts
    if mark is None or notice is None or contact is None or proof is None:
        return TokenFault.UNKNOWN
    if len(mark) != _KEY_DIGITS or len(proof) != _PROOF_DIGITS or max(len(notice), len(contact)) > _ID_DIGITS:
        return TokenFault.UNKNOWN
    link = TaskLink(read_number(notice), read_number(contact))
    if max(link.notice_id, link.contact_id) > _LARGEST_ID:
        return TokenFault.UNKNOWN
    if mark != _key_mark(secret_key):
        return TokenFault.OLD_KEY
    return link if hmac.compare_digest(proof, _proof(secret_key, link)) else TokenFault.UNKNOWN


def _key_mark(secret_key: str) -> str:
    return _digits(secret_key, "task link key", _KEY_DIGITS)


def _proof(secret_key: str, link: TaskLink) -> str:
    return _digits(secret_key, f"task link {link.notice_id} {link.contact_id}", _PROOF_DIGITS)


def _digits(secret_key: str, what: str, length: int) -> str:
    digest = hmac.new(secret_key.encode(), what.encode(), sha256).digest()
    return spell(int.from_bytes(digest, "big") >> (256 - 5 * length), length)
