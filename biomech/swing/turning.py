"""How segments of a body turn: their lines, angular speeds, and the peaks of these."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.kernels.geometry import reject, unit_vector
from biomech.kernels.windows import slope, speed, vertex
from biomech.skeletons import THORAX_POINTS

Array = NDArray[np.float64]
#: Paths of keypoints in space, shape (frames, 3).
Points = Mapping[str, Array]
#: A peak is as broad as the time the speed stays above this share of it, ...
_TOP_SHARE = 0.99
#: ... as far as it can be told from noise, whose largest is some three standard
#: deviations; a parabola fits no more than the upper half.
_N_SD, _LEAST_SHARE = 3.0, 0.5
#: How sharp it is shows above this share, where noise does not fake it.
_BEND_SHARE = 0.7
#: Noise is taken from the window and this much round it.
_AROUND_S = 0.25


def pelvis_line(points: Points, /) -> Array:
    """Give the line from the right hip to the left, shape (frames, 3)."""
    return points["left_hip"] - points["right_hip"]


def thorax_line(points: Points, /) -> Array:
    """Give the line across the thorax, from right to left, shape (frames, 3).

    It is square to the trunk and to the front of the thorax where markers show that,
    else it goes from shoulder to shoulder, which move on the thorax.
    """
    if not set(THORAX_POINTS) <= points.keys():
        return points["left_shoulder"] - points["right_shoulder"]
    back, front = (points[name] for name in THORAX_POINTS)
    across = unit_vector(np.cross(trunk_axis(points), front - back))
    # As long as the thorax is deep, which is rigid.
    line: Array = across * np.linalg.norm(front - back, axis=1, keepdims=True)
    return line


def trunk_axis(points: Points, /) -> Array:
    """Give the line from mid-hip to mid-shoulder, shape (frames, 3)."""
    hips, shoulders = (
        (points[f"left_{joint}"] + points[f"right_{joint}"]) / 2
        for joint in ("hip", "shoulder")
    )
    return shoulders - hips


def trunk_frame(points: Points, /) -> Array:
    """Give the axes of the trunk as columns: forward, up, and right in space.

    Parameters
    ----------
    points
        Hips and shoulders, in space or in a picture.

    Returns
    -------
    Shape (frames, dims, dims); up is the trunk's axis, and in space right is square to
    it, towards the right end of `thorax_line`.
    """
    up = unit_vector(trunk_axis(points))
    if up.shape[1] == 2:
        return np.stack([np.stack([up[:, 1], -up[:, 0]], axis=1), up], axis=2)
    right = unit_vector(reject(-thorax_line(points), up))
    return np.stack([np.cross(up, right), up, right], axis=2)


class Turning(NamedTuple):
    """How a segment turns.

    Attributes
    ----------
    speed
        Angular speed in degrees per second, shape (frames,).
    slack
        How fast its line becomes longer, over its length, in degrees per second. A
        rigid segment does not: this is noise, and what turns the line by mistake is of
        the same size. Zero in 2D, where lines are foreshortened.
    """

    speed: Array
    slack: Array


def turning(line: Array, time: Array, /, *, axis: Array | None = None) -> Turning:
    """Measure how fast a line turns, about an axis or in all.

    Parameters
    ----------
    line
        Shape (frames, dims), without NaN.
    time
        Seconds.
    axis
        Shape (frames, 3) or (3,); by default the axis at right angles to the motion.

    Returns
    -------
    With u the direction of the line: ``|u x du/dt| = |du/dt|``, or about the direction
    a of the axis, u being square to it, ``(u x du/dt) . a / |u|²``.
    """
    length = np.maximum(np.linalg.norm(line, axis=1), 1e-12)
    slack = np.zeros(len(line))
    if line.shape[1] == 3:
        slack = np.degrees(slope(length, time, window_s=0.0) / np.median(length))
    if axis is None:
        direction = line / length[:, None]
        return Turning(np.degrees(speed(direction, time, window_s=0.0)), slack)
    along = unit_vector(np.broadcast_to(axis, line.shape))
    across = reject(line, along)
    change = np.stack([slope(a, time, window_s=0.0) for a in across.T], axis=1)
    squared = np.maximum((across**2).sum(axis=1), 1e-24)
    turn = (np.cross(across, change) * along).sum(axis=1) / squared
    return Turning(np.abs(np.degrees(turn)), slack)


class Peak(NamedTuple):
    """A peak of angular speed, and the standard deviations of its time and size."""

    time_s: float
    time_sd_s: float
    deg_s: float
    deg_s_sd: float


def peak_of(
    turned: Turning, time: Array, window: tuple[float, float], /
) -> Peak | None:
    """Find when and how fast a segment turns fastest.

    Parameters
    ----------
    turned
        From `turning`.
    time
        Seconds.
    window
        First and last moment to look at.

    Returns
    -------
    The top of a parabola through the time for which the speed is within three standard
    deviations of noise of its largest; without noise through three frames. None if the
    speed is unknown.
    """
    pace = turned.speed
    where = np.flatnonzero((time >= window[0]) & (time <= window[1]))
    if len(where) < 3 or not np.isfinite(pace[where]).all():
        return None
    top = int(where[np.argmax(pace[where])])
    near = (time >= window[0] - _AROUND_S) & (time <= window[1] + _AROUND_S)
    noise = float(np.std(turned.slack[near]))
    wobble = float(np.std(slope(turned.slack, time, window_s=0.0)[near]))
    lost = _N_SD * noise / max(float(pace[top]), 1e-12)
    at_s, deg_s = vertex(pace, time, top), float(pace[top])
    if lost > 1 - _TOP_SHARE:
        here = _above(pace, top, max(1 - lost, _LEAST_SHARE))
        at_s, deg_s = _vertex_through(pace[here], time[here]) or (at_s, deg_s)
    flat = time[_above(pace, top, _TOP_SHARE)]
    width_s = float(flat[-1] - flat[0]) + float(np.median(np.diff(time))) / 2
    shoulder = _above(pace, top, _BEND_SHARE)
    bend = abs(_bend(pace[shoulder], time[shoulder]))
    from_noise_s = wobble / bend if bend > 0 else 0.0
    sd_s = float(np.hypot(width_s / np.sqrt(12), from_noise_s))
    return Peak(at_s, sd_s, deg_s, noise)


def _above(pace: Array, top: int, share: float) -> slice:
    """Give the frames round a peak in which the speed stays above a share of it."""
    below = np.flatnonzero(pace < share * pace[top])
    before, after = below[below < top], below[below > top]
    first = int(before[-1]) + 1 if len(before) else 0
    return slice(first, int(after[0]) if len(after) else len(pace))


def _vertex_through(pace: Array, time: Array) -> tuple[float, float] | None:
    """Give the top of a parabola by least squares; None if it has none inside."""
    if len(time) < 5:
        return None
    middle = float(time.mean())
    bend, rise, level = np.polyfit(time - middle, pace, 2)
    if bend >= 0:
        return None
    off_s = float(np.clip(-rise / (2 * bend), time[0] - middle, time[-1] - middle))
    return middle + off_s, float(level + rise * off_s + bend * off_s**2)


def _bend(pace: Array, time: Array) -> float:
    """Give the second derivative of a parabola by least squares."""
    if len(time) < 3:
        return 0.0
    return 2 * float(np.polyfit(time - time.mean(), pace, 2)[0])
