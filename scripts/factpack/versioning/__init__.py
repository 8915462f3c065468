"""Compare two releases, and give a dataset its next version."""
