"""Smoothers that find their own strength: RTS with white jerk, and the GCV spline.

Time lies on axis 0 and comes as true timestamps; NaN is a missing sample.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

from biomech.errors import ConfigError
from biomech.kernels.filters import HIGHEST_CUTOFF
from biomech.kernels.jitter import widening
from biomech.kernels.kalman import Stretch, backward, forward
from biomech.kernels.runs import along_runs, usual_step

Array = NDArray[np.float64]

#: The frequency of 3 dB over that of 6 dB, of a gain 1 / (1 + (f / f0)^6).
THREE_DB = (math.sqrt(2.0) - 1.0) ** (1 / 6)
#: Windows reach into each other until the memory has faded to e^(-16) = 1e-7.
MEMORY = 32.0
#: A gap longer than this over the pace leaves nothing to connect (and no digits).
DETACHED = 50.0
#: Samples up to this many frames apart are neighbours, whatever the longest gap.
NEIGHBOURS = 1.5
#: Strengths tried in the allowed band, before the parabola through the best three.
N_STRENGTHS = 7
#: At most this many windows are looked at to find the strength.
N_LOOKS = 24
#: Series worked on at once; limits the memory whatever the length of the recording.
BATCH = 1024
#: Least confidence that counts; less would make a sample's noise endless.
LEAST_CONFIDENCE = 0.05
#: An innovation as uncertain as this many samples tells nothing about the noise.
BLIND = 1e4
#: A variance this many times that of a pace says that a state was not observed.
UNSEEN = 1e5


class Smoothed(NamedTuple):
    """What `rts` finds: states, their standard deviations and the strengths used.

    Attributes
    ----------
    position, velocity, acceleration
        Shape (frames, points, dims); unit of the signal, per s, per s².
    position_sd, velocity_sd, acceleration_sd
        Shape (frames, points), one standard deviation of every coordinate.
    noise_sd
        Shape (points,): estimated noise of one sample of full confidence.
    cutoff_hz
        Shape (points,): the frequency of 3 dB that was chosen.
    """

    position: Array
    velocity: Array
    acceleration: Array
    position_sd: Array
    velocity_sd: Array
    acceleration_sd: Array
    noise_sd: Array
    cutoff_hz: Array


def rts(
    x: ArrayLike,
    time: ArrayLike,
    *,
    band_hz: tuple[ArrayLike, ArrayLike],
    max_gap_s: float = 0.15,
    confidence: ArrayLike | None = None,
) -> Smoothed:
    """Smooth by the Rauch-Tung-Striebel recursion of a body with random jerk.

    Parameters
    ----------
    x
        Shape (frames, points, dims), NaN where missing; the dims of a point share noise
        and strength.
    time
        Seconds, growing, even or not, shape (frames,).
    band_hz
        Lowest and highest frequency (3 dB) the smoother may choose, numbers or shape
        (points,). Equal ones fix it.
    max_gap_s
        Longest gap that is filled. Longer ones stay NaN and nothing reaches across.
    confidence
        Shape (frames, points), 0 to 1: a sample's noise is taken as inverse to it. NaN
        counts as 1.

    Returns
    -------
    States and their standard deviations; NaN in long gaps, before the first and after
    the last sample. Velocity needs two samples nearby, acceleration three.

    Raises
    ------
    ConfigError
        If the band is not positive, upside down or beyond 0.45 of the sampling rate.
    SchemaError
        If time does not grow.

    Notes
    -----
    State (x, v, a), white jerk of density q, measurement noise r. For even steps the
    gain is ``1 / (1 + (f / f0)^6)`` with ``f0 = (q / (r dt))^(1/6) / 2 pi``, which has
    3 dB at 0.863 f0. f0 is chosen by maximum likelihood of the innovations, inside the
    band; r is their mean square. The band matters: likelihood takes jitter that is
    correlated over frames for movement. How long it lasts shows in what is left over,
    and the standard deviations are set by it (`biomech.kernels.jitter`). Of a pendulum,
    walker, runner and squat at 30, 60 and 120 frames per second, 10 s each, the 90 %
    intervals hold 88 to 94 % of the positions under white noise, 89 to 95 % under
    jitter of 0.02 s, 91 to 98 % of 0.05 s, 83 to 96 % of 0.1 s, and of the velocities
    87 to 95 %. Jitter of 0.3 s cannot be told from movement: 57 to 74 %. In clips of 1
    or 2 s at 30 frames per second intervals are too wide for white noise (98 %).

    The recursion runs over the frames of one window, for all windows and points at
    once. Windows of a long recording overlap by so much that the result differs from
    that of a single pass by less than 1e-6 of the signal.

    References
    ----------
    Rauch, Tung & Striebel (1965), AIAA Journal 3:1445, doi 10.2514/3.3166.
    """
    x, time = np.asarray(x, float), np.asarray(time, float)
    points = x.shape[1]
    low, high = (np.broadcast_to(np.asarray(b, float), points) for b in band_hz)
    if len(x) < 2 or x.size == 0:
        return _alone(x, low)
    step_s = usual_step(time)
    _check_band(low, high, 1 / step_s)
    per_hz = 2 * np.pi * step_s / THREE_DB
    noise = _relative_noise(x, confidence)
    gap = max(max_gap_s / step_s, NEIGHBOURS)
    gap = min(gap, DETACHED / float(high.max() * per_hz))
    cut = _Cut(x, time / step_s, noise, gap * (1 + 1e-9), float(low.min() * per_hz))
    pace, noise_sd = _likeliest(cut, low * per_hz, high * per_hz)
    states, variances = _smooth_all(cut, pace)
    hidden = _hidden(noise, cut.time, cut.max_gap)
    scale = step_s ** -np.arange(3.0)
    told = np.where(noise_sd > 0, noise_sd, np.inf) * np.sqrt(noise)
    left_over = (x - states[..., 0, :]) / told[..., None]
    wider = widening(left_over, pace, step_s=step_s)
    states = np.where(hidden[..., None, None], np.nan, states) * scale[:, None]
    unseen = variances > UNSEEN * pace[:, None] ** [0, 2, 4]
    states = np.where(unseen[..., None], np.nan, states)
    variances = np.where(hidden[..., None] | unseen, np.nan, variances)
    sd = np.sqrt(np.maximum(variances, 0.0)) * scale * noise_sd[:, None] * wider
    return Smoothed(
        *(states[..., 0, :], states[..., 1, :], states[..., 2, :]),
        *(sd[..., 0], sd[..., 1], sd[..., 2]),
        *(noise_sd, pace / per_hz),
    )


class _Cut(NamedTuple):
    """A recording to be cut into windows; times in frames, noise relative."""

    x: Array
    time: Array
    noise: Array
    max_gap: float
    slowest: float

    @property
    def reach(self) -> int:
        """How many frames a window reaches into the next."""
        return math.ceil(MEMORY / self.slowest)

    def starts(self) -> NDArray[np.intp]:
        """First frame of every window, all of them `length` long."""
        inner = self.length - 2 * self.reach
        if inner <= 0:
            return np.zeros(1, np.intp)
        begins = np.arange(0, len(self.x), inner) - self.reach
        return np.clip(begins, 0, len(self.x) - self.length).astype(np.intp)

    @property
    def length(self) -> int:
        """Frames of a window: three quarters its own, or the whole recording."""
        wanted = 8 * self.reach
        return len(self.x) if len(self.x) <= wanted else wanted

    def stretch(self, starts: NDArray[np.intp]) -> Stretch:
        """Copy windows into arrays (frames, windows, points, ...)."""
        rows = starts + np.arange(self.length)[:, None]
        time, noise = self.time[rows], self.noise[rows]
        step = np.diff(time, axis=0, prepend=time[:1])
        since = _since_last(np.isfinite(noise), time)
        restart = np.isfinite(noise) & ~(since <= self.max_gap)
        return Stretch(np.nan_to_num(self.x[rows]), noise, restart, step)


def _since_last(valid: NDArray[np.bool_], time: Array) -> Array:
    """Time since the valid sample before each frame; infinite without any."""
    when = np.where(valid, time[..., None], -np.inf)
    before = np.maximum.accumulate(when, axis=0)
    shifted = np.concatenate([np.full_like(before[:1], -np.inf), before[:-1]])
    return np.asarray(time[..., None] - shifted)


def _hidden(noise: Array, time: Array, max_gap: float) -> NDArray[np.bool_]:
    """Frames of gaps that are too long, and of the open ends."""
    valid = np.isfinite(noise)
    before = time[:, None] - _since_last(valid, time)
    after = time[:, None] + _since_last(valid[::-1], -time[::-1])[::-1]
    return np.asarray(~valid & ~(after - before <= max_gap))


def _relative_noise(x: Array, confidence: ArrayLike | None) -> Array:
    """Variance of every sample relative to one of full confidence."""
    missing = ~np.isfinite(x).all(axis=-1)
    if confidence is None:
        return np.where(missing, np.inf, 1.0)
    told = np.nan_to_num(np.asarray(confidence, float), nan=1.0)
    return np.where(missing, np.inf, np.clip(told, LEAST_CONFIDENCE, 1.0) ** -2)


def _likeliest(cut: _Cut, low: Array, high: Array) -> tuple[Array, Array]:
    """Find pace and noise of every point by maximum likelihood inside the band."""
    starts = cut.starts()
    looks = starts[
        np.linspace(0, len(starts) - 1, min(N_LOOKS, len(starts))).astype(int)
    ]
    points = cut.x.shape[1]
    paces = np.geomspace(low, high, N_STRENGTHS)
    chosen = low.copy()
    if (high > low * 1.001).any():
        fit, _ = _likelihood(cut, looks, paces)
        chosen = np.exp(_parabola_maximum(np.log(paces), fit))
    _, noise_sd = _likelihood(cut, looks, chosen[None])
    return chosen, noise_sd.reshape(points)


def _likelihood(
    cut: _Cut, starts: NDArray[np.intp], paces: Array
) -> tuple[Array, Array]:
    """Log likelihood and noise for several paces (tries, points)."""
    tries, dims = len(paces), cut.x.shape[2]
    total, size, count = (np.zeros(paces.shape) for _ in range(3))
    for part in np.array_split(starts, math.ceil(len(starts) * paces.size / BATCH)):
        one = cut.stretch(part)
        many = Stretch(
            np.tile(one.sample, (1, 1, tries, 1)),
            np.tile(one.noise, (1, 1, tries)),
            np.tile(one.restart, (1, 1, tries)),
            one.step,
        )
        passed = forward(many, paces.ravel())
        known = np.isfinite(many.noise) & (passed.spread < BLIND)
        spread = np.where(known, passed.spread, 1.0)
        squared = (passed.surprise**2).sum(axis=-1) / spread
        total += np.where(known, squared, 0.0).sum(axis=(0, 1)).reshape(paces.shape)
        size += np.log(spread).sum(axis=(0, 1)).reshape(paces.shape)
        count += known.sum(axis=(0, 1)).reshape(paces.shape)
    with np.errstate(invalid="ignore", divide="ignore"):
        noise = total / (count * dims)
        fit = -(count * np.log(noise) + size) * dims / 2
    fit = np.nan_to_num(fit, nan=0.0, posinf=0.0, neginf=0.0)
    return fit, np.where(count > 0, np.sqrt(noise), np.nan)


def _parabola_maximum(x: Array, y: Array) -> Array:
    """Vertex of the parabola through the best of even tries; ends stay ends."""
    columns = np.arange(x.shape[1])
    best = y.argmax(axis=0)
    i = np.clip(best, 1, len(x) - 2)
    a, b, c = (y[i + k, columns] for k in (-1, 0, 1))
    bend = np.minimum(a - 2 * b + c, -1e-300)
    shift = np.clip(0.5 * (a - c) / bend, -1.0, 1.0)
    shift = np.where(best == i, shift, best - i)
    return np.asarray(x[i, columns] + shift * (x[1] - x[0]))


def _smooth_all(cut: _Cut, pace: Array) -> tuple[Array, Array]:
    """Run both passes over all windows, block by block, and join their inner parts."""
    n, points, dims = cut.x.shape
    states, variances = np.empty((n, points, 3, dims)), np.empty((n, points, 3))
    for part in _blocks(cut, points):
        frames = cut.stretch(part)
        smooth, spread = backward(frames, forward(frames, pace))
        for g, start in enumerate(part.tolist()):
            first = 0 if start == 0 else cut.reach
            own = slice(start + first, start + cut.length)
            states[own], variances[own] = smooth[first:, g], spread[first:, g]
    return states, variances


def _blocks(cut: _Cut, points: int) -> Iterator[NDArray[np.intp]]:
    """Yield starts in order of time, so that later windows overwrite earlier tails."""
    starts = cut.starts()
    yield from np.array_split(starts, math.ceil(len(starts) * points / BATCH))


def _check_band(low: Array, high: Array, rate_hz: float) -> None:
    highest = HIGHEST_CUTOFF * rate_hz
    if not ((low > 0) & (low <= high) & (high <= highest)).all():
        msg = (
            f"the band is {low.min():g} to {high.max():g} Hz; at {rate_hz:.4g} frames "
            f"per second allowed is 0 < low <= high <= {highest:.4g}"
        )
        raise ConfigError(msg)


def _alone(x: Array, low: Array) -> Smoothed:
    """Answer for less than two frames: the samples are all there is."""
    empty, sd = np.full_like(x, np.nan), np.full(x.shape[:2], np.nan)
    none = np.full(x.shape[1], np.nan)
    return Smoothed(x.copy(), empty, empty, sd, sd, sd, none, low.copy())


def gcv_spline(x: ArrayLike, time: ArrayLike) -> Array:
    """Smooth by cubic splines whose strength generalised cross-validation chooses.

    Parameters
    ----------
    x
        Shape (frames, ...), NaN where missing.
    time
        Seconds, growing, even or not.

    Returns
    -------
    The smoothed signal; every column of every run has its own strength. Runs of less
    than five samples stay as they are.

    Notes
    -----
    Times go to scipy as frame numbers: its search for the strength assumes steps near
    one and returns a straight line for times in seconds. Like any rule that looks at
    the data only, it under-smooths jitter that is correlated over frames.

    References
    ----------
    Woltring (1986), Advances in Engineering Software 8:104,
    doi 10.1016/0141-1195(86)90098-7.
    """

    def kernel(x: Array, time: Array) -> Array:
        if len(time) < 5:
            return x
        place = (time - time[0]) / usual_step(time)
        columns = [
            scipy.interpolate.make_smoothing_spline(place, c)(place) for c in x.T
        ]
        return np.stack(columns, axis=1)

    x, time = np.asarray(x, float), np.asarray(time, float)
    return along_runs(x, time, kernel, step_s=usual_step(time))
