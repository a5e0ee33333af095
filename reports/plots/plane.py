"""The plane of a swing, seen along its own edge."""

from typing import NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomech.arrays import to_array
from biomech.errors import SchemaError
from biomech.schema import POSES, Poses
from reports.plots.curves import thinned
from reports.plots.svg import figure
from reports.style import ACCENT, MUTED, RC

Array = NDArray[np.float64]

#: Fewer points than this make no line.
_LEAST_POINTS = 4


class _Line(NamedTuple):
    """A line in the picture: through a point, along a direction."""

    point: Array
    direction: Array


def plot_swing_plane(
    poses: Poses,
    /,
    *,
    keypoint: str,
    start_s: float,
    end_s: float,
    slope_deg: float | None = None,
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw the path of a point, the line or plane it moves in, and its slope.

    In two dimensions the line of least squares is drawn through the picture, as the
    camera saw it. In three, the plane of least squares is looked at along its own
    horizontal line, where it shows as a line.

    Parameters
    ----------
    poses
        A `poses` table of one track.
    keypoint
        The point, such as ``"club_head"``; ``"hands"`` is the middle of both wrists.
    start_s, end_s
        The part of the path that lies in the plane, in seconds: for golf from
        mid_downswing to mid_follow_through (hands: to impact).
    slope_deg
        Of the line, as a metric measured it; by default that of the least squares.
    title
        Of the figure.
    ax
        Where to draw; a new figure if not given.

    Returns
    -------
    The axes, with equal scales; the label of the line is the slope in degrees.

    Raises
    ------
    SchemaError
        If `poses` is no poses table, or fewer than four points lie between the times.
    SkeletonError
        If the point is missing.
    """
    POSES.check(poses)
    names = ["left_wrist", "right_wrist"] if keypoint == "hands" else [keypoint]
    array = to_array(poses.sort("frame"), keypoints=names)
    xyz = array.xyz.mean(axis=1)
    time = array.frames["time_s"].to_numpy()
    inside = (time >= start_s) & (time <= end_s) & np.isfinite(xyz).all(axis=1)
    if inside.sum() < _LEAST_POINTS:
        msg = f"{int(inside.sum())} points of {keypoint!r} lie between {start_s} and "
        msg += f"{end_s} s; a plane needs at least {_LEAST_POINTS}"
        raise SchemaError(msg)
    flat = _edge_on(xyz, xyz[inside]) if xyz.shape[1] == 3 else xyz
    line = _fitted(flat[inside], slope_deg)
    ax = figure(4.8, 3.0) if ax is None else ax
    with mpl.rc_context(RC):
        _draw(ax, time, flat, inside, line)
        if array.unit == "px":
            ax.invert_yaxis()
        ax.set_xlabel(f"across ({array.unit})")
        ax.set_ylabel(f"height ({array.unit})")
        ax.set_title(title)
    return ax


def _edge_on(xyz: Array, inside: Array) -> Array:
    """Look along the horizontal line of the plane through some points."""
    centred = inside - inside.mean(axis=0)
    normal = np.linalg.svd(centred, full_matrices=False)[2][-1]
    along = np.array([normal[0], normal[2]])  # horizontal, across the plane's line
    length = np.linalg.norm(along)
    across = along / length if length > 0 else np.array([1.0, 0.0])
    return np.column_stack([xyz[:, [0, 2]] @ across, xyz[:, 1]])


def _fitted(points: Array, slope_deg: float | None) -> _Line:
    middle = points.mean(axis=0)
    direction = np.linalg.svd(points - middle, full_matrices=False)[2][0]
    if slope_deg is not None:
        rise = np.copysign(np.radians(slope_deg), direction[0] * direction[1])
        direction = np.array([np.cos(rise), np.sin(rise)])
    return _Line(middle, direction)


def _slope_deg(direction: Array) -> float:
    """Give the slope of a direction in the picture, 0 level to 90 upright."""
    return float(np.degrees(np.arctan2(abs(direction[1]), abs(direction[0]))))


def _draw(
    ax: Axes, time: Array, flat: Array, inside: NDArray[np.bool_], line: _Line
) -> None:
    _, x, y = thinned(time, flat[:, 0], flat[:, 1])
    ax.plot(x, y, color=MUTED, linewidth=0.9, label="path")
    part = flat[inside]
    ax.plot(part[:, 0], part[:, 1], color=ACCENT, linewidth=2.2)
    along = (part - line.point) @ line.direction
    reach = 0.15 * float(np.ptp(along))
    ends = np.array([along.min() - reach, along.max() + reach])
    drawn = line.point + ends[:, None] * line.direction
    ax.plot(
        drawn[:, 0],
        drawn[:, 1],
        color=ACCENT,
        linestyle=(0, (4, 2)),
        label=f"{_slope_deg(line.direction):.0f}°",
    )
    ax.set_aspect("equal", adjustable="datalim")
    ax.legend(loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=2, borderpad=0.0)
