"""Training the encoder with the energy that it will be read by."""

from __future__ import annotations

from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor
from torch.nn import functional

from latent_ebm.learning.pretrained import ModelCard
from latent_ebm.learning.visual.boards import Boards
from latent_ebm.learning.visual.encoder import Encoder, EncoderConfig
from latent_ebm.learning.visual.evaluation import FEW, card_of
from latent_ebm.learning.visual.structured import read_board, structured_loss


class Seeing(LightningModule):
    r"""Cross-entropy of every cell, plus the structured loss of encoder and rules together.

    ::

        loss = mean_i -log p_i(r*_i) + structure * L    (L: latent_ebm.learning.visual.structured)

    L is added for the boards at the end of a batch from the step ``structure_from * steps`` on:
    before that the encoder knows too little for the solver to be of help, and is slow to solve.
    After each epoch the encoder's temperature is fitted to the validation boards.

    Parameters
    ----------
    width, dropout
        Of the :class:`Encoder`.
    learning_rate, weight_decay
        Of AdamW; the rate rises to its peak in the first third and falls to 0 (one cycle).
    structure
        Weight of L; 0 is cross-entropy alone.
    structure_from
        When L sets in, as a share of the training.
    boards
        How many entries at the end of each batch are puzzles, as the data have it.
    card
        Boards of each kind that are solved for the model card, when training ends.
    seed
        Of the noise in L.
    """

    command: tuple[str, ...] = ()

    def __init__(
        self,
        width: int = 24,
        dropout: float = 0.3,
        learning_rate: float = 4e-3,
        weight_decay: float = 2e-2,
        structure: float = 0.3,
        structure_from: float = 0.6,
        boards: int = 1,
        card: int = 200,
        seed: int = 0,
    ) -> None:
        super().__init__()
        self.save_hyperparameters()
        self.learning_rate, self.weight_decay = learning_rate, weight_decay
        self.structure, self.structure_from = structure, structure_from
        self.boards, self.card, self.seed = boards, card, seed
        self.encoder = Encoder(EncoderConfig(width, dropout))
        self._seen: list[tuple[Tensor, Tensor]] = []

    def training_step(self, batch: Boards) -> Tensor:
        """The loss of one batch."""
        logits = self.encoder.raw(batch.cells)
        loss = functional.cross_entropy(logits.flatten(0, 1), batch.clues.flatten())
        self.log("train_cross_entropy", loss)
        if self._is_structured:
            generator = torch.Generator().manual_seed(self.seed + self.global_step)
            last = slice(-self.boards, None)
            together = structured_loss(logits[last], batch.clues[last], generator)
            self.log("train_structured", together)
            loss = loss + self.structure * together
        self.log("train_loss", loss, prog_bar=True)
        return loss

    @property
    def _is_structured(self) -> bool:
        begins = self.structure_from * self.trainer.estimated_stepping_batches
        return self.structure > 0 and self.boards > 0 and self.global_step >= begins

    def validation_step(self, batch: Boards) -> None:
        """Digits and boards right, by the encoder alone and with the solver."""
        raw = self.encoder.raw(batch.cells)
        self._seen.append((raw.cpu(), batch.clues.cpu()))
        logits = raw / self.encoder.temperature
        self.log_dict(measures(logits, batch.clues, "val"), batch_size=len(logits))

    def test_step(self, batch: Boards) -> None:
        """As validation, on the images and puzzles for tests."""
        logits = self.encoder(batch.cells)
        self.log_dict(measures(logits, batch.clues, "test"), batch_size=len(logits))

    def on_validation_epoch_start(self) -> None:
        """Forget the boards of the last validation."""
        self._seen.clear()

    def on_validation_epoch_end(self) -> None:
        """Fit the temperature to the logits just seen."""
        if self._seen:
            logits, clues = (torch.cat(part) for part in zip(*self._seen, strict=True))
            self.encoder.temperature.fill_(best_temperature(logits, clues))

    def result(self) -> tuple[Encoder, ModelCard]:
        """The encoder, and what it came to on unseen images and puzzles."""
        return self.encoder.eval(), card_of(self.encoder, self.trainer, self.command, self.card)

    def configure_optimizers(self) -> Any:
        """AdamW with one cycle of the learning rate."""
        rate = self.learning_rate
        optimizer = torch.optim.AdamW(self.parameters(), lr=rate, weight_decay=self.weight_decay)
        steps = int(self.trainer.estimated_stepping_batches)
        cycle = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=steps)
        return {
            "optimizer": optimizer,
            "lr_scheduler": {"scheduler": cycle, "interval": "step"},
        }


def measures(logits: Tensor, clues: Tensor, stage: str) -> dict[str, float]:
    """What a batch of boards came to, under names such as ``val_boards``."""
    logs = torch.log_softmax(logits.detach(), dim=-1)
    digits = clues > 0
    right = logs.argmax(dim=-1) == clues
    found = [read_board(board, limit=FEW).reading for board in logs.double().cpu().numpy()]
    solved = [
        reading is not None and bool((torch.from_numpy(reading) == truth.cpu()).all())
        for reading, truth in zip(found, clues, strict=True)
    ]
    return {
        f"{stage}_digits": float(right[digits].float().mean()),
        f"{stage}_blanks": float(right[~digits].float().mean()),
        f"{stage}_cross_entropy": float(functional.nll_loss(logs[digits], clues[digits])),
        f"{stage}_boards_alone": float(right.all(dim=1).float().mean()),
        f"{stage}_boards": sum(solved) / len(solved),
    }


def best_temperature(logits: Tensor, clues: Tensor) -> float:
    """The T of a fine grid from 1/4 to 4 that makes logits / T the most likely (Guo et al. 2017).

    Examples
    --------
    >>> sure = torch.tensor([[[4.0, 0.0]] * 4])
    >>> round(best_temperature(sure, torch.tensor([[0, 0, 0, 1]])), 1)
    3.6
    """
    grid = torch.logspace(-2, 2, 81, base=2.0)
    losses = [
        functional.cross_entropy((logits / t).flatten(0, 1), clues.flatten()).item() for t in grid
    ]
    return float(grid[int(torch.tensor(losses).argmin())])
