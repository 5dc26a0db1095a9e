"""The city as data: what a pack holds, and how its files are read and checked."""
