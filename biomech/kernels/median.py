"""Running medians by comparisons only, and the Hampel test for outliers.

Time lies on axis 0, columns are independent, NaN is missing.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomech.errors import ConfigError
from biomech.kernels.runs import columns_of, floating

Array = NDArray[np.float64]

#: Numbers in one block, so that all shifted copies stay in the cache.
BLOCK = 32_768
#: A normal distribution has this many standard deviations in its median deviation.
SD_OF_MAD = 1.4826
#: Samples of a window that are looked at; longer windows take every second, third, ...
MOST_SAMPLES = 13


@lru_cache
def _comparisons(n: int) -> tuple[tuple[int, int], ...]:
    """Give the exchanges of Batcher's odd-even merge sort that the median needs.

    References
    ----------
    Batcher (1968), Sorting networks and their applications, AFIPS 32:307,
    doi 10.1145/1468075.1468121.
    """
    pairs = []
    p = 1
    while p < n:
        k = p
        while k >= 1:
            for j in range(k % p, n - k, 2 * k):
                pairs += [
                    (i + j, i + j + k)
                    for i in range(min(k, n - j - k))
                    if (i + j) // (2 * p) == (i + j + k) // (2 * p)
                ]
            k //= 2
        p *= 2
    needed, kept = {n // 2}, []
    for a, b in reversed(pairs):
        if a in needed or b in needed:
            needed |= {a, b}
            kept.append((a, b))
    return tuple(reversed(kept))


def _median(lanes: list[Array]) -> Array:
    """Middle of an odd number of equally shaped arrays, element by element."""
    for a, b in _comparisons(len(lanes)):
        lanes[a], lanes[b] = (
            np.minimum(lanes[a], lanes[b]),
            np.maximum(lanes[a], lanes[b]),
        )
    return lanes[len(lanes) // 2]


def _balanced(x: Array, half: int) -> Array:
    """Pad both ends, and put +inf and -inf in turn for what is missing.

    In every window the two are then equally many, or differ by one, so that the median
    of all is one of the middle values of those that exist.
    """
    edge = np.full((x.shape[0], half), np.nan, x.dtype)
    padded = np.concatenate([edge, x, edge], axis=1)
    missing = np.isnan(padded)
    odd = np.cumsum(missing, axis=1) % 2 == 1
    padded[missing] = np.where(odd, np.inf, -np.inf)[missing]
    return padded


def rolling_median(x: ArrayLike, *, n_samples: int) -> Array:
    """Take the median of a moving window.

    Parameters
    ----------
    x
        Shape (frames, ...), NaN where missing. Float32 stays Float32.
    n_samples
        Length of the window, odd.

    Returns
    -------
    Shape of ``x``. At the ends the window is cut off; of an even number of samples it
    is one of the two middle ones. NaN where the window has no sample.

    Raises
    ------
    ConfigError
        If the window is not odd and positive.
    """
    x = floating(x)
    half = _half(n_samples)
    rows = np.ascontiguousarray(columns_of(x).T)
    out = np.empty_like(rows)
    padded = _balanced(rows, half)
    for part in _blocks(rows.shape):
        lanes = [_shifted(padded, part, i) for i in range(n_samples)]
        out[:, part] = _median(lanes)
    out[np.isinf(out)] = np.nan
    return out.T.reshape(x.shape)


def outliers(
    x: ArrayLike, *, n_samples: int, n_sd: float = 4.0, least: ArrayLike = 0.0
) -> NDArray[np.bool_]:
    """Find samples far from the median of their window (Hampel), its slope taken off.

    Parameters
    ----------
    x
        Shape (frames, columns), NaN where missing.
    n_samples
        Length of the window, odd. Of long ones every second, third, ... sample is
        looked at, so that there are at most 13.
    n_sd
        How far, in standard deviations (1.4826 median absolute deviations).
    least
        The smallest standard deviation to believe in, a number or one per column.

    Returns
    -------
    True for outliers. Windows of less than four samples have none; where one side of
    the window is missing, as at the ends, a sample must be up to four times as far.

    Notes
    -----
    Without taking off the slope, the movement itself is the spread: a jump of five
    frames' way goes unseen. Of white noise 3 standard deviations take 3 % for outliers
    and 4 take 1 %, because the spread of so few samples is uncertain.

    Raises
    ------
    ConfigError
        If the window is not odd and positive.

    References
    ----------
    Pearson et al. (2016), EURASIP J Adv Signal Process 2016:87,
    doi 10.1186/s13634-016-0383-6.
    """
    x = floating(x)
    half = _half(n_samples)
    stride = max(1, round(2 * half / (MOST_SAMPLES - 1)))
    shifts = range(half % stride, 2 * half + 1, stride)
    rows = np.ascontiguousarray(x.T)
    padded = _balanced(rows, half)
    floor = np.broadcast_to(np.asarray(least, x.dtype), rows.shape[:1])[:, None]
    found = np.zeros(rows.shape, bool)
    for part in _blocks(rows.shape):
        lanes = _without_slope([_shifted(padded, part, i) for i in shifts])
        n_seen, lopsided = _balance(lanes)
        middle = _median(lanes.copy())
        with np.errstate(invalid="ignore"):
            away = [np.where(np.isinf(v), v, np.abs(v - middle)) for v in lanes]
            spread = np.maximum(SD_OF_MAD * _median(away), floor)
            away_now = np.abs(rows[:, part] - middle)
            far = away_now > n_sd * (1 + 3 * lopsided) * spread
        found[:, part] = far & (n_seen >= 4)
    return found.T


def _balance(lanes: list[Array]) -> tuple[Array, Array]:
    """Count the samples of every window, and how unequal its sides are, 0 to 1."""
    there = np.isfinite(np.stack(lanes))
    half = len(lanes) // 2
    before, after = there[:half].sum(axis=0), there[half + 1 :].sum(axis=0)
    lopsided = np.abs(before - after) / np.maximum(before + after, 1)
    return there.sum(axis=0), lopsided


def _without_slope(lanes: list[Array]) -> list[Array]:
    """Turn every window level, by the median of its differences over two samples."""
    if len(lanes) < 3:
        return lanes
    with np.errstate(invalid="ignore"):
        rises = [b - a for a, b in zip(lanes, lanes[2:], strict=False)]
    slope = _median([np.where(np.isnan(r), np.inf, r) for r in rises]) / 2
    slope[np.isinf(slope)] = 0.0
    middle = len(lanes) // 2
    return [lane - slope * (i - middle) for i, lane in enumerate(lanes)]


def _half(n_samples: int) -> int:
    if n_samples < 1 or n_samples % 2 == 0:
        msg = f"n_samples is {n_samples}, allowed are odd positive numbers"
        raise ConfigError(msg)
    return n_samples // 2


def _blocks(shape: tuple[int, ...]) -> list[slice]:
    """Cut (columns, frames) into stretches of frames that fit the cache."""
    columns, n = shape
    length = max(256, BLOCK // max(columns, 1))
    return [slice(a, min(a + length, n)) for a in range(0, n, length)]


def _shifted(padded: Array, part: slice, shift: int) -> Array:
    return padded[:, part.start + shift : part.stop + shift]
