"""From the picture to the ground: where people stand, in metres."""

from typing import NamedTuple

import numpy as np
import polars as pl
import polars.selectors as cs
import scipy
from numpy.typing import NDArray

from biomech.arrays import keypoints_of, to_array, unit_of_poses
from biomech.blocks import by_time, series_of
from biomech.body import SIDES
from biomech.errors import ConfigError, UnitError
from biomech.kernels.homography import Homography, fit, locate
from biomech.schema import FRAME, POSES, Poses, Signals
from biomech.table import Column, TableSchema

Array = NDArray[np.float64]

_POINTS = TableSchema(
    name="ground points",
    version=1,
    columns={
        "x_px": Column(pl.Float64, "to the right in the picture"),
        "y_px": Column(pl.Float64, "down in the picture"),
        "x_m": Column(pl.Float64, "on the ground, along any line"),
        "y_m": Column(pl.Float64, "on the ground, square to it"),
    },
    key=("x_m", "y_m", "time_s"),
)
#: A person points at the corner of a line to about this, one standard deviation.
CLICK_SD_PX = 1.0
#: Points off by more than this share of their spread are not those of one plane.
WORST_FIT = 0.05
#: Keypoints miss joint centres by 1.2 % of body height.
KEYPOINT_SD_M = 0.02
#: Ankles are this high: 0.039 of body height (Winter 2009, figure 4.1).
ANKLE_M = 0.068
#: Rows projected at once: 1 kB each.
_BLOCK = 50_000
#: A place less certain than this is none: its pixel lies near the horizon.
WORST_SD_M = 1.0


def ground_plane(points: pl.DataFrame, /) -> pl.DataFrame:
    """Say how well points describe the ground.

    Parameters
    ----------
    points
        One row per point: ``x_px, y_px`` in the picture and ``x_m, y_m`` on the ground,
        in any rectangular axes. At least four, of which no three on a line. For a
        camera that moves, also ``time_s``: the same points again at other times.

    Returns
    -------
    One row, or one per time: ``time_s`` (null for a camera that stands), ``n_points``,
    ``rms_px`` (distance between points and fit; four points always fit), ``condition``
    (10 for a court seen from the side, thousands for points almost on a line) and
    ``plane_sd_m`` (how uncertain the middle of the points is).

    Raises
    ------
    SchemaError
        If a column is missing.
    ConfigError
        If the points show no plane, or not the same one.

    Examples
    --------
    >>> corners = pl.DataFrame(
    ...     {
    ...         "x_px": [100, 500, 500, 100],
    ...         "y_px": [100, 100, 300, 300],
    ...         "x_m": [0, 4, 4, 0],
    ...         "y_m": [2, 2, 0, 0],
    ...     }
    ... )
    >>> ground_plane(corners).select("n_points", pl.col("plane_sd_m").round(4)).row(0)
    (4, 0.0071)
    """
    seen = _sightings(points)
    plane = _plane(seen)
    n_points = np.isfinite(plane.off_px).sum(axis=1)
    middle = locate(plane, plane.picture[:, :2])
    columns = {
        "time_s": seen.time_s,
        "rms_px": _rms(plane),
        "condition": plane.condition,
        "plane_sd_m": _spread(middle.covariance) * _click_sd(plane),
    }
    found = pl.DataFrame(series_of(np.stack([*columns.values()], 1), [*columns]))
    counts = pl.Series("n_points", n_points, pl.Int32)
    return found.insert_column(1, counts).filter(counts >= 4)


def ground_positions(poses: Poses, points: pl.DataFrame, /) -> Signals:
    """Find where on the ground everybody is, frame by frame.

    Parameters
    ----------
    poses
        A `poses` table in pixels with ankles, from the camera that sees the points.
    points
        As for `ground_plane`. Between the times at which a point is given it moves on a
        cubic spline; before the first and after the last it is not known.

    Returns
    -------
    A `signals` table, sorted by clip, track and frame: ``ground_x_m, ground_y_m``,
    ``ground_sd_m`` (from the keypoints, one coordinate) and ``ground_plane_sd_m`` (from
    the points, much the same in all frames). Null without both ankles, and where the
    place is less certain than 1 m, as near the horizon.

    Raises
    ------
    SchemaError
        If a table is not what it should be, or time does not grow.
    UnitError
        If the poses are not in pixels.
    ConfigError
        If the points show no plane, or not the same one.

    Notes
    -----
    The foot point is the middle of both ankles across the picture, at the height of the
    lower one: a foot in the air would be projected far behind the person. It is brought
    down by the 0.068 m that an ankle is above the ground.
    """
    POSES.check(poses)
    if unit_of_poses(poses) != "px":
        msg = "these poses are in metres already"
        raise UnitError(msg)
    seen = _sightings(points)
    plane = _plane(seen)
    ordered, _ = by_time(poses)
    feet = _foot_points(ordered)
    stands = len(seen.time_s) == 1
    if not stands:
        times = ordered["time_s"].to_numpy()
        when, row = np.unique(times, return_inverse=True)
        plane = fit(seen.xy_m, _moved(seen, when))
    block = np.empty((ordered.height, 4))
    for start in range(0, ordered.height, _BLOCK):
        part = slice(start, start + _BLOCK)
        block[part] = _placed(feet[part], plane if stands else plane.at(row[part]))
    names = ["ground_x_m", "ground_y_m", "ground_sd_m", "ground_plane_sd_m"]
    return ordered.select(*FRAME, "time_s").with_columns(series_of(block, names))


class _Sightings(NamedTuple):
    """Ground points as arrays.

    ``time_s`` has the shape (times,), NaN for a camera that stands; ``xy_m`` (points,
    2) and ``xy_px`` (times, points, 2), NaN where a point is not given.
    """

    time_s: Array
    xy_m: Array
    xy_px: Array


def _sightings(points: pl.DataFrame) -> _Sightings:
    """Order points by place and time, refusing what makes no sense."""
    numbers = points.with_columns(cs.integer().cast(pl.Float64))
    _POINTS.check(numbers)
    if "time_s" not in numbers.columns:
        numbers = numbers.with_columns(time_s=pl.lit(None, pl.Float64))
    _check_values(numbers)
    places = numbers.select("x_m", "y_m").unique(maintain_order=True)
    times = numbers.select("time_s").unique().sort("time_s")
    grid = times.join(places, how="cross").join(
        numbers, on=["x_m", "y_m", "time_s"], how="left", nulls_equal=True
    )
    xy_px = grid.select("x_px", "y_px").to_numpy().reshape(len(times), len(places), 2)
    found = _Sightings(times["time_s"].to_numpy(), places.to_numpy(), xy_px)
    return found._replace(xy_px=_moved(found, found.time_s))


def _check_values(points: pl.DataFrame) -> None:
    problems = []
    values = points.select(*_POINTS.columns)
    known = pl.all_horizontal(pl.all().is_finite().fill_null(value=False))
    if not values.select(known.all()).item():
        problems.append("a coordinate is missing or not finite")
    if 0 < points["time_s"].null_count() < points.height:
        problems.append("some have a time and some have none")
    if points.select(_POINTS.key).is_duplicated().any():
        problems.append("a place on the ground is given twice at the same time")
    if (n := points.select("x_m", "y_m").n_unique()) < 4:
        problems.append(f"there are {n}, needed are 4 or more")
    if problems:
        msg = "ground points: " + "; ".join(problems)
        raise ConfigError(msg)


def _moved(seen: _Sightings, when: Array) -> Array:
    """Follow every point through time, shape (when, points, 2)."""
    if len(seen.time_s) == 1:
        return seen.xy_px
    out = np.full((len(when), len(seen.xy_m), 2), np.nan)
    for k, path in enumerate(seen.xy_px.swapaxes(0, 1)):
        given = np.isfinite(path).all(axis=1)
        known, places = seen.time_s[given], path[given]
        inside = (when >= known[0]) & (when <= known[-1])
        order = min(3, len(known) - 1)
        spline = scipy.interpolate.make_interp_spline(known, places, k=order)
        out[inside, k] = spline(when[inside])
    return out


def _plane(seen: _Sightings) -> Homography:
    """Fit the ground at the times given, and refuse points that show none."""
    plane = fit(seen.xy_m, seen.xy_px)
    enough = np.isfinite(seen.xy_px).all(axis=2).sum(axis=1) >= 4
    middle = locate(plane, plane.picture[:, :2])
    lost = enough & ~(_spread(middle.covariance) * _click_sd(plane) < WORST_SD_M)
    if lost.any() or not enough.any():
        problem = (
            "show no plane; needed are four or more at a time, of which no three lie "
            "on a line, each with its own place on the ground"
        )
    elif (_rms(plane) > WORST_FIT * plane.picture[:, 2]).any():
        off_px = np.nan_to_num(plane.off_px)
        worst = np.unravel_index(off_px.argmax(), off_px.shape)
        x, y = seen.xy_m[worst[1]]
        problem = (
            f"do not fit one plane; the worst is that at {x:g}, {y:g} m on the ground, "
            f"{off_px[worst]:.0f} px from where the others put it"
        )
    else:
        return plane
    msg = f"the ground points {problem}"
    raise ConfigError(msg)


def _rms(plane: Homography) -> Array:
    """Give the root mean square distance of points and fit, shape (frames,)."""
    n = np.maximum(np.isfinite(plane.off_px).sum(axis=1), 1)
    return np.asarray(np.sqrt(np.nansum(plane.off_px**2, axis=1) / n))


def _click_sd(plane: Homography) -> Array:
    """Error of one coordinate of a point, from the fit where it can tell."""
    n_free = 2 * np.isfinite(plane.off_px).sum(axis=1) - 8
    told = np.sqrt(np.nansum(plane.off_px**2, axis=1) / np.maximum(n_free, 1))
    return np.maximum(np.where(n_free > 0, told, 0.0), CLICK_SD_PX)


def _spread(covariance: Array) -> Array:
    """Give the standard deviation of one coordinate, the mean of both."""
    return np.asarray(np.sqrt(np.trace(covariance, axis1=-2, axis2=-1) / 2))


def _foot_points(poses: Poses) -> Array:
    """Give the middle of both ankles at the height of the lower, shape (frames, 2)."""
    ankles = [f"{side}_ankle" for side in SIDES]
    if not set(ankles) <= set(keypoints_of(poses)):
        return np.full((poses.height, 2), np.nan)
    xy = to_array(poses, keypoints=ankles).xyz
    return np.column_stack([xy[..., 0].mean(axis=1), xy[..., 1].max(axis=1)])


def _placed(feet: Array, plane: Homography) -> Array:
    """Project foot points: x, y, their uncertainty from keypoints and from points."""
    lowered = feet.copy()
    lowered[:, 1] += ANKLE_M * _px_per_m(locate(plane, feet).per_px)
    found = locate(plane, lowered)
    noise_px = KEYPOINT_SD_M * _px_per_m(found.per_px)
    sd = noise_px * _spread(found.per_px @ found.per_px.swapaxes(-1, -2))
    plane_sd = _spread(found.covariance) * _click_sd(plane)
    block = np.column_stack([found.xy_m, sd, plane_sd])
    block[~(np.hypot(sd, plane_sd) < WORST_SD_M)] = np.nan
    return block


def _px_per_m(per_px: Array) -> Array:
    """Scale across the picture, where the ground is neither near nor far."""
    return np.asarray(1 / np.linalg.norm(per_px[:, :, 0], axis=1))
