"""The plane of a swing: the path of one point, fitted with a plane or a line."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.errors import SchemaError
from biomech.kernels.geometry import fit_line, fit_plane
from biomech.table import schema_of

Array = NDArray[np.float64]

#: Huber's constant in robust standard deviations: 2.5 gives away under 1 % of the
#: precision on Gaussian noise (1.345, the textbook's, gives away 5 %).
_HUBER = 2.5
_N_ROUNDS = 5
#: The path must be this many times wider than it is thick, and this long, to be flat.
_MIN_FLATNESS = 5.0
_MIN_ARC_DEG = 60.0

_AXES = ("x_m", "y_m", "z_m")


def swing_plane(points: pl.DataFrame, /, *, robust: bool = True) -> pl.DataFrame:
    """Fit the plane of a swing to the path of one point.

    With three coordinates this is a plane by total least squares; give the club head
    between mid-downswing and mid-follow-through for the functional swing plane. With
    two it is a line in the picture, a 2D estimate: it is the plane's slope only for a
    camera that looks along the plane (down the line).

    Slope is 0 for a horizontal plane and 90 for a vertical one. Direction is that of
    the plane's horizontal line: 0 along X (the target), positive to the right (Z).

    Parameters
    ----------
    points
        One row per sample: ``time_s, x_m, y_m`` and, in 3D, ``z_m``; X to the target,
        Y up, Z right, metres. Rows with a null, NaN or infinity are left out; rows are
        sorted by time, those of one moment stay in order.
    robust
        Whether points far off the plane count less (Huber weights).

    Returns
    -------
    One row: ``slope_deg, direction_deg, rms_m`` and their standard deviations
    ``slope_sd_deg, direction_sd_deg, rms_sd_m``, ``max_distance_m``, ``arc_deg`` (how
    far the path turns), ``n_points``, ``kind`` (``"plane"`` or ``"line_2d"``) and
    ``reason``. Where the path does not define a plane (less than 60 degrees of arc, or
    less than five times as wide as thick) the angles are null and the reason is
    ``"not_in_plane"``; with too few points it is ``"low_coverage"``. Direction is null
    in 2D, and for a horizontal plane.

    Raises
    ------
    SchemaError
        If `points` is no table, or a column is missing or is no number.

    Notes
    -----
    Samples are weighted by the length of path they stand for, so that slow parts do
    not dominate. A club head on an arc of 180 degrees and 1 m radius, 25 samples with
    2 cm noise, gives a 95th percentile of 1.5 degrees.

    References
    ----------
    Kwon Y.-H. et al. (2012) Assessment of planarity of the golf swing based on the
    functional swing plane of the clubhead and motion planes of the body points.
    Sports Biomech. 11:127, doi:10.1080/14763141.2012.660799.

    Examples
    --------
    >>> t = np.linspace(0, np.pi, 20)
    >>> circle = pl.DataFrame(
    ...     {"time_s": t, "x_m": np.cos(t), "y_m": np.sin(t), "z_m": -np.sin(t)}
    ... )
    >>> swing_plane(circle).select(pl.col("slope_deg").round(6)).item()
    45.0
    """
    path = _path(points)
    if len(path) < 4:
        return _row(path, reason="low_coverage")
    weights = _path_weights(path)
    if path.shape[1] == 2:
        return _line(path, weights)
    return _plane(path, weights, _N_ROUNDS if robust else 0)


def _path(points: pl.DataFrame) -> Array:
    schema = schema_of(points, "points")
    missing = {"time_s", "x_m", "y_m"} - schema.keys()
    axes = [a for a in _AXES if a in schema]
    wrong = [c for c in ("time_s", *axes) if c in schema and not schema[c].is_numeric()]
    if missing or wrong:
        found = f"missing {sorted(missing)}, not numbers {wrong}"
        msg = f"points need time_s, x_m, y_m[, z_m]; {found}"
        raise SchemaError(msg)
    numbers = points.select(pl.col("time_s", *axes).cast(pl.Float64))
    rows = numbers.sort("time_s", maintain_order=True).to_numpy()
    finite = np.isfinite(rows).all(axis=1)
    path: Array = rows[finite, 1:]
    return path


def _path_weights(path: Array) -> Array:
    """Weight every sample by the path between its neighbours.

    Its own place does not matter: a stray sample would weigh more the farther it is.
    """
    after, before = np.vstack([path[1:], path[-1:]]), np.vstack([path[:1], path[:-1]])
    around: Array = np.linalg.norm(after - before, axis=1)
    return around if around.any() else np.ones(len(path))


def _plane(path: Array, weights: Array, n_rounds: int) -> pl.DataFrame:
    fit = fit_plane(path, weights=weights)
    for _ in range(n_rounds):
        distance = np.abs((path - fit.center) @ fit.normal)
        scale = 1.4826 * float(np.median(distance))
        if not scale > 1e-9:
            break
        huber = np.minimum(1.0, _HUBER * scale / np.maximum(distance, 1e-12))
        fit = fit_plane(path, weights=weights * huber)
    arc_deg = _arc_deg(path)
    flat = fit.spread[1] >= _MIN_FLATNESS * fit.spread[2]
    if not flat or arc_deg < _MIN_ARC_DEG or not np.isfinite(fit.rms):
        return _row(path, arc_deg=arc_deg, rms_m=fit.rms, reason="not_in_plane")
    distance = np.abs((path - fit.center) @ fit.normal)
    slope, direction = _angles(fit.normal)
    slope_sd, direction_sd = _angle_sds(fit.normal, fit.axes, fit.sd_deg)
    return _row(
        path,
        slope_deg=slope,
        direction_deg=direction,
        rms_m=fit.rms,
        slope_sd_deg=slope_sd,
        direction_sd_deg=direction_sd,
        max_distance_m=float(distance.max()),
        arc_deg=arc_deg,
    )


def _angles(normal: Array) -> tuple[float, float]:
    """Turn an upward normal into slope and direction."""
    level = float(np.hypot(normal[0], normal[2]))
    slope = float(np.degrees(np.arctan2(level, normal[1])))
    if level < 1e-6:
        return slope, np.nan
    x, z = -normal[2], normal[0]  # square to the normal and horizontal
    if x < 0 or (x == 0 and z < 0):
        x, z = -x, -z
    return slope, float(np.degrees(np.arctan2(z, x))) + 0.0  # no -0.0


def _angle_sds(normal: Array, axes: Array, sd_deg: Array) -> tuple[float, float]:
    """Carry the tilt errors about the plane's axes over to slope and direction.

    The first tilt moves the normal along the first axis, the second along the second;
    derivatives are central differences of 0.01 degree.
    """
    step = np.radians(0.01)
    variance = np.zeros(2)
    for tilt_sd, along in zip(sd_deg, axes, strict=True):
        sides = [_angles(_unit(normal + s * step * along)) for s in (-1.0, 1.0)]
        change = np.array(sides[1]) - np.array(sides[0])
        change[1] = (change[1] + 90.0) % 180.0 - 90.0
        variance += (change / 0.02 * tilt_sd) ** 2
    slope_sd, direction_sd = np.sqrt(variance)
    return float(slope_sd), float(direction_sd)


def _unit(v: Array) -> Array:
    unit: Array = v / np.linalg.norm(v)
    return unit


def _arc_deg(path: Array) -> float:
    """Sum how far the direction of the path turns, on chords of a tenth of it."""
    length = np.concatenate(
        ([0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1)))
    )
    even = np.linspace(0.0, length[-1], 11)
    chords = np.diff(
        np.stack([np.interp(even, length, axis) for axis in path.T], axis=1), axis=0
    )
    norms = np.linalg.norm(chords, axis=1)
    if not (norms > 0).all():
        return 0.0
    chords /= norms[:, None]
    turns = np.arccos(np.clip((chords[1:] * chords[:-1]).sum(axis=1), -1, 1))
    # Nine turns between ten chords: the ends' half chords turn as well.
    return float(np.degrees(turns.sum()) * 10 / 9)


def _line(path: Array, weights: Array) -> pl.DataFrame:
    fit = fit_line(path, weights=weights)
    if not np.isfinite(fit.rms):
        return _row(path, reason="low_coverage")
    slope = float(np.degrees(np.arctan2(abs(fit.direction[1]), abs(fit.direction[0]))))
    across = np.array([-fit.direction[1], fit.direction[0]])
    distance = np.abs((path - fit.center) @ across)
    return _row(
        path,
        slope_deg=slope,
        slope_sd_deg=fit.sd_deg,
        rms_m=fit.rms,
        max_distance_m=float(distance.max()),
        arc_deg=_arc_deg(path),
    )


def _row(
    path: Array,
    *,
    slope_deg: float = np.nan,
    direction_deg: float = np.nan,
    rms_m: float = np.nan,
    slope_sd_deg: float = np.nan,
    direction_sd_deg: float = np.nan,
    max_distance_m: float = np.nan,
    arc_deg: float = np.nan,
    reason: str | None = None,
) -> pl.DataFrame:
    """Lay out the result; the rms of n points has n - dims degrees of freedom."""
    n, dims = path.shape
    free = max(n - dims, 1)
    floats = {
        "slope_deg": slope_deg,
        "direction_deg": direction_deg,
        "rms_m": rms_m,
        "slope_sd_deg": slope_sd_deg,
        "direction_sd_deg": direction_sd_deg,
        "rms_sd_m": rms_m / np.sqrt(2 * free),
        "max_distance_m": max_distance_m,
        "arc_deg": arc_deg,
    }
    return pl.DataFrame(
        {name: pl.Series([value], dtype=pl.Float64) for name, value in floats.items()}
    ).with_columns(
        pl.all().fill_nan(None),
        n_points=pl.lit(n, pl.Int32),
        kind=pl.lit("plane" if dims == 3 else "line_2d"),
        reason=pl.lit(reason, pl.String),
    )
