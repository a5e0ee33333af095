"""Axes of laboratories, and the turn to X forward, Y up, Z right."""

import re
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError, FormatError

Array = NDArray[np.float64]

_AXES = "xyz"
#: Pairs of keypoints of which the first is above the second in any sport but diving.
_ABOVE = (
    *(("neck", "mid_hip"), ("mid_hip", "left_ankle"), ("mid_hip", "right_ankle")),
    *(("mid_hip", "left_heel"), ("mid_hip", "right_heel")),
    *(("mid_hip", "left_big_toe"), ("mid_hip", "right_big_toe")),
)
#: Pairs of which the second is ahead of the first: feet point forward.
_AHEAD = (
    *(("left_heel", "left_big_toe"), ("right_heel", "right_big_toe")),
    *(("left_ankle", "left_big_toe"), ("right_ankle", "right_big_toe")),
    *(("left_heel", "left_small_toe"), ("right_heel", "right_small_toe")),
    *(("left_ankle", "left_small_toe"), ("right_ankle", "right_small_toe")),
)
#: Pairs of which the second is to the right of the first; used where feet are missing.
_TO_THE_RIGHT = (("left_hip", "right_hip"), ("left_shoulder", "right_shoulder"))


def axes_matrix(axes: str, /) -> Array:
    """Read a turn of axes such as ``"x,z,-y"``.

    The three entries say which axis of the file becomes X (forward), Y (up) and Z
    (right of forward): ``"x,z,-y"`` turns a laboratory with Z up.

    Parameters
    ----------
    axes
        Three of ``x, y, z``, each once, each with or without a minus.

    Returns
    -------
    A rotation matrix, shape (3, 3): ``new = matrix @ old``.

    Raises
    ------
    ConfigError
        If it is not of that form, or would mirror left and right.

    Examples
    --------
    >>> axes_matrix("x,z,-y") @ [1.0, 2.0, 3.0]
    array([ 1.,  3., -2.])
    """
    parts = [part.strip().lower() for part in axes.split(",")]
    letters = sorted(part.lstrip("+-") for part in parts)
    if letters != list(_AXES) or not all(re.fullmatch("[+-]?[xyz]", p) for p in parts):
        msg = f"axes {axes!r}: expected each of x, y, z once, such as 'x,z,-y'"
        raise ConfigError(msg)
    matrix = np.zeros((3, 3))
    for row, part in enumerate(parts):
        matrix[row, _AXES.index(part[-1])] = -1.0 if part[0] == "-" else 1.0
    if np.linalg.det(matrix) < 0:
        msg = f"axes {axes!r} would mirror left and right; turn one sign"
        raise ConfigError(msg)
    return matrix


def guess_axes(keypoints: dict[str, Array], /) -> str:
    """Tell from a body which axes of the file are forward, up and right.

    Up is the axis along which the trunk and legs stand, forward the one along which
    the feet point (without feet, the one across hips and shoulders), both as medians
    over all frames. Only quarter turns are made, so that the numbers stay those of the
    file. An axis along which nothing ever moves is
    never forward: it is the made-up depth of a two-dimensional recording.

    Parameters
    ----------
    keypoints
        Coordinates by keypoint name, each of shape (frames, 3); NaN where missing.

    Returns
    -------
    A turn for `axes_matrix`.

    Raises
    ------
    FormatError
        If the keypoints do not show which axis is up, or which forward.
    """
    up = _direction(keypoints, [(low, high) for high, low in _ABOVE])
    forward = _direction(keypoints, _AHEAD)
    right = _direction(keypoints, _TO_THE_RIGHT)
    if forward is None and right is not None and up is not None:
        forward = np.cross(_main_axis(up), right)
    if up is None or forward is None:
        what = "up" if up is None else "forward"
        msg = (
            f"the markers do not show which axis is {what} (needs hips and feet); "
            "say it, such as axes='x,z,-y' for a laboratory with Z up"
        )
        raise FormatError(msg)
    up_axis = _main_axis(up)
    free = (up_axis == 0) & ~_flat(keypoints)
    forward_axis = _main_axis(np.where(free, forward, 0.0))
    return ",".join(
        _written(a) for a in (forward_axis, up_axis, np.cross(forward_axis, up_axis))
    )


def _flat(keypoints: dict[str, Array]) -> NDArray[np.bool_]:
    """Tell which axes no keypoint moves along; none in a single frame."""
    seen = [xyz[np.isfinite(xyz).all(axis=1)] for xyz in keypoints.values()]
    moves = [np.ptp(xyz, axis=0) > 0 for xyz in seen if len(xyz) > 1]
    if not moves:
        return np.zeros(3, dtype=np.bool_)
    flat = ~np.logical_or.reduce(moves)
    return flat if flat.sum() == 1 else np.zeros(3, dtype=np.bool_)


def _direction(
    keypoints: dict[str, Array], pairs: Iterable[tuple[str, str]]
) -> Array | None:
    """Average the unit vectors from the first to the second of each pair."""
    vectors = [
        keypoints[b] - keypoints[a] for a, b in pairs if {a, b} <= keypoints.keys()
    ]
    seen = [v[np.isfinite(v).all(axis=1)] for v in vectors]
    medians = [np.median(v, axis=0) for v in seen if len(v)]
    return np.sum(medians, axis=0) if medians else None


def _main_axis(vector: Array) -> Array:
    axis = np.zeros(3)
    main = int(np.argmax(np.abs(vector)))
    axis[main] = np.sign(vector[main]) or 1.0
    return axis


def _written(axis: Array) -> str:
    main = int(np.argmax(np.abs(axis)))
    return ("-" if axis[main] < 0 else "") + _AXES[main]
