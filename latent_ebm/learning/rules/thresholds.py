"""Two classes of numbers, told apart by Otsu's threshold."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Split:
    """A threshold, and how well it separates.

    Attributes
    ----------
    threshold
        Halfway between the largest number below and the smallest above.
    separation
        The share of the variance that lies between the classes, 0 to 1; two halves of a normal
        distribution have 0.64, of a uniform one 0.75.
    """

    threshold: float
    separation: float


def otsu(scores: NDArray[np.floating]) -> Split:
    """The threshold that maximises the variance between the two classes (Otsu 1979), exactly.

    All cuts between sorted neighbours are tried; there is no histogram. Numbers that are all
    alike have no classes: threshold infinity, separation 0.

    Examples
    --------
    >>> otsu(np.array([0.0, 0.1, 3.0, 3.1])).threshold
    1.55
    """
    ordered = np.sort(np.asarray(scores, np.float64))
    count, total = len(ordered), float(np.var(ordered)) if len(ordered) else 0.0
    if count < 2 or total <= 1e-12:
        return Split(float("inf"), 0.0)
    below = np.arange(1, count)
    sums = np.cumsum(ordered)
    mean_below = sums[:-1] / below
    mean_above = (sums[-1] - sums[:-1]) / (count - below)
    between = below * (count - below) / count**2 * (mean_above - mean_below) ** 2
    cut = int(between.argmax())
    middle = float((ordered[cut] + ordered[cut + 1]) / 2)
    return Split(middle, float(between[cut] / total))


def otsu_gap(scores: NDArray[np.floating]) -> Split:
    """Otsu's threshold on square roots, moved to the widest gap near it.

    Of scores from 0, whose upper class is the wider. Square roots make the classes alike;
    the gap is the one of largest ratio from a quarter of the threshold to 1.25 times it.

    Examples
    --------
    >>> scores = np.concatenate([np.linspace(0, 0.5, 90), np.linspace(1.5, 6, 30)])
    >>> bool(otsu(scores).threshold > 1.5), otsu_gap(scores).threshold
    (True, 1.0)
    """
    ordered = np.sort(np.maximum(np.asarray(scores, np.float64), 0))
    first = otsu(np.sqrt(ordered))
    if not np.isfinite(first.threshold):
        return first
    middle = first.threshold**2
    low, high = ordered[:-1], ordered[1:]
    near = (high >= middle / 4) & (low <= 1.25 * middle)
    at = int(np.where(near, high / np.maximum(low, middle / 100), 0.0).argmax())
    return Split(float((low[at] + high[at]) / 2), first.separation)
