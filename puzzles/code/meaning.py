"""Structural types in plain words."""

from __future__ import annotations

from functools import lru_cache

from latent_ebm.puzzles.code.types import ANY, BYTES, FLOAT, INT, Type, union

# what the structural types of typeshed mostly mean to people
_MEANT = {
    "SupportsIndex": INT,
    "Buffer": BYTES,
    "SupportsFloat": FLOAT,
    "SupportsInt": FLOAT,
    "SupportsComplex": FLOAT,
    "SupportsAbs": FLOAT,
    "SupportsRound": FLOAT,
    "SupportsTrunc": FLOAT,
    "SupportsDivMod": FLOAT,
    "SupportsRDivMod": FLOAT,
    "SupportsPow": FLOAT,
    "SupportsFloor": FLOAT,
    "SupportsCeil": FLOAT,
    "SupportsLenAndGetItem": Type("Sequence"),
    "SupportsGetItem": Type("Sequence"),
    "SupportsKeysAndGetItem": Type("Mapping"),
    "SupportsItems": Type("Mapping"),
    "SupportsIter": Type("Iterable"),
    "SupportsReversed": Type("Sequence"),
    "SupportsNext": Type("Iterator"),
}


@lru_cache(maxsize=50_000)
def meant(item: Type) -> Type:
    """A type with typeshed's structural ones replaced by the plain type that is mostly meant.

    >>> str(meant(Type("_typeshed.SupportsLenAndGetItem", (Type("int"),))))
    'Sequence[int]'
    """
    if item.name == "Union":
        return union(meant(one) for one in item.args)
    args = tuple(meant(one) for one in item.args)
    plain = item.name.rpartition(".")[2].lstrip("_").rstrip("0123456789")
    found = _MEANT.get(plain)
    if found is None:
        private = "Supports" in plain or item.name.rpartition(".")[2].startswith("_")
        return ANY if private and item.name[0] != "~" else Type(item.name, args)
    return Type(found.name, args) if found.name[0].isupper() else found
