"""What a typed sentence says: what happened, whether a life is in danger, which agencies go."""
