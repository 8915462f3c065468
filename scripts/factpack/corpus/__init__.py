"""Give anchored articles, claims, facts and votes as values, which rules judge and tables are made of."""
