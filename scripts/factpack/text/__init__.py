"""Split a text into sentences and find quotes in it. Nothing here knows of files."""
