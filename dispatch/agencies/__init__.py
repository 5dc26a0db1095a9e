"""What an agency does with what was sent to it."""
