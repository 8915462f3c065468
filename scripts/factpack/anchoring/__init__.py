"""Anchor records in texts: every quote gets its offsets, every name its target."""
