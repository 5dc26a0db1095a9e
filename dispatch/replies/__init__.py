"""What people and carriers answer: read out of what carriers told, and carried out or answered in words."""
