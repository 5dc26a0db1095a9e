"""The readers of a node: processes that read typed texts."""
