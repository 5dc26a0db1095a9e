"""Asterisk's own record of its calls."""
