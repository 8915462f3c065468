"""Score predictions against a release: read them, compare them with the tables, measure, and draw the result."""
