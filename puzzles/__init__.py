"""Problems: a landscape with a way to read, show and verify."""
