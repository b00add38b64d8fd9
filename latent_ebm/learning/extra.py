"""The extra ``learn``: what training needs beyond the solver's own dependencies."""

from __future__ import annotations

from importlib.util import find_spec

PACKAGES = ("lightning", "jsonargparse", "tensorboard", "sklearn", "PIL")
"""What ``pip install 'latent-ebm[learn]'`` brings, by the names they are imported under."""


class MissingExtraError(ValueError):
    """A package of the extra ``learn`` is not installed."""


def require_learn(what: str, packages: tuple[str, ...] = PACKAGES) -> None:
    """Refuse to go on where a package of the extra is missing.

    Raises
    ------
    MissingExtraError
        Naming what was asked for, what is missing and how to install it.

    Examples
    --------
    >>> require_learn("training", ("no_such_package",))
    Traceback (most recent call last):
    ...
    latent_ebm.learning.extra.MissingExtraError: training needs no_such_package, which is not \
installed: pip install 'latent-ebm[learn]'
    """
    missing = [name for name in packages if find_spec(name) is None]
    if missing:
        raise MissingExtraError(
            f"{what} needs {', '.join(missing)}, which is not installed: "
            "pip install 'latent-ebm[learn]'"
        )
