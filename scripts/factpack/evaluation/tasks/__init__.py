"""Make the tasks that evaluation harnesses run: tables of prompts, and the files that say how to run them."""
