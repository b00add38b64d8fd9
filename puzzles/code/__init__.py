"""Programs with typed holes as problems: reading, grammar, tests, execution."""
