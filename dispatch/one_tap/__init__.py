"""A task in one tap: what a signed link shows, and the steps that its contact reports by it, without a sign-in."""
