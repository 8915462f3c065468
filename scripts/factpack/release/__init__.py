"""Build a release from a project, complete it, find it, and build it again."""
