"""``latent-ebm fit``, ``validate`` and ``test``: LightningCLI, with our checkpoints and outputs."""

from __future__ import annotations

import errno
import logging
import os
import re
import shlex
import sys
import threading
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar

from lightning.pytorch import LightningDataModule, LightningModule, Trainer
from lightning.pytorch.callbacks import RichProgressBar
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

from latent_ebm.learning.callbacks import (
    CURVE,
    LAST,
    Checkpoints,
    LearningCurve,
    Result,
    SaveResult,
)
from latent_ebm.learning.checkpoints import SafeCheckpoints
from latent_ebm.learning.pretrained import OF_RUN

FULL = (errno.ENOSPC, errno.EDQUOT)
"""The numbers of a full disk, and of a full share of it."""

CONFIGS = Path(__file__).parent / "configs"
"""The configurations that come with the package."""


class TrainingCLI(LightningCLI):
    """Trains what a configuration names, into one folder.

    The folder gets ``checkpoints/``, ``csv/`` and ``tensorboard/`` logs, the learning curve
    and, if the module has a ``result``, the trained model in ``pretrained/``.
    """

    asked: ClassVar[tuple[str, ...]] = ()

    @staticmethod
    def subcommands() -> dict[str, set[str]]:
        """The commands, and what of the Trainer's methods is none of their options."""
        hidden = {"model", "datamodule", "ckpt_path", "weights_only"}
        return {
            "fit": hidden | {"train_dataloaders", "val_dataloaders"},
            "validate": hidden | {"dataloaders"},
            "test": hidden | {"dataloaders"},
        }

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Where to write, and whether to go on."""
        parser.add_argument("--output", type=str, default="runs/latest", help="Folder of the run.")
        parser.add_argument(
            "--resume", action="store_true", help="fit: go on after the last whole epoch."
        )
        parser.add_argument(
            "--checkpoint", type=str, default=None, help="validate, test: by default the last."
        )
        parser.add_argument("--monitor", type=str, default=None, help="Keep its best epoch, too.")
        parser.add_argument("--mode", type=str, default="min", help="min or max, of --monitor.")

    def after_instantiate_classes(self) -> None:
        """Tell the module the command that trains it, for its model card."""
        if isinstance(self.model, Result):
            self.model.command = tuple(shlex.quote(word) for word in self.asked)

    def _parse_ckpt_path(self) -> None:
        """Checkpoints are read by our plugin alone; Lightning would unpickle here."""

    def _run_subcommand(self, subcommand: str) -> None:
        """Run; of a full disk, say whose it is and what is left."""
        try:
            super()._run_subcommand(subcommand)
        except OSError as error:
            if error.errno not in FULL:
                raise
            raise OSError(
                error.errno,
                f"no space is left on the disk of {self.output}; checkpoints and weights written "
                "before are whole: make room, and go on with --resume",
            ) from error

    @property
    def output(self) -> Path:
        """The folder of the run."""
        return Path(self._get(self.config, "output"))

    @property
    def checkpoint(self) -> Path:
        """The checkpoint to go on from, or to judge."""
        chosen = self._get(self.config, "checkpoint")
        return Path(chosen) if chosen else self.output / "checkpoints" / LAST

    def instantiate_trainer(self, **kwargs: Any) -> Trainer:
        """The Trainer, with our checkpoints, loggers and callbacks."""
        config = self._get(self.config_init, "trainer")
        callbacks = list(config.get("callbacks") or [])
        monitor, mode = (self._get(self.config, key) for key in ("monitor", "mode"))
        if self.subcommand == "fit":
            callbacks += [
                Checkpoints(self.output / "checkpoints", monitor, mode),
                LearningCurve(self.output / CURVE),
                SaveResult(self.output / OF_RUN),
            ]
        if sys.stderr.isatty():
            callbacks.append(RichProgressBar())
        loggers = [
            CSVLogger(self.output, name="csv"),
            TensorBoardLogger(self.output, name="tensorboard"),
        ]
        return super().instantiate_trainer(
            callbacks=callbacks,
            plugins=[SafeCheckpoints()],
            logger=loggers if self.subcommand == "fit" else False,
            enable_model_summary=False,
            enable_progress_bar=sys.stderr.isatty(),
            default_root_dir=str(self.output),
            use_distributed_sampler=False,
            **kwargs,
        )

    def _prepare_subcommand_kwargs(self, subcommand: str) -> dict[str, Any]:
        arguments = super()._prepare_subcommand_kwargs(subcommand)
        arguments["ckpt_path"] = self._start() if subcommand == "fit" else str(self._existing())
        arguments["weights_only"] = True
        return arguments

    def _existing(self) -> Path:
        if not self.checkpoint.is_file():
            raise ValueError(
                f"no checkpoint {self.checkpoint}; name one with --checkpoint, or the folder of a "
                "run with --output"
            )
        return self.checkpoint

    def _start(self) -> str | None:
        """The checkpoint to go on from; None to begin."""
        found = self.checkpoint.is_file()
        if self._get(self.config, "resume"):
            # a run that was killed in its first epoch left none, and begins again
            return str(self.checkpoint) if found else None
        # in the other processes of a distributed run the first one may have begun to save
        if found and int(os.environ.get("LOCAL_RANK", "0")) == 0:
            raise ValueError(
                f"{self.output} holds a run; go on with --resume, or choose another --output"
            )
        return None


def run_training(command: str, arguments: Sequence[str]) -> None:
    """Run one command; ``--config`` takes a file, or the name of a shipped configuration.

    Raises
    ------
    ValueError
        For an unknown option or key of the configuration, or a value that does not fit.
    """
    from jsonargparse import ArgumentError

    words = [command, *_with_paths(arguments)]
    quiet: dict[str, Any] = {"exit_on_error": False}
    given, sys.argv = sys.argv, [sys.argv[0], *words]  # processes of a distributed run start anew
    try:
        with warnings.catch_warnings(), _writers_fail_once():
            _hush()
            _command_of(arguments)(
                model_class=LightningModule,
                datamodule_class=LightningDataModule,
                subclass_mode_model=True,
                subclass_mode_data=True,
                save_config_callback=None,
                seed_everything_default=0,
                auto_configure_optimizers=False,
                load_from_checkpoint_support=False,
                trainer_defaults={"accelerator": "cpu", "devices": 1},
                parser_kwargs={**quiet, **dict.fromkeys(("fit", "validate", "test"), quiet)},
            )
    except ArgumentError as error:
        raise ValueError(f"{command}: {_fault(str(error))}") from None
    finally:
        sys.argv = given


@contextmanager
def _writers_fail_once() -> Iterator[None]:
    """Leave it to the main thread to report that a log could not be written.

    TensorBoard's writing thread hands its error to whoever logs next, and Python would print its
    whole stack besides.
    """
    before = threading.excepthook

    def report(failure: threading.ExceptHookArgs) -> None:
        if not isinstance(failure.exc_value, OSError):
            before(failure)

    threading.excepthook = report
    try:
        yield
    finally:
        threading.excepthook = before


def _command_of(arguments: Sequence[str]) -> type[TrainingCLI]:
    """The CLI for one command line, since LightningCLI runs as it is made."""
    return type("TrainingCLI", (TrainingCLI,), {"asked": tuple(arguments)})


def shipped_configs() -> list[str]:
    """The names of the configurations that come with the package."""
    return sorted(path.stem for path in CONFIGS.glob("*.yaml"))


def _with_paths(arguments: Sequence[str]) -> list[str]:
    """Arguments in which the name of a shipped configuration is its path."""
    words = list(arguments)
    for i, word in enumerate(words):
        flag, equals, value = word.partition("=")
        if flag not in ("--config", "-c"):
            continue
        if equals:
            words[i] = f"{flag}={_config_path(value)}"
        elif i + 1 < len(words):
            words[i + 1] = _config_path(words[i + 1])
    return words


def _config_path(name: str) -> str:
    if Path(name).is_file():
        return name
    path = CONFIGS / f"{Path(name).name.removesuffix('.yaml')}.yaml"
    if path.is_file():
        return str(path)
    raise ValueError(
        f"no configuration {name!r}: neither a file nor one of those that come with the "
        f"package: {', '.join(shipped_configs())}"
    )


def _fault(text: str) -> str:
    """What the parser objects to, in one line; an unknown key of a class by its name alone."""
    line = " ".join(text.split())
    unknown = re.search(r"class_path '([\w.]+)':[ -]*Option '([^']+)' is not accepted", line)
    if unknown:
        home, key = unknown.groups()
        return f"unknown key {key!r} of {home.rpartition('.')[2]} ({home})"
    return line


def _hush() -> None:
    """Drop what Lightning remarks on choices that we made on purpose."""
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    logging.getLogger("lightning.fabric").setLevel(logging.WARNING)
    for remark in (
        ".*does not have many workers.*",
        ".*number of training batches.*",
        ".*callbacks used to create the checkpoint need to be provided.*",
        ".*`isinstance\\(treespec, LeafSpec\\)`.*",
        ".*provide both args and command line arguments.*",
    ):
        warnings.filterwarnings("ignore", message=remark)
