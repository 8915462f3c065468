"""Annotating in the page."""
