"""Repairing and filling programs: strategies over one grammar, judged by real tests."""
