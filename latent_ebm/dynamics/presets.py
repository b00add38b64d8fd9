"""Learned parameters of dynamics, by kind of problem; docs/tuning.md has the measurements."""

from __future__ import annotations

GRADIENT_FLOW: dict[str, dict[str, float]] = {
    "hand-tuned": {},
    "sudoku": {
        "step_size": 0.8544933363504411,
        "hot": 1.3397531973743892,
        "cold": 0.4442892451161707,
        "growth": 0.7182805369483665,
        "spread": 0.530585533677034,
        "restart_every": 60,
    },
}
"""Preset -> what it changes of the defaults of :class:`GradientFlow`.

``sudoku`` is ``latent_ebm/learning/weights/tuned-sudoku``, as ``latent-ebm fit --config meta.yaml``
makes it.
"""
