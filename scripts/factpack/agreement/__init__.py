"""Align two readings of the same articles, and measure how far they agree."""
