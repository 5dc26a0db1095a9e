"""The process that reads typed texts outside of the node."""
