"""Read what a project has besides its annotations: the registers, its history, and the files that are copied."""
