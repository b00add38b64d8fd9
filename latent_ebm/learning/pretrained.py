"""Models that are saved as weights, configuration and model card, and loaded by name."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, Self, TypeVar

import torch
from torch import nn

from latent_ebm.learning.atomic import write_folder
from latent_ebm.learning.configuration import BadConfigError, from_mapping, read_json
from latent_ebm.learning.tensors import expect_tensors, read_tensors, to_bytes
from latent_ebm.version import __version__

FORMAT = 1
"""Of config.json; a reader refuses a later one."""

WEIGHTS, CONFIG, CARD = "model.safetensors", "config.json", "README.md"
OF_RUN = "pretrained"
"""Where a training run puts its weights, within its own folder."""
SHIPPED = Path(__file__).parent / "weights"
"""Where the weights that come with the package lie, a folder each."""

C = TypeVar("C")


@dataclass(frozen=True)
class ModelCard:
    """What people should know of trained weights; written as README.md beside them.

    Attributes
    ----------
    title
        In a few words.
    data
        What it was trained on, how much, and where it comes from.
    cost
        Seconds, steps and machine of the training.
    results
        What was measured on data that training did not see.
    command
        What reproduces the weights.
    """

    title: str
    data: str
    cost: str
    results: str
    command: str

    def text(self) -> str:
        """As Markdown.

        >>> print(ModelCard("A", "d", "c", "r", "latent-ebm fit").text().splitlines()[0])
        # A
        """
        parts = (("Data", self.data), ("Cost", self.cost), ("Results", self.results))
        body = "".join(f"\n## {head}\n\n{text}\n" for head, text in parts)
        made = f"Made by latent-ebm {__version__}, torch {torch.__version__}."
        command = f"\n## Reproduce\n\n```\n{self.command}\n```\n\n{made}\n"
        return f"# {self.title}\n{body}{command}"


class Pretrained(nn.Module, Generic[C]):
    """A module whose shape follows from a configuration alone.

    Subclasses set ``NAME`` and ``Config``, a frozen dataclass of plain values, and build
    themselves in ``__init__(config)``::

        class Encoder(Pretrained[EncoderConfig]):
            NAME, Config = "encoder", EncoderConfig

            def __init__(self, config: EncoderConfig) -> None:
                super().__init__(config)
                self.layers = ...
    """

    NAME: ClassVar[str]
    Config: ClassVar[type[Any]]

    def __init__(self, config: C) -> None:
        super().__init__()
        self.config = config

    def save_pretrained(self, folder: str | Path, card: ModelCard) -> None:
        """Write model.safetensors, config.json and README.md into a folder, all at one moment.

        A kill at any time or a full disk leaves the previous content of the folder.

        Raises
        ------
        ValueError
            If the folder holds other files, which replacing it would lose.
        OSError
            If it cannot be written.
        """
        values = dataclasses.asdict(self.config)  # type: ignore[call-overload]
        config = {"format": FORMAT, "model": self.NAME, "config": values}
        files = {
            WEIGHTS: to_bytes(self.state_dict()),
            CONFIG: (json.dumps(config, indent=1) + "\n").encode(),
            CARD: card.text().encode(),
        }
        write_folder(Path(folder), files)

    @classmethod
    def from_pretrained(cls, source: str | Path) -> Self:
        """Load from a folder, or by the name of weights that come with the package.

        Nothing is unpickled; every key and every tensor is checked.

        Raises
        ------
        BadConfigError
            If there is no such folder or name, or config.json is not one of this model.
        BadWeightsError
            If model.safetensors is no such file, or does not fit the configuration.
        """
        folder = located(source)
        model = cls(_config_of(folder / CONFIG, cls.NAME, cls.Config))
        tensors, _ = read_tensors(folder / WEIGHTS)
        expect_tensors(folder / WEIGHTS, tensors, model.state_dict())
        model.load_state_dict(tensors)
        return model.eval()


def _config_of(path: Path, name: str, kind: type[C]) -> C:
    found = read_json(path)
    for key in ("format", "model", "config"):
        if key not in found:
            raise BadConfigError(f"{path}: lacks the key {key!r}")
    strangers = set(found) - {"format", "model", "config"}
    if strangers:
        raise BadConfigError(
            f"{path}: unknown key {min(strangers)!r}; the keys are format, model, config"
        )
    if found["format"] != FORMAT:
        raise BadConfigError(
            f"{path}: format is {found['format']!r}; this version of latent-ebm reads {FORMAT}"
        )
    if found["model"] != name:
        raise BadConfigError(f"{path}: is of model {found['model']!r}; expected {name!r}")
    if not isinstance(found["config"], dict):
        raise BadConfigError(f"{path}: config is {found['config']!r}; expected a JSON object")
    return from_mapping(kind, found["config"], str(path))


def shipped() -> list[str]:
    """The names of the weights that come with the package."""
    return sorted(path.parent.name for path in SHIPPED.glob(f"*/{CONFIG}"))


def located(source: str | Path) -> Path:
    """The folder of weights that a path, a training run's folder or a shipped name means.

    Raises
    ------
    BadConfigError
        If it is neither; the shipped names are listed.
    """
    folder = Path(source)
    if folder.is_dir():
        inner = folder / OF_RUN
        return inner if inner.is_dir() and not (folder / CONFIG).exists() else folder
    if str(source) in shipped():
        return SHIPPED / str(source)
    previous = folder.with_name(f".{folder.name}.previous")
    hint = f"; an interrupted save left the earlier one at {previous}" if previous.is_dir() else ""
    raise BadConfigError(
        f"no folder {str(source)!r}, and no weights of that name come with the package; "
        f"these do: {', '.join(shipped()) or 'none'}{hint}"
    )
