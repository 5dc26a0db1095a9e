"""Who can be told of something: contacts and their channels, rosters, and who is on duty."""
