"""Dynamics tuned by gradients through their own unrolled soft steps."""
