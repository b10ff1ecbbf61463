"""Change people: one module per journey."""
