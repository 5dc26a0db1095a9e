"""Points that a text gives as figures: coordinates, codes, map links, km posts, addresses."""
