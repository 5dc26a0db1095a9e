"""Links that are their own proof: how they are spelled, and how one to a task is signed."""
