"""Signing in and what belongs to it: known browsers, limits of guessing, second factor, one's own account."""
