"""Open a release wherever it is: a folder, a project, a hub or a URL."""
