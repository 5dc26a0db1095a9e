"""What a ticket is: its lifecycle, its clocks, how it changes, and what people see of it."""
