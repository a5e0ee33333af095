"""From where the camera looks at the person: what a picture can show."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import PoseArray, dims_of, to_array
from biomech.blocks import by_time
from biomech.body import built_height, point_of
from biomech.errors import UnitError
from biomech.kernels.runs import usual_step
from biomech.schema import POSES, TRACK, VIEW, Poses

Array = NDArray[np.float64]

#: Distance of the joint centres of both shoulders and both hips over body height, and
#: how much it varies: between people (6 %), and because pose models see the far joint
#: beside where it is. de Leva (1996) for joint centres; own choice of the spread.
WIDTHS = {"shoulder": 0.20, "hip": 0.10}
WIDTH_SD = 0.10
#: Least error of a width: keypoints miss joint centres by 1 % of body height.
POINT_SD_BH = 0.012
#: Sagittal angles are refused from here on: at 30 degrees of yaw the knee is off by 6.
SAGITTAL_DEG = 30.0
#: From here on the body looks into the camera more than past it.
FRONTAL_DEG = 60.0
#: Bent and foreshortened legs make short in some frames of a stride.
_STRIDE_S = 1.0
#: Fewer frames tell nothing.
LEAST_FRAMES = 5


def camera_view(poses: Poses, /) -> pl.DataFrame:
    """Tell for every track how far the camera is from looking at it from the side.

    Parameters
    ----------
    poses
        A `poses` table of two dimensions; smoothed.

    Returns
    -------
    One row per track: ``clip_id, track_id``, ``view`` (``"sagittal"`` up to 30 degrees,
    ``"frontal"`` from 60, ``"oblique"`` between; null when unknown), ``yaw_deg`` (0
    from the side, 90 from the front or behind), ``yaw_sd_deg`` and ``n_frames``.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    UnitError
        If the poses have three dimensions.

    Notes
    -----
    Shoulders are 0.20 and hips 0.10 body heights apart; from the side they hide each
    other, so that their distance in the picture, as a signed median over the frames, is
    the sine of the yaw. Near 90 degrees the sine hardly changes: the standard deviation
    says so. A person who turns during the clip gets the view of most frames.
    """
    POSES.check(poses)
    if dims_of(poses) == 3:
        msg = "poses in three dimensions have no camera; give those of the picture"
        raise UnitError(msg)
    ordered, tracks = by_time(poses)
    array = to_array(ordered)
    rows = []
    for part in tracks:
        one = array._replace(xyz=array.xyz[part], frames=array.frames[part])
        rows.append(_view(one))
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "view": VIEW,
        "yaw_deg": pl.Float64,
        "yaw_sd_deg": pl.Float64,
        "n_frames": pl.Int32,
    }
    keys = ordered.select(TRACK)[[part.start for part in tracks]]
    return pl.concat([keys, pl.DataFrame(rows, schema, orient="row")], how="horizontal")


def _tall(array: PoseArray) -> Array:
    """Give the upper quartile of the height around each frame: who comes near grows."""
    n_frames = 1
    if len(array.time_s) >= LEAST_FRAMES:
        n_frames = max(1, round(_STRIDE_S / usual_step(array.time_s)))
    return (
        pl.Series(built_height(array), nan_to_null=True)
        .rolling_quantile(0.75, window_size=n_frames, min_samples=1, center=True)
        .to_numpy()
    )


def _view(array: PoseArray) -> tuple[str | None, float | None, float | None, int]:
    """Combine what shoulders and hips say, each by its weight."""
    tall = _tall(array)
    sines, weights, n_frames = [], [], 0
    for joint, width in WIDTHS.items():
        left, right = (point_of(array, f"{side}_{joint}") for side in ("left", "right"))
        across = (right - left)[:, 0] / tall / width
        across = across[np.isfinite(across)]
        if len(across) < LEAST_FRAMES:
            continue
        sine = abs(float(np.median(across)))
        sines.append(sine)
        weights.append(1 / ((POINT_SD_BH / width) ** 2 + (WIDTH_SD * sine) ** 2))
        n_frames = max(n_frames, len(across))
    if not sines:
        return None, None, None, n_frames
    sine = float(np.average(sines, weights=weights))
    sd = 1 / np.sqrt(sum(weights))
    yaw = float(np.degrees(np.arcsin(min(sine, 1.0))))
    low, high = (np.degrees(np.arcsin(np.clip(sine + k * sd, 0, 1))) for k in (-1, 1))
    name = "sagittal" if yaw <= SAGITTAL_DEG else "oblique"
    name = "frontal" if yaw >= FRONTAL_DEG else name
    return name, yaw, float(max(yaw - low, high - yaw)), n_frames
