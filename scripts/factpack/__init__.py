"""Packages annotated articles into a checked, versioned fact-check dataset."""

__version__ = "0.1.0"
