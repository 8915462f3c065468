"""Which files make a project, the models of its records, and the words they may use."""
