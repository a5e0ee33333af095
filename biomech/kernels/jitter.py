"""Jitter that lasts over frames: how much of it a smoother lets through.

A pose model's error in one frame is like that in the frame before. Part of it then is
as slow as the movement, passes the smoother, and is missing in what the smoother calls
noise. What is left over after smoothing still tells how long the jitter lasts.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Angular frequencies up to half the frame rate, in radians per frame.
_FREQUENCY = np.pi * (np.arange(512) + 0.5) / 512
#: Correlations from frame to frame that are tried. Beyond 0.95 jitter looks like
#: movement, whatever its length.
_MEMORY = np.linspace(0.0, 0.95, 39)
#: Fewer pairs of frames do not tell the correlation to better than a quarter.
_LEAST_PAIRS = 20


def widening(left_over: Array, pace: Array, /) -> Array:
    """Say how much wider than for white noise the error of a smoother is.

    Parameters
    ----------
    left_over
        Samples minus smoothed signal, over the noise that each is told to have, shape
        (frames, points, dims); NaN where missing.
    pace
        Of each point's smoother, as `biomech.kernels.kalman` defines it: its gain is
        ``H = 1 / (1 + (w / pace)^6)``. Shape (points,).

    Returns
    -------
    Factors for the standard deviations of position, velocity and acceleration, shape
    (points, 3), 1 or more.

    Notes
    -----
    Jitter is taken for a first-order autoregressive process of spectrum S. Its
    correlation from frame to frame is found from that of what is left over, whose
    spectrum is ``(1 - H)^2 S``; the error in the smoothed derivative of order k has
    the spectrum ``w^2k H^2 S``. Jitter longer than the movement itself is not seen.
    """
    pairs = np.isfinite(left_over[1:] * left_over[:-1])
    now = np.where(pairs, left_over[1:], 0.0)
    before = np.where(pairs, left_over[:-1], 0.0)
    power = ((now**2).sum(axis=(0, 2)) + (before**2).sum(axis=(0, 2))) / 2
    alike = (now * before).sum(axis=(0, 2)) / np.where(power > 0, power, 1.0)
    gain = 1 / (1 + (_FREQUENCY / pace[:, None]) ** 6)
    memory = _MEMORY[:, None]
    spectrum = (1 - memory**2) / (1 - 2 * memory * np.cos(_FREQUENCY) + memory**2)
    rest = (1 - gain) ** 2
    kept = rest @ spectrum.T
    expected = (rest * np.cos(_FREQUENCY)) @ spectrum.T / kept
    known = pairs.sum(axis=(0, 2)) >= _LEAST_PAIRS
    found = np.where(known, alike, expected[:, 0])
    factors = np.ones((len(pace), 3))
    for order in range(3):
        passed = (gain**2 * _FREQUENCY ** (2 * order)) @ spectrum.T / kept
        wider = np.sqrt(passed / passed[:, :1])
        for point, correlation in enumerate(found):
            factors[point, order] = np.interp(
                correlation, expected[point], wider[point]
            )
    return factors
