"""Write out evidence that refers to other claims."""
