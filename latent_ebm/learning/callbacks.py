"""What happens beside training: checkpoints, early stopping, the learning curve, the result."""

from __future__ import annotations

import io
import math
import sys
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.callbacks import Checkpoint
from lightning.pytorch.callbacks import EarlyStopping as LightningEarlyStopping

from latent_ebm.learning.atomic import write_file
from latent_ebm.learning.pretrained import ModelCard, Pretrained

LAST, BEST, CURVE = "last.ckpt", "best.ckpt", "learning_curve.png"


@runtime_checkable
class Result(Protocol):
    """A LightningModule whose training ends in a model to keep.

    Attributes
    ----------
    command
        The words of the command line that trains it, after ``fit``; set by the frame.
    """

    command: tuple[str, ...]

    def result(self) -> tuple[Pretrained[Any], ModelCard]:
        """The trained model, and what there is to know of it."""
        ...


class Checkpoints(Checkpoint):
    """Saves after every epoch, once all other callbacks have seen its end.

    Parameters
    ----------
    folder
        Gets ``last.ckpt`` and, with ``monitor``, ``best.ckpt``.
    monitor
        The logged metric whose best epoch is kept; None keeps the last alone.
    mode
        ``min`` or ``max``.
    """

    def __init__(self, folder: Path, monitor: str | None = None, mode: str = "min") -> None:
        self.folder, self.monitor, self.mode = folder, monitor, mode
        self.best: float | None = None

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Save the epoch."""
        del pl_module
        if trainer.fast_dev_run:  # type: ignore[attr-defined]
            return
        better = False
        if self.monitor is not None:
            if self.monitor not in trainer.callback_metrics:
                names = ", ".join(sorted(trainer.callback_metrics))
                raise ValueError(f"nothing is logged as {self.monitor!r}; found {names}")
            value = float(trainer.callback_metrics[self.monitor])
            sign = 1 if self.mode == "min" else -1
            better = self.best is None or sign * value < sign * self.best
            self.best = value if better else self.best
        if better:
            trainer.save_checkpoint(self.folder / BEST)
        trainer.save_checkpoint(self.folder / LAST)

    def state_dict(self) -> dict[str, Any]:
        """The best value so far."""
        return {"best": self.best}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on comparing with the best value so far."""
        self.best = state_dict["best"]


class EarlyStopping(LightningEarlyStopping):
    """Lightning's, but a run that is resumed after it had to stop does not train on."""

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Stop again where the checkpoint was of the epoch that stopped."""
        super().on_train_start(trainer, pl_module)
        if self.wait_count >= self.patience:
            trainer.should_stop = True


class LearningCurve(Callback):
    """Remembers each epoch's metrics, across resumes, and draws them at the end.

    Attributes
    ----------
    history
        Metric to its (epoch, value) pairs.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.history: dict[str, list[tuple[int, float]]] = {}

    def on_train_epoch_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Take down what was logged."""
        del pl_module
        for name, value in trainer.callback_metrics.items():
            if not name.endswith("_step"):
                self.history.setdefault(name, []).append((trainer.current_epoch, float(value)))

    def state_dict(self) -> dict[str, Any]:
        """The history."""
        return {"history": self.history}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on with the history."""
        self.history = {name: list(points) for name, points in state_dict["history"].items()}

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Draw the picture."""
        del pl_module
        if trainer.is_global_zero and self.history:
            write_file(self.path, self.picture())

    def picture(self) -> bytes:
        """All metrics over the epochs, as PNG; those of one name but for its prefix together."""
        from matplotlib.figure import Figure

        panels: dict[str, list[str]] = {}
        for name in sorted(self.history):
            panels.setdefault(name.rpartition("/")[2].removesuffix("_epoch"), []).append(name)
        columns = min(len(panels), 3)
        rows = math.ceil(len(panels) / columns)
        figure = Figure(figsize=(4.2 * columns, 3 * rows), layout="constrained")
        axes = figure.subplots(rows, columns, squeeze=False).ravel()
        for panel, (title, names) in zip(axes, panels.items(), strict=False):
            for name in names:
                panel.plot(*zip(*self.history[name], strict=True), label=name)
            panel.set(xlabel="epoch", title=title)
            panel.ticklabel_format(axis="y", useOffset=False)
            panel.legend()
        for panel in axes[len(panels) :]:
            panel.axis("off")
        buffer = io.BytesIO()
        figure.savefig(buffer, format="png", dpi=110)
        return buffer.getvalue()


class SaveResult(Callback):
    """Saves the trained model by ``save_pretrained`` when training is done."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_fit_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        """Write weights, configuration and model card."""
        if trainer.is_global_zero and isinstance(pl_module, Result):
            model, card = pl_module.result()
            model.save_pretrained(self.folder, card)
            where = self.folder.parent
            sys.stderr.write(f"saved {self.folder}; curves, logs and checkpoints: {where}\n")
