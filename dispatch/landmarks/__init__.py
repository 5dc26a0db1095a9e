"""Places beside the city pack: own landmarks and an OpenStreetMap extract."""
