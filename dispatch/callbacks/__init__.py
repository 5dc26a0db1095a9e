"""Calling back who was cut off or not answered."""
