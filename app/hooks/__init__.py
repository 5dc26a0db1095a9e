"""Where carriers tell us things: proved by their signature, kept as they came, answered at once, understood later."""
