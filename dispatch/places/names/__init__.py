"""Places by their names: read out of a text, found in an index, weighed against each other."""
