"""What every request passes: the guard, refusals, words, headers."""
