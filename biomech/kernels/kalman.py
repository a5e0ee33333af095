"""Kalman recursions of a body with random jerk, for many series at once.

Everything is without dimension: time in usual frames, variances in those of a sample.
The *pace* of a series is ``w = 2 pi f0 dt``: the density of its jerk is then ``w^6``.
Axes are (frames, windows, points, ...): the only loop is over the frames of a window.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: A prior this many times looser than a sample pulls the state by 1e-8 of itself.
LOOSE = 1e8


class Stretch(NamedTuple):
    """What the recursions need to know about the frames.

    Attributes
    ----------
    sample
        Shape (frames, windows, points, dims); any finite number where missing.
    noise
        Variance of every sample, shape (frames, windows, points); infinite where
        missing.
    restart
        Where a series begins anew, at its first sample after a long gap.
    step
        Time since the frame before, shape (frames, windows).
    """

    sample: Array
    noise: Array
    restart: NDArray[np.bool_]
    step: Array


class Forward(NamedTuple):
    """The filtered states and what the way back needs.

    ``state`` has the shape (frames, windows, points, 3, dims), ``cover`` (its
    covariance) (..., 3, 3), ``gain`` (..., 3), ``spread`` (variance of the innovation)
    (...,) and ``surprise`` (the innovation) (..., dims).
    """

    state: Array
    cover: Array
    gain: Array
    spread: Array
    surprise: Array


def transition(step: Array) -> Array:
    """Move position, velocity and acceleration on; shape (..., 3, 3)."""
    matrix = np.zeros((*step.shape, 3, 3))
    matrix[..., [0, 1, 2], [0, 1, 2]] = 1.0
    matrix[..., 0, 1] = matrix[..., 1, 2] = step
    matrix[..., 0, 2] = step**2 / 2
    return matrix


def disturbance(step: Array) -> Array:
    """Covariance that white jerk of density one adds in a step; shape (..., 3, 3)."""
    powers = np.array([[5, 4, 3], [4, 3, 2], [3, 2, 1]])
    factors = np.array([[20, 8, 6], [8, 3, 2], [6, 2, 1]])
    added: Array = step[..., None, None] ** powers / factors
    return added


def forward(frames: Stretch, pace: Array) -> Forward:
    """Filter forward in time.

    Parameters
    ----------
    frames
        The samples.
    pace
        Shape (points,).

    Returns
    -------
    States and what `backward` needs.
    """
    n, g, k, dims = frames.sample.shape
    out = Forward(
        np.empty((n, g, k, 3, dims)),
        np.empty((n, g, k, 3, 3)),
        np.empty((n, g, k, 3)),
        np.empty((n, g, k)),
        np.empty((n, g, k, dims)),
    )
    prior = LOOSE * pace[:, None, None] ** np.diag([0, 2, 4]) * np.eye(3)
    move = transition(frames.step)[:, :, None]
    jerk = disturbance(frames.step)[:, :, None]
    strength = pace[:, None, None] ** 6
    state, cover = np.zeros((g, k, 3, dims)), np.broadcast_to(prior, (g, k, 3, 3))
    for t in range(n):
        state = move[t] @ state
        cover = move[t] @ cover @ move[t].swapaxes(-1, -2) + strength * jerk[t]
        if (new := frames.restart[t]).any():
            start = frames.sample[t][..., None, :] * np.eye(3)[:, :1]
            state = np.where(new[..., None, None], start, state)
            cover = np.where(new[..., None, None], prior, cover)
        spread = cover[..., 0, 0] + frames.noise[t]
        surprise = frames.sample[t] - state[..., 0, :]
        gain = cover[..., 0] / spread[..., None]
        state = state + gain[..., None] * surprise[..., None, :]
        cover = cover - gain[..., None] * cover[..., :1, :]
        out.state[t], out.cover[t], out.gain[t] = state, cover, gain
        out.spread[t], out.surprise[t] = spread, surprise
    return out


def backward(frames: Stretch, passed: Forward) -> tuple[Array, Array]:
    """Smooth backward in time, in the modified Bryson-Frazier form.

    Parameters
    ----------
    frames
        The samples.
    passed
        What `forward` gave for them.

    Returns
    -------
    Smoothed states, shape (frames, windows, points, 3, dims), and their variances,
    shape (frames, windows, points, 3).

    References
    ----------
    Bierman (1973), Fixed interval smoothing with discrete measurements, International
    Journal of Control 18:65, doi 10.1080/00207177308932487.
    """
    n, g, k, dims = frames.sample.shape
    states, variances = np.empty((n, g, k, 3, dims)), np.empty((n, g, k, 3))
    move = transition(frames.step)[:, :, None]
    pull, weight = np.zeros((g, k, 3, dims)), np.zeros((g, k, 3, 3))
    for t in range(n - 1, -1, -1):
        cover = passed.cover[t]
        states[t] = passed.state[t] - cover @ pull
        reduced = np.einsum("...ij,...jk,...ki->...i", cover, weight, cover)
        variances[t] = np.diagonal(cover, axis1=-2, axis2=-1) - reduced
        keep = np.broadcast_to(np.eye(3), cover.shape).copy()
        keep[..., 0] -= passed.gain[t]
        pull = keep.swapaxes(-1, -2) @ pull
        pull[..., 0, :] -= passed.surprise[t] / passed.spread[t][..., None]
        weight = keep.swapaxes(-1, -2) @ weight @ keep
        weight[..., 0, 0] += 1 / passed.spread[t]
        on = ~frames.restart[t][..., None, None] * move[t]
        pull, weight = on.swapaxes(-1, -2) @ pull, on.swapaxes(-1, -2) @ weight @ on
    return states, variances
