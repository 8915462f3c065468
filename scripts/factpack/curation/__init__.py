"""Change the files of a project for its curator: write evidence short or long, add articles, import annotations."""
