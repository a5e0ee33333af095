"""Paths of points in the picture or in space, seen from the side."""

from collections.abc import Sequence

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from biomech.arrays import to_array
from biomech.schema import POSES, Poses
from reports.plots.curves import thinned
from reports.plots.svg import figure
from reports.style import RC, colour_of


def plot_path(
    poses: Poses,
    /,
    *,
    keypoints: Sequence[str],
    title: str = "",
    ax: Axes | None = None,
) -> Axes:
    """Draw where keypoints went, as the camera saw it.

    Parameters
    ----------
    poses
        A `poses` table of one track, pixels or metres.
    keypoints
        Whose paths to draw.
    title
        Of the figure.
    ax
        Where to draw; a new figure if not given.

    Returns
    -------
    The axes, with equal scales; up is up.

    Raises
    ------
    SchemaError
        If `poses` is no poses table.
    SkeletonError
        If a keypoint is missing.
    """
    POSES.check(poses)
    array = to_array(poses.sort("frame"), keypoints=keypoints)
    ax = figure(4.8, _height(array.xyz)) if ax is None else ax
    with mpl.rc_context(RC):
        for i, name in enumerate(keypoints):
            time = array.frames["time_s"].to_numpy()
            _, x, y = thinned(time, array.xyz[:, i, 0], array.xyz[:, i, 1])
            ax.plot(
                x, y, linewidth=1.1, color=colour_of(name), label=name.replace("_", " ")
            )
        ax.set_aspect("equal", adjustable="datalim")
        if array.unit == "px":
            ax.invert_yaxis()
        ax.set_xlabel(f"across ({array.unit})")
        ax.set_ylabel(f"height ({array.unit})")
        ax.set_title(title)
        ax.legend(
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            ncols=3,
            borderpad=0.0,
            handlelength=1.2,
        )
    return ax


def _height(xyz: NDArray[np.float64]) -> float:
    """Choose the height of a figure, in inches, by the shape of what it shows."""
    x, y = (xyz[..., i][np.isfinite(xyz[..., i])] for i in (0, 1))
    if len(x) == 0 or np.ptp(x) == 0:
        return 3.0
    return float(np.clip(0.9 + 4.2 * np.ptp(y) / np.ptp(x), 1.5, 3.4))
