"""Bounded and fair work: nobody can hold up calls, and nobody waits for ever."""
