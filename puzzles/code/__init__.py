"""Programs with typed holes: reading, typing, editing, executing and searching Python source."""
