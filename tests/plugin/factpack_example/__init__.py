"""A format, a rule and a target of another package, each in a module."""
