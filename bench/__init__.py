"""Measures what the house promises: every figure is a ratio to a floor that is measured in the same run."""
