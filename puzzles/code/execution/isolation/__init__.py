"""Back ends that confine the worker processes: bubblewrap, and Landlock with seccomp."""
