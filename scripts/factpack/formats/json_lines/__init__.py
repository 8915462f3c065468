"""Read JSON Lines: blocks of lines, places in a line, and nulls."""
