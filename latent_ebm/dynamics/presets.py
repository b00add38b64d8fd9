"""Learned parameters of dynamics, by kind of problem; docs/tuning.md has the measurements."""

from __future__ import annotations

from typing import Any

GRADIENT_FLOW: dict[str, dict[str, Any]] = {
    "hand-tuned": {},
    "sudoku": {
        "step_size": 1.2256514639950786,
        "hot": 1.267521013911841,
        "cold": 0.5441373467277303,
        "growth": 2.5196944695235053,
        "spread": 0.35914938704428556,
        "restart_every": 60,
        "view_weights": {
            "row": 4.784000967182975,
            "column": 5.674526179159238,
            "box": 3.9568687599498897,
        },
    },
    "latin": {
        "step_size": 0.6076669330812672,
        "hot": 0.5917159717923948,
        "cold": 0.19558828201175996,
        "growth": 0.03190280931341698,
        "spread": 0.6607650314076838,
        "restart_every": 60,
        "view_weights": {"row": 1.5885895978028062, "column": 2.99333735157708},
    },
    "coloring": {
        "step_size": 0.28121705276494824,
        "hot": 0.5339417828962245,
        "cold": 1.163202929998956,
        "growth": 0.19713684621967756,
        "spread": 0.30313864283135944,
        "restart_every": 60,
    },
    "cnf": {
        "step_size": 0.24871890204058594,
        "hot": 2.0422407476479614,
        "cold": 13.956336543151648,
        "growth": 38.85927084245153,
        "spread": 0.2596344233484837,
        "restart_every": 80,
    },
    "queens": {
        "step_size": 1.1017348853006221,
        "hot": 1.2148289611100156,
        "cold": 0.7160728239649007,
        "growth": 3.1345922105387003,
        "spread": 0.47166283042536616,
        "restart_every": 60,
        "view_weights": {"column": 1.2378021864402513, "diagonal": 1.1318055736413604},
    },
    "futoshiki": {
        "step_size": 0.7891709627258254,
        "hot": 1.9272308500159898,
        "cold": 0.9473836398747326,
        "growth": 3.1040829472525044,
        "spread": 0.33639677114059835,
        "restart_every": 60,
        "view_weights": {
            "row": 0.9260362844710778,
            "column": 1.4013051779401133,
            "sign": 0.7257725661086989,
        },
    },
}
"""Preset -> what it changes of the defaults of :class:`GradientFlow`.

Each but the first is of a kind of puzzles, and is what ``latent_ebm/learning/weights/tuned-KIND``
holds, as ``latent-ebm fit --config meta-KIND.yaml`` makes it (``meta.yaml`` for Sudoku).
"""
