"""The definitions: readable torch, and what every other back end is compared with."""
