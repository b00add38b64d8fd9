"""What the places of expressions ask for: one module for each sort of place."""
