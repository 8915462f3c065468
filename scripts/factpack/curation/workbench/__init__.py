"""Serve the page of a project on loopback, and put what is annotated in it into the annotation files."""
