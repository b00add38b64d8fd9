"""What tests are: cases, how they are read, equality and the graded distance of outputs."""
