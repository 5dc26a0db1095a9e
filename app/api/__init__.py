"""API v1: what programs, and the pages' own scripts, can ask and command."""
