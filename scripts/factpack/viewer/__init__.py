"""Make the page to read a dataset, its charts and its counts."""
