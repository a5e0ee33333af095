"""From pixels to metres: body height, a known length, the line of the ground."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import PoseArray, dims_of, to_array, unit_of_poses
from biomech.blocks import by_time
from biomech.body import ANKLE_HEIGHT, SIDES, built_height, point_of
from biomech.errors import ConfigError, UnitError
from biomech.kernels.geometry import fit_line, rotation_2d
from biomech.kernels.signal import derivative
from biomech.schema import POSES, TRACK, Poses, keypoint_columns

Array = NDArray[np.float64]

#: How far (thigh + shank + trunk) of a grown person may be from 0.779 of body height,
#: as one standard deviation: 2 % between people of one height (the trunk and the legs
#: vary against each other, which their sum forgives), 3 % because keypoints sit beside
#: the joint centres (30 to 50 mm at hip and knee: Needham et al. 2021, Sci Rep
#: 11:20673, doi 10.1038/s41598-021-00212-x).
BUILD_SD = 0.036
#: Heights people have; beyond, a number was given in another unit.
PLAUSIBLE_M = (0.5, 2.6)
#: A foot that moves slower than this many body heights per second stands (1 m/s).
STANDING_BH_S = 0.57
#: A ground that is steeper is no ground but an error.
STEEPEST_DEG = 15.0


def body_scale(poses: Poses, /, *, height_m: float) -> pl.DataFrame:
    """Find the scale of each track from the height of the person.

    Parameters
    ----------
    poses
        A `poses` table in pixels; smoothed, for noise makes segments longer.
    height_m
        Body height in metres, the same for all tracks: filter the table for others.

    Returns
    -------
    One row per track: ``clip_id, track_id, scale_px_m`` (pixels per metre; null without
    hips, knees, ankles and shoulders), ``scale_sd_px_m`` and ``n_frames`` behind it.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table.
    UnitError
        If it is not in pixels.
    ConfigError
        If the height is none that people have.

    Notes
    -----
    Thigh, shank and trunk together are 0.779 of body height. Their sum is taken in
    every frame; its upper quartile over the frames counts, because a segment can only
    look too short. The standard deviation is 3.6 % for build and keypoints, and the
    spread of the sum over the frames, which is large when the person comes nearer.

    References
    ----------
    Winter (2009), Biomechanics and Motor Control of Human Movement, figure 4.1.
    """
    POSES.check(poses)
    _need_pixels(poses)
    low, high = PLAUSIBLE_M
    if not low <= height_m <= high:
        msg = f"height_m is {height_m}, allowed is {low} to {high} metres"
        raise ConfigError(msg)
    ordered, tracks = by_time(poses)
    height_px = built_height(to_array(ordered))
    rows = []
    for part in tracks:
        seen = height_px[part][np.isfinite(height_px[part])]
        rows.append(_scale(seen, height_m))
    schema = {
        "scale_px_m": pl.Float64,
        "scale_sd_px_m": pl.Float64,
        "n_frames": pl.Int32,
    }
    keys = ordered.select(TRACK)[[part.start for part in tracks]]
    return pl.concat([keys, pl.DataFrame(rows, schema, orient="row")], how="horizontal")


def _scale(seen: Array, height_m: float) -> tuple[float | None, float | None, int]:
    if seen.size == 0:
        return None, None, 0
    quarter, middle, most = np.quantile(seen, [0.25, 0.5, 0.75])
    spread = (most - quarter) / 1.349 / middle  # of a normal distribution
    scale = float(most / height_m)
    return scale, scale * float(np.hypot(BUILD_SD, spread)), int(seen.size)


def length_scale(
    start_px: Sequence[float], end_px: Sequence[float], /, *, length_m: float
) -> float:
    """Find the scale from two points of known distance, at the depth of the person.

    Parameters
    ----------
    start_px, end_px
        The points, (x, y).
    length_m
        Their distance in metres.

    Returns
    -------
    Pixels per metre.

    Raises
    ------
    ConfigError
        If the points are the same or the length is not positive.

    Examples
    --------
    >>> length_scale((100, 700), (700, 700), length_m=2.0)
    300.0
    """
    span = float(np.hypot(*np.subtract(end_px, start_px)))
    if not (span > 0 and length_m > 0):
        msg = f"needed are two points and length_m > 0; found {span:g} px, {length_m} m"
        raise ConfigError(msg)
    return span / length_m


def ground_line(poses: Poses, /) -> pl.DataFrame:
    """Find the line on which the feet of each track stand.

    Parameters
    ----------
    poses
        A `poses` table in pixels or in metres of two dimensions; smoothed, from a
        camera that does not move.

    Returns
    -------
    One row per track: ``clip_id, track_id, ground_x_<unit>, ground_y_<unit>`` (a point
    of the line), ``ground_angle_deg`` (anticlockwise as seen; 0 where the feet did not
    move over the ground), ``ground_angle_sd_deg`` and ``n_points``; null without feet
    that stand.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    UnitError
        If the poses have three dimensions.

    Notes
    -----
    Toes and heels slower than 0.57 body heights per second stand. Of each foot and
    frame the lower one is taken; the line is a robust total least squares fit. Without
    toes and heels the ankles are taken and lowered by 0.039 body heights. The angle is
    believed only if the feet cover half a body height and it is less than 15 degrees.
    """
    POSES.check(poses)
    if dims_of(poses) == 3:
        msg = "the ground of poses in three dimensions is y_m = 0, not a line"
        raise UnitError(msg)
    ordered, tracks = by_time(poses)
    array = to_array(ordered)
    unit = array.unit
    rows = []
    for part in tracks:
        one = array._replace(xyz=array.xyz[part], frames=array.frames[part])
        found = _ground(one)
        rows.append(found if found.n_points else (None,) * 4 + (0,))
    names = [f"ground_x_{unit}", f"ground_y_{unit}", "ground_angle_deg"]
    names.append("ground_angle_sd_deg")
    schema = {**dict.fromkeys(names, pl.Float64), "n_points": pl.Int32}
    keys = ordered.select(TRACK)[[part.start for part in tracks]]
    return pl.concat([keys, pl.DataFrame(rows, schema, orient="row")], how="horizontal")


class _Ground(NamedTuple):
    """A line: a point, its direction, and how sure that is."""

    x: float
    y: float
    angle_deg: float
    angle_sd_deg: float
    n_points: int


def _ground(array: PoseArray) -> _Ground:
    """Fit the ground of one track, in the axes of the table."""
    down = 1.0 if array.unit == "px" else -1.0
    height = built_height(array)
    size = float(np.nanmedian(height)) if np.isfinite(height).any() else np.nan
    standing = [_standing(array, side, down, size) for side in SIDES]
    points = np.concatenate(standing)
    if len(points) < 2:
        return _Ground(np.nan, np.nan, np.nan, np.nan, 0)
    level = np.median(points, axis=0)
    points = points[np.abs(points[:, 1] - level[1]) < 0.25 * size]
    weights = np.ones(len(points))
    for _ in range(5):  # Huber's weights settle within a few rounds
        fit = fit_line(points, weights=weights)
        if not np.isfinite(fit.direction).all():
            break
        off = np.abs((points - fit.center) @ [-fit.direction[1], fit.direction[0]])
        scale = max(1.4826 * float(np.median(off)), 1e-9 * size)
        weights = np.minimum(1.0, 1.345 * scale / np.maximum(off, 1e-12))
    angle = -down * float(np.degrees(np.arctan2(fit.direction[1], fit.direction[0])))
    wide = np.ptp(points[:, 0]) > 0.5 * size
    if not wide or not abs(angle) < STEEPEST_DEG:
        x, y = np.median(points, axis=0)
        return _Ground(float(x), float(y), 0.0, STEEPEST_DEG / 3, len(points))
    x, y = fit.center
    return _Ground(float(x), float(y), angle, fit.sd_deg, len(points))


def _standing(array: PoseArray, side: str, down: float, size: float) -> Array:
    """Lowest points of one foot while it stands, shape (n, 2)."""
    time = array.time_s
    names = [n for n in (f"{side}_heel", f"{side}_big_toe") if n in array.keypoints]
    drop = 0.0 if names else ANKLE_HEIGHT * size * down
    points = [point_of(array, n) for n in names or [f"{side}_ankle"]]
    slow = [
        np.linalg.norm(derivative(p, time), axis=-1) < STANDING_BH_S * size
        for p in points
    ]
    candidates = np.stack(
        [np.where(s[:, None], p, np.nan) for p, s in zip(points, slow, strict=True)]
    )
    depth = np.nan_to_num(candidates[..., 1] * down, nan=-np.inf)
    lowest = candidates[depth.argmax(axis=0), np.arange(len(time))]
    found = lowest[np.isfinite(lowest).all(axis=1)]
    return np.asarray(found + np.array([0.0, drop]))


def to_metres(
    poses: Poses,
    /,
    *,
    height_m: float | None = None,
    scale_px_m: float | None = None,
    level: bool = True,
) -> Poses:
    """Turn pixels into metres: X to the right, Y up, the ground at Y = 0.

    Parameters
    ----------
    poses
        A `poses` table in pixels; smoothed.
    height_m
        Body height, from which `body_scale` finds the scale of every track.
    scale_px_m
        Or the scale itself, in pixels per metre, as from `length_scale`.
    level
        Whether to turn the picture so that the ground is level.

    Returns
    -------
    The `poses` table in metres. X is 0 at the left edge of the picture, so that tracks
    keep their distance. Standard deviations are turned into metres too. Null where the
    scale or the ground of a track cannot be found.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    UnitError
        If it is not in pixels.
    ConfigError
        If not exactly one of ``height_m`` and ``scale_px_m`` is given, or it is
        impossible.

    Notes
    -----
    One scale per track: right for movement across the picture, at one depth. A limb
    0.09 m nearer to a camera at 4 m looks 2.3 % longer.
    """
    POSES.check(poses)
    _need_pixels(poses)
    if (height_m is None) == (scale_px_m is None):
        msg = f"give height_m or scale_px_m; found {height_m} and {scale_px_m}"
        raise ConfigError(msg)
    if scale_px_m is not None and not scale_px_m > 0:
        msg = f"scale_px_m is {scale_px_m}, allowed is more than 0"
        raise ConfigError(msg)
    ordered, tracks = by_time(poses)
    array = to_array(ordered)
    ground = ground_line(ordered)
    scales = (
        body_scale(ordered, height_m=height_m)["scale_px_m"].to_list()
        if height_m is not None
        else [scale_px_m] * len(tracks)
    )
    metre = np.full(ordered.height, np.nan)
    for part, scale, line in zip(
        tracks, scales, ground.iter_rows(named=True), strict=True
    ):
        place = array.xyz[part]  # changed where it lies: long recordings are large
        if scale is None or line["ground_y_px"] is None:
            place[:] = np.nan
            continue
        angle = line["ground_angle_deg"] if level else 0.0
        place -= [line["ground_x_px"], line["ground_y_px"]]
        place[:] = place @ (np.diag([1.0, -1.0]) @ rotation_2d(-angle).T / scale)
        place[..., 0] += line["ground_x_px"] / scale
        metre[part] = 1.0 / scale
    return _in_metres(ordered, array.keypoints, array.xyz, metre)


def _in_metres(
    poses: Poses, keypoints: tuple[str, ...], xyz: Array, metre: Array
) -> Poses:
    """Replace the columns of pixels by columns of metres, in their places."""
    parts = keypoint_columns(poses.columns)
    new: dict[str, pl.Series] = {}
    for k, name in enumerate(keypoints):
        for i, axis in enumerate("xy"):
            old = parts[name][f"{axis}_px"]
            values = pl.Series(f"{name}_{axis}_m", xyz[:, k, i], nan_to_null=True)
            new[old] = values.cast(poses.schema[old])
    for old in (f"{name}_sd_px" for name in keypoints):
        if old in poses.columns:
            values = poses[old] * pl.Series(metre, nan_to_null=True)
            new[old] = values.cast(poses.schema[old]).alias(old.replace("_px", "_m"))
    return poses.select(new.get(c, pl.col(c)) for c in poses.columns)


def _need_pixels(poses: Poses) -> None:
    if unit_of_poses(poses) != "px":
        msg = "these poses are in metres already"
        raise UnitError(msg)
