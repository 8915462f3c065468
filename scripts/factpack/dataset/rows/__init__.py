"""Make the rows of the tables from what was anchored."""
