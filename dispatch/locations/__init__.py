"""A caller's position, shared by a link."""
