"""Passwords: argon2id, computed on threads of their own so that the loop goes on serving calls meanwhile."""

from __future__ import annotations

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from app.people.hashing_queue import HashingQueue, Lane

MAX_LENGTH = 1000  #: more than any password manager makes; longer ones would only keep us busy


class Passwords:
    """Hashes and checks passwords; `hasher` decides how much work that is, `longest_wait_s` how long one queues."""

    def __init__(self, hasher: PasswordHasher | None = None, longest_wait_s: float = 4.0) -> None:
        self._hasher = hasher or PasswordHasher()
        self.queue = HashingQueue(longest_wait_s)
        # Checked in place of a hash that does not exist, so that an unknown name takes as long as a known one.
        self._nobody = self._hasher.hash("a password that nobody has")

    def hash(self, password: str, *, name: str = "") -> str:
        """The argon2id hash to store. Raises HashingBusy."""
        return self.queue.run(
            lambda: self._hasher.hash(password), lane=Lane.KNOWN_BROWSER, network=f"user {name}", name=name
        )

    def matches(
        self,
        stored: str | None,
        password: str,
        *,
        lane: Lane = Lane.KNOWN_BROWSER,
        network: str = "",
        name: str = "",
    ) -> bool:
        """Whether `password` is the stored one. Takes the same time where there is no stored one (None).

        Raises HashingBusy where too many wait already.
        """
        right = self.queue.run(
            lambda: self._verify(stored or self._nobody, password[:MAX_LENGTH]), lane=lane, network=network, name=name
        )
        return right and stored is not None

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False
