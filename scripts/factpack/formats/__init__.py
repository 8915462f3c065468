"""Read annotation files and registers: a format yields typed records, each with its place, or what is wrong."""
