"""Exact engines: they prove what descent cannot, that there is no solution or no other one."""
