"""What may stand in a place of a program: typed expressions, edits, and what each costs."""
