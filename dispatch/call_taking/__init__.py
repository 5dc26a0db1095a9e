"""What an operator does with a ticket: take it, sort it, place it, send it, close it."""
