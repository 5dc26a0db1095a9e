"""Passwords: argon2id, computed on threads of their own so that the loop goes on serving calls meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from gevent.threadpool import ThreadPool

Result = TypeVar("Result")

MIN_LENGTH = 10
MAX_LENGTH = 1000  #: more than any password manager makes; longer ones would only keep us busy


class Passwords:
    """Hashes and checks passwords; `hasher` decides how much work that is."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        # Two at a time: whoever floods the sign-in page takes no thread, and few cores, from the writer.
        self._threads = ThreadPool(2)
        # Checked in place of a hash that does not exist, so that an unknown name takes as long as a known one.
        self._nobody = self._hasher.hash("a password that nobody has")

    def hash(self, password: str) -> str:
        """The argon2id hash to store."""
        return self._off_the_loop(lambda: self._hasher.hash(password))

    def matches(self, stored: str | None, password: str) -> bool:
        """Whether `password` is the stored one. Takes the same time where there is no stored one (None)."""
        right = self._off_the_loop(lambda: self._verify(stored or self._nobody, password[:MAX_LENGTH]))
        return right and stored is not None

    def _off_the_loop(self, work: Callable[[], Result]) -> Result:
        result: Result = self._threads.apply(work)
        return result

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerifyMismatchError, VerificationError, InvalidHashError):
            return False


def problem_with(password: str) -> str | None:
    """Why this password cannot be taken (a code), or None; length is what counts (NIST SP 800-63B)."""
    if len(password) < MIN_LENGTH:
        return "too_short"
    return "too_long" if len(password) > MAX_LENGTH else None
