"""Ladders: who is told when a clock is not stopped, rung by rung."""
