"""Messages to somebody outside: the queue they wait in."""
