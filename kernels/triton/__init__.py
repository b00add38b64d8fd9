"""Triton kernels for GPUs; they also run under Triton's interpreter."""
