"""Calls as the exchange tells of them, from the first ring to the end, and what is known of their numbers."""
