"""Numbers that call in jest: proposals, blocks, the gate."""
