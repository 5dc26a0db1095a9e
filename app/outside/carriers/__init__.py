"""What carries notices to people: one module for each channel, the words of a message, and what they share."""
