"""The address that a notice names, for the person who gets it."""

from __future__ import annotations

from dispatch.deliveries.saying import Said


def link_for(said: Said) -> str | None:
    """The one-tap link of a notice and person; None where there is none."""
    del said
    return None
