"""Everything that can happen in a 112 centre: each command is one function, run by the writer in its transaction.

A command loads what it needs, asks the rules whether it may go on, changes the rows and appends to the journal. It
raises a CommandRefused, and then nothing of it remains, or returns an Outcome.
"""
