"""Triton without a GPU: its interpreter has to be asked for before it is imported."""

import os

os.environ["TRITON_INTERPRET"] = "1"
