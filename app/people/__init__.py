"""Who is who: people behind sessions and tokens, their passwords, what slows guessing down, what they were refused."""
