"""Makes ``solver="latent_ebm"`` known to CPMpy."""

from __future__ import annotations

from typing import Any


def register_cpmpy() -> None:
    """Add ``latent_ebm`` to CPMpy's list of solvers, behind its own; once is enough.

    CPMpy keeps that list in a method, so the method is wrapped.

    Raises
    ------
    ModuleNotFoundError
        If CPMpy is not installed.

    Examples
    --------
    >>> register_cpmpy()
    >>> import cpmpy
    >>> [name for name, _ in cpmpy.SolverLookup.base_solvers()][-1]
    'latent_ebm'
    """
    try:
        from cpmpy.solvers.utils import SolverLookup
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(
            "modelling needs CPMpy, which is not installed; pip install 'latent-ebm[cpmpy]'"
        ) from missing
    own = SolverLookup.base_solvers
    if getattr(own, "with_latent_ebm", False):
        return

    def base_solvers(cls: type) -> list[tuple[str, Any]]:
        """CPMpy's solvers, then latent_ebm."""
        from latent_ebm.modelling.solver import CPM_latent_ebm

        return [*own.__func__(cls), ("latent_ebm", CPM_latent_ebm)]

    base_solvers.with_latent_ebm = True  # type: ignore[attr-defined]
    SolverLookup.base_solvers = classmethod(base_solvers)
