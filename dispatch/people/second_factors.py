"""Commands about second factors. Secrets come in sealed, recovery codes hashed; none of them is ever journalled."""

from __future__ import annotations

from sqlalchemy import select

from dispatch.errors import NotFound
from dispatch.people.commands import revoke_web_sessions
from dispatch.roles import Actor
from dispatch.storage.journal_kinds import JournalKind
from dispatch.storage.tables import RecoveryCode, SecondFactor, User
from dispatch.storage.transaction import Outcome, Transaction


def enrol_second_factor(
    tx: Transaction, *, actor: Actor, user_id: int, sealed_secret: str, step: int, code_hashes: list[str]
) -> Outcome:
    """Record a user's authenticator and recovery codes; whoever has one already keeps it (`changed` is False)."""
    known = tx.connection.execute(select(SecondFactor.user_id).where(SecondFactor.user_id == user_id)).first()
    if known is not None:
        return Outcome(changed=False)
    tx.insert(SecondFactor, user_id=user_id, sealed_secret=sealed_secret, enrolled_at=tx.now, last_step=step)
    _replace_codes(tx, user_id, code_hashes)
    return Outcome(True, seq=tx.record(JournalKind.USER_SECOND_FACTOR_ENROLLED, actor, user_id=user_id))


def renew_recovery_codes(tx: Transaction, *, actor: Actor, user_id: int, code_hashes: list[str]) -> Outcome:
    """Replace a user's recovery codes; those from before work no more."""
    _replace_codes(tx, user_id, code_hashes)
    return Outcome(True, seq=tx.record(JournalKind.USER_RECOVERY_CODES_RENEWED, actor, user_id=user_id))


def take_code(tx: Transaction, *, actor: Actor, user_id: int, step: int) -> Outcome:
    """Use up an authenticator's code; `changed` is False where it, or a later one, was used before."""
    newer = (SecondFactor.user_id == user_id) & (SecondFactor.last_step < step)
    taken = tx.update(SecondFactor, newer, last_step=step)
    return Outcome(bool(taken))


def take_recovery_code(tx: Transaction, *, actor: Actor, user_id: int, code_hash: str) -> Outcome:
    """Use up a recovery code; `changed` is False where the user has no such code that is unused."""
    own = (RecoveryCode.user_id == user_id) & (RecoveryCode.code_hash == code_hash) & RecoveryCode.used_at.is_(None)
    if not tx.update(RecoveryCode, own, used_at=tx.now):
        return Outcome(changed=False)
    return Outcome(True, seq=tx.record(JournalKind.USER_RECOVERY_CODE_USED, actor, user_id=user_id))


def reset_second_factor(tx: Transaction, *, actor: Actor, user_id: int) -> Outcome:
    """Forget a user's authenticator and codes, and sign the user out: the next sign-in enrols a new one."""
    if tx.connection.execute(select(User.id).where(User.id == user_id)).first() is None:
        raise NotFound("user", user_id)
    tx.delete(RecoveryCode, RecoveryCode.user_id == user_id)
    if not tx.delete(SecondFactor, SecondFactor.user_id == user_id):
        return Outcome(changed=False)
    seq = tx.record(JournalKind.USER_SECOND_FACTOR_RESET, actor, user_id=user_id)
    return Outcome(True, seq=revoke_web_sessions(tx, actor=actor, user_id=user_id).seq or seq)


def _replace_codes(tx: Transaction, user_id: int, code_hashes: list[str]) -> None:
    tx.delete(RecoveryCode, RecoveryCode.user_id == user_id)
    rows = [{"user_id": user_id, "code_hash": code_hash, "created_at": tx.now} for code_hash in code_hashes]
    tx.insert_rows(RecoveryCode, rows)
