"""Rosters: who has which shift, what its people are asked and told, and where nobody would be told."""
