"""Find what is wrong with a project by rules, collect the problems, and print them."""
