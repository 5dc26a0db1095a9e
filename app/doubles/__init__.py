"""Doubles of carriers: servers that keep the carriers' contracts, on this machine, for the demo and for tests.

They take what the real ones take and refuse what those refuse; and they can be told to repeat, reorder, delay, refuse,
limit, hang, cut the line, and accept without ever delivering.
"""
