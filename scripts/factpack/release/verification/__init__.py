"""Read a release back the way its users will, and say what is wrong with it."""
