"""Zero-lag filters: Butterworth and Savitzky-Golay.

Time lies on axis 0; columns are independent. Inside, the work is done channel by
channel along contiguous memory, in single precision where the input is.
"""

import math
from typing import Literal

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from biomech.errors import ConfigError
from biomech.kernels.runs import along_runs, floating, on_even_steps, usual_step

Array = NDArray[np.float64]
Convention = Literal["effective", "per_pass"]

#: Two passes of a second-order Butterworth at fc have 3 dB at 0.802 fc (Winter 2009,
#: section 3.4.4.2): (2^(1/2) - 1)^(1/4).
TWO_PASSES = (math.sqrt(2.0) - 1.0) ** 0.25
#: Above this part of the sampling rate a digital Butterworth no longer is one.
HIGHEST_CUTOFF = 0.45
#: Samples filtered by one matrix product: more cost more multiplications, fewer more
#: overhead.
BLOCK = 32
#: What rings on by less than this is left out.
FADED = 1e-12


def lowpass(
    x: ArrayLike,
    time: ArrayLike,
    *,
    cutoff_hz: float,
    convention: Convention = "effective",
) -> Array:
    """Smooth with a zero-lag Butterworth filter: second order, there and back.

    Parameters
    ----------
    x
        Shape (frames, ...). Float32 stays Float32 where that is precise enough.
    time
        Seconds, growing; uneven samples are resampled to even steps and back.
    cutoff_hz
        The cut-off, at most 0.45 of the sampling rate.
    convention
        ``"effective"``: the result has 3 dB at ``cutoff_hz`` (Winter). ``"per_pass"``:
        each pass has, the result has 6 dB there and 3 dB at 0.802 of it (Sports2D,
        OpenCap and most scripts).

    Returns
    -------
    The smoothed signal.

    Raises
    ------
    ConfigError
        If the cut-off is not positive or too high for the sampling rate.

    References
    ----------
    Winter (2009), Biomechanics and Motor Control of Human Movement, 4th edition, 3.4.4.
    """
    x, time = floating(x), np.asarray(time, float)
    if len(x) < 2:
        return x
    step_s = usual_step(time)
    b, a = butterworth(cutoff_hz, rate_hz=1 / step_s, convention=convention)
    pad = max(9, math.ceil(1 / (cutoff_hz * step_s)))

    def kernel(x: Array, time: Array) -> Array:
        return _there_and_back(b, a, x.T, min(pad, len(time) - 1)).T

    if cutoff_hz * step_s < 0.02:  # poles too near 1 for a recursion in single
        x = x.astype(np.float64)
    return along_runs(x, time, on_even_steps(kernel, step_s=step_s), step_s=step_s)


def butterworth(
    cutoff_hz: float, *, rate_hz: float, convention: Convention = "effective"
) -> tuple[Array, Array]:
    """Design one pass of the filter of `lowpass`: numerator and denominator."""
    if convention not in ("effective", "per_pass"):
        msg = f"unknown convention {convention!r}; known are effective, per_pass"
        raise ConfigError(msg)
    if not 0 < cutoff_hz <= HIGHEST_CUTOFF * rate_hz:
        highest = HIGHEST_CUTOFF * rate_hz
        msg = f"cutoff_hz is {cutoff_hz:g}; at {rate_hz:.4g} frames per second allowed "
        raise ConfigError(msg + f"is more than 0, at most {highest:.4g}")
    warped = math.tan(math.pi * cutoff_hz / rate_hz)
    if convention == "effective":
        warped /= TWO_PASSES
    k1, k2 = math.sqrt(2.0) * warped, warped**2
    scale = 1 + k1 + k2
    b = np.array([k2, 2 * k2, k2]) / scale
    a = np.array([1.0, 2 * (k2 - 1) / scale, (1 - k1 + k2) / scale])
    return b, a


def _there_and_back(b: Array, a: Array, x: Array, pad: int) -> Array:
    """Filter the last axis forward and backward, padded by odd reflection."""
    if pad < 1:
        return x
    head = 2 * x[:, :1] - x[:, pad:0:-1]
    tail = 2 * x[:, -1:] - x[:, -2 : -pad - 2 : -1]
    long = np.concatenate([head, x, tail], axis=1)
    driven, free = _block_responses(b, a)
    for _ in range(2):
        first = long[:, :1].copy()
        long -= first
        long = (_recursive(long, driven, free) + first)[:, ::-1]
    return np.asarray(long[:, pad : pad + x.shape[1]])


def _block_responses(b: Array, a: Array) -> tuple[Array, Array]:
    """Say what a filter of second order makes of a block, and of what came before.

    Returns
    -------
    Weights of the two samples before a block and of its own, shape (2 + BLOCK, BLOCK);
    weights of the last two results before it, shape (2, BLOCK).
    """
    impulse = scipy.signal.lfilter([1.0], a, np.eye(1, BLOCK)[0])
    ringing = _banded(impulse)[:BLOCK].T
    start = np.array([[-a[2], 0.0], [-a[1], -a[2]]])
    return _banded(b[::-1]) @ ringing, start @ ringing[:2]


def _recursive(x: Array, driven: Array, free: Array) -> Array:
    """Filter the last axis, from rest, by a recursion of second order.

    All blocks are filtered from rest by one matrix product; then every block gets what
    rings on from the last two results before it. That is twice as fast as stepping
    from sample to sample, and loses no digits.
    """
    before = np.zeros((len(x), 2), x.dtype)
    y = _by_blocks(np.concatenate([before, x], axis=1), driven)
    free = free.astype(x.dtype)
    last, fading, hop = y[..., -2:].copy(), free[:, -2:], 1
    while hop < y.shape[1] and np.abs(fading).max() > FADED:
        last[:, hop:] += last[:, :-hop] @ fading
        fading, hop = fading @ fading, 2 * hop
    y[:, 1:] += last[:, :-1] @ free
    return np.asarray(y.reshape(len(x), -1)[:, : x.shape[1]])


def _banded(taps: Array) -> Array:
    """Weights for `_by_blocks` that apply the same taps to every window."""
    n = len(taps) + BLOCK
    skew = np.zeros((BLOCK, n))
    skew[:, : len(taps)] = taps
    return skew.ravel()[:-BLOCK].reshape(BLOCK, n - 1).T


def _by_blocks(x: Array, weights: Array) -> Array:
    """Multiply stretches of the last axis, `BLOCK` samples apart, by a matrix.

    Parameters
    ----------
    x
        Shape (rows, frames).
    weights
        Shape (window + BLOCK - 1, BLOCK): column i holds the weights of the window that
        begins at sample i of the stretch.

    Returns
    -------
    Shape (rows, blocks, BLOCK); the last block reaches beyond the last window.
    """
    reach = len(weights) - BLOCK
    n_blocks = math.ceil((x.shape[1] - reach) / BLOCK)
    padded = np.zeros((len(x), n_blocks * BLOCK + reach), x.dtype)
    padded[:, : x.shape[1]] = x
    stretches = np.lib.stride_tricks.sliding_window_view(padded, len(weights), axis=1)
    out = np.empty((len(x), n_blocks, BLOCK), x.dtype)
    np.matmul(  # many small products: large ones would wake all cores up
        stretches[:, ::BLOCK].swapaxes(0, 1),
        weights.astype(x.dtype),
        out=out.swapaxes(0, 1),
    )
    return out


def savitzky_golay(
    x: ArrayLike,
    time: ArrayLike,
    *,
    window_s: float,
    polyorder: int = 3,
    order: int = 0,
) -> Array:
    """Smooth, or differentiate, by a polynomial through a moving window.

    Parameters
    ----------
    x
        Shape (frames, ...). Float32 stays Float32.
    time
        Seconds, growing; uneven samples are resampled to even steps and back.
    window_s
        Length of the window; the nearest odd number of samples is taken, and enough
        for the polynomial.
    polyorder
        Degree of the polynomial.
    order
        0 smooths, 1 gives the velocity, 2 the acceleration.

    Returns
    -------
    The signal or its derivative. The first and last half window come from the
    polynomial of the first and last whole window; runs shorter than a window are NaN.

    Raises
    ------
    ConfigError
        If ``polyorder`` is less than ``order`` or the window is not positive.
    """
    x, time = floating(x), np.asarray(time, float)
    if window_s <= 0 or not 0 <= order <= polyorder:
        found = f"{window_s}, {order}, {polyorder}"
        msg = f"needed are window_s > 0 and 0 <= order <= polyorder; found {found}"
        raise ConfigError(msg)
    if len(x) < 2:
        return np.full_like(x, np.nan)
    step_s = usual_step(time)
    half = max(round((window_s / step_s - 1) / 2), polyorder // 2 + 1)
    taps = _polynomial_taps(half, polyorder, order) / step_s**order

    def kernel(x: Array, _: Array) -> Array:
        return _moving_polynomial(x, taps.astype(x.dtype))

    return along_runs(x, time, on_even_steps(kernel, step_s=step_s), step_s=step_s)


def _polynomial_taps(half: int, polyorder: int, order: int) -> Array:
    """Weights that give the fitted polynomial at each place of the window, by row."""
    place = np.arange(-half, half + 1, dtype=float)
    scaled = place / half
    powers = np.vander(scaled, polyorder + 1, increasing=True)
    fit = np.linalg.pinv(powers)
    wanted = np.zeros((len(place), polyorder + 1))
    for power in range(order, polyorder + 1):
        factor = math.perm(power, order) / half**order
        wanted[:, power] = factor * scaled ** (power - order)
    taps: Array = wanted @ fit
    return taps


def _moving_polynomial(x: Array, taps: Array) -> Array:
    window, n = len(taps), len(x)
    if n < window:
        return np.full_like(x, np.nan)
    half = window // 2
    rows = x.T
    middle = _by_blocks(rows, _banded(taps[half]))
    out = np.empty(rows.shape, x.dtype)
    out[:, half : n - half] = middle.reshape(len(rows), -1)[:, : n - window + 1]
    out[:, :half] = rows[:, :window] @ taps[:half].T
    out[:, n - half :] = rows[:, n - window :] @ taps[half + 1 :].T
    return out.T
