"""Jitter that lasts over frames: how much of it a smoother lets through.

A pose model's error in one frame is like that in the frame before. Part of it then is
as slow as the movement, passes the smoother, and is missing in what the smoother calls
noise. The spectrum of what is left over after smoothing still tells jitter, which falls
with the second power of the frequency at most, from movement, which falls with the
sixth.
"""

import numpy as np
import scipy
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Times after which jitter has faded to 1/e; 0 is white noise. Beyond 0.2 s it lies
#: within the movement, whose spectrum hides it.
LASTING_S = np.array([0.0, *0.01 * 2 ** np.arange(0.0, 4.6, 0.5)])
#: White noise is half of what is believed before a frame is seen.
_WHITE = 0.5
#: Angular frequencies, in radians per frame, above which jitter outweighs movement.
_CROSSING = np.geomspace(0.02, 3.5, 16)
#: Angular frequencies up to half the frame rate, in radians per frame.
_FREQUENCY = np.pi * (np.arange(512) + 0.5) / 512
#: Below this part of the pace nothing is left over: the squared loss is 2e-4.
_LEAST_OF_PACE = 0.5
#: Length of a spectrum; many are averaged. With 2 and 8 s intervals hold as much.
_SEGMENT_S = 4.0
#: Fewer frames do not tell how long jitter lasts; it is then taken for white noise.
_LEAST_FRAMES = 10


def widening(left_over: Array, pace: Array, /, *, step_s: float) -> Array:
    """Say how much wider the error of a smoother is than its recursion tells.

    Parameters
    ----------
    left_over
        Samples minus smoothed signal, over the noise that each is told to have, shape
        (frames, points, dims); NaN where missing.
    pace
        Of each point's smoother, as `biomech.kernels.kalman` defines it: its gain is
        ``H = 1 / (1 + (w / pace)^6)``. Shape (points,).
    step_s
        Time between frames.

    Returns
    -------
    Factors for the standard deviations of position, velocity and acceleration, shape
    (points, 3); below 1 where the movement is calmer than the recursion takes it to be.

    Notes
    -----
    The spectrum of the samples is taken for that of a first-order autoregressive
    process, S, and of a movement with white jerk, M; what is left over then has
    ``(1 - H)^2 (S + M)``. Each length of jitter, and each frequency at which S and M
    cross, is believed as much as it makes the spectrum likely (Whittle). The error of
    the derivative of order k has the spectrum ``w^2k (H^2 S + (1 - H)^2 M)``, that of
    the recursion ``w^2k H``. Movement with corners, such as the knee at heel strike,
    looks like jitter that lasts and makes intervals too wide.

    References
    ----------
    Whittle (1953), Estimation and information in stationary time series, Arkiv för
    Matematik 2:423, doi 10.1007/BF02590998.
    """
    factors = np.ones((len(pace), 3))
    n_frames, _, dims = left_over.shape
    share = np.isfinite(left_over).mean(axis=(0, 2))
    told = (share * n_frames >= _LEAST_FRAMES) & np.any(left_over > 0, axis=(0, 2))
    if not told.any():
        return factors
    length = min(n_frames, max(_LEAST_FRAMES, round(_SEGMENT_S / step_s)))
    seen = left_over[:, told] / np.sqrt(share[told, None])
    frequency, power = _spectrum(seen, length)
    memory = _memory(step_s)
    n_looks = dims * share[told] * n_frames / length
    belief, size = _belief(frequency, power, pace[told], memory, n_looks)
    factors[told] = _factors(belief, size, pace[told], memory)
    return factors


def _memory(step_s: float) -> Array:
    """Correlation from frame to frame."""
    memory = np.zeros(len(LASTING_S))
    memory[1:] = np.exp(-step_s / LASTING_S[1:])
    return memory


def _spectrum(x: Array, length: int) -> tuple[Array, Array]:
    """Mean power of the coordinates; frequencies, and power (points, frequencies)."""
    frequency, power = scipy.signal.welch(
        np.nan_to_num(x),
        fs=2 * np.pi,
        nperseg=length,
        detrend=False,
        axis=0,
    )
    inner = slice(1, -1)  # zero and the highest are half as sure
    return frequency[inner], power[inner].mean(axis=2).T


def _gain(frequency: Array, pace: Array) -> Array:
    gain: Array = 1 / (1 + (frequency / pace[:, None]) ** 6)
    return gain


def _jitter(frequency: Array, memory: Array) -> Array:
    """Spectrum of jitter with variance 1; shape (lengths, frequencies)."""
    memory = memory[:, None]
    around = 1 - 2 * memory * np.cos(frequency) + memory**2
    spectrum: Array = (1 - memory**2) / around / np.pi
    return spectrum


def _movement(frequency: Array, memory: Array) -> Array:
    """Spectrum of movement beside it; shape (lengths, crossings, frequencies)."""
    at_crossing = _jitter(_CROSSING, memory)[:, :, None]
    spectrum: Array = at_crossing * (_CROSSING[:, None] / frequency) ** 6
    return spectrum


def _belief(
    frequency: Array, power: Array, pace: Array, memory: Array, n_looks: Array
) -> tuple[Array, Array]:
    """Belief in each model, and its variance of jitter; shape (points, models)."""
    shown = frequency > _LEAST_OF_PACE * pace[:, None]
    before = np.where(shown, power / (1 - _gain(frequency, pace)) ** 2, 0.0)
    both = _jitter(frequency, memory)[:, None] + _movement(frequency, memory)
    expected = both.reshape(-1, len(frequency))
    n_shown = shown.sum(axis=1)[:, None]
    size = np.maximum(before @ (1 / expected).T / n_shown, np.finfo(float).tiny)
    fit = -(shown @ np.log(expected).T + n_shown * np.log(size)) * n_looks[:, None]
    belief = _prior() * np.exp(fit - fit.max(axis=1, keepdims=True))
    return belief / belief.sum(axis=1, keepdims=True), size


def _prior() -> Array:
    """Belief in each model before a frame is seen."""
    by_length = np.full(len(LASTING_S), (1 - _WHITE) / (len(LASTING_S) - 1))
    by_length[0] = _WHITE
    return np.repeat(by_length, len(_CROSSING))


def _factors(belief: Array, size: Array, pace: Array, memory: Array) -> Array:
    """Compare the errors with those of the recursion; the mean over all models."""
    orders = _FREQUENCY ** (2 * np.arange(3)[:, None, None])
    gain = _gain(_FREQUENCY, pace)
    kept = (gain**2 * orders) @ _jitter(_FREQUENCY, memory).T
    movement = _movement(_FREQUENCY, memory).reshape(-1, len(_FREQUENCY))
    lost = ((1 - gain) ** 2 * orders) @ movement.T
    error = size * (np.repeat(kept, len(_CROSSING), axis=2) + lost)
    told = (gain * orders).sum(axis=2, keepdims=True)
    factors: Array = (belief * np.sqrt(np.pi * error / told)).sum(axis=2).T
    return factors
