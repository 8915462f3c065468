"""Write releases in the formats of others: W3C Web Annotations, FEVER, BEIR."""
