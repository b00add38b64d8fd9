"""Programs with typed holes as problems: reading, grammar, tests and their execution."""
