"""Where candidate programs run: sandboxed workers, ticks, verdicts, profiles."""
