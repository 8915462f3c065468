"""Read the rows of every table once, and judge them alone, against the rules, and against each other."""
