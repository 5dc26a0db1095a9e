"""Leaders above the agencies: what the ladders have brought before their office, and how they follow it up."""
