"""Users, their sessions, seats, second factors and keys."""
