"""Many callers of one event."""
