"""Smoothing poses over time, with what is left of the noise."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.arrays import axes_of, coordinate_columns, to_array
from biomech.bands import Band, band_of, bands_of, max_gap_of
from biomech.blocks import along_time, by_time, series_of
from biomech.errors import ConfigError, did_you_mean
from biomech.kernels import signal
from biomech.kernels.filters import HIGHEST_CUTOFF, Convention
from biomech.kernels.median import rolling_median
from biomech.kernels.runs import usual_step
from biomech.kernels.smoothing import gcv_spline, rts
from biomech.schema import POSES, Poses

Array = NDArray[np.float64]
Method = Literal["rts", "butterworth", "savitzky_golay", "gcv_spline", "median"]

#: Samples (frames times keypoints) smoothed at once: bounds the memory, about 300 bytes
#: each, and leaves recordings below ten minutes whole.
_MOST_SAMPLES = 400_000
METHODS = ("rts", "butterworth", "savitzky_golay", "gcv_spline", "median")
#: Which methods have which knob.
_METHODS_WITH = {
    "cutoff_hz": ("rts", "butterworth"),
    "convention": ("butterworth",),
    "window_s": ("savitzky_golay", "median"),
    "polyorder": ("savitzky_golay",),
    "max_gap_s": ("rts",),
}


def smooth(
    poses: Poses,
    /,
    *,
    method: Method = "rts",
    activity: str = "none",
    cutoff_hz: float | Band | None = None,
    convention: Convention | None = None,
    window_s: float | None = None,
    polyorder: int | None = None,
    max_gap_s: float | None = None,
) -> Poses:
    """Smooth the path of every keypoint.

    Parameters
    ----------
    poses
        A `poses` table.
    method
        ``"rts"``: smoother with white jerk that finds its strength between the cut-offs
        of the activity, trusts confident points more, and says how sure it is.
        ``"butterworth"``: fixed cut-off, zero lag, order 4. ``"savitzky_golay"``:
        moving polynomial. ``"gcv_spline"``: cubic spline by cross-validation.
        ``"median"``: moving median.
    activity
        Sets cut-offs and gap limits by body part, see `biomech.BANDS`.
    cutoff_hz
        Instead of those: one cut-off, or the lowest and highest for ``"rts"``.
    convention
        Of ``"butterworth"``: see `biomech.lowpass`; by default ``"effective"``.
    window_s
        Of ``"savitzky_golay"`` and ``"median"``; by default 0.12 s.
    polyorder
        Of ``"savitzky_golay"``; by default 3.
    max_gap_s
        Longest gap that ``"rts"`` fills, instead of the activity's. Other methods fill
        nothing: use `biomech.fill_gaps` before.

    Returns
    -------
    The `poses` table, sorted by clip, track and frame. With ``"rts"`` also the standard
    deviation of each coordinate, ``<keypoint>_sd_px`` or ``_sd_m``.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    ConfigError
        If a knob is unknown, of another method, or impossible at this frame rate.

    Notes
    -----
    Cut-offs are frequencies of 3 dB. Those of an activity that a low frame rate cannot
    show are lowered to 0.45 of it; cut-offs given by you are refused instead. The
    standard deviations hold for white noise and for jitter that lasts up to 0.1 s (90 %
    intervals hold 83 to 98 % of the truth); they know little of wandering over 0.3 s
    (57 to 74 %), which looks like movement, and nothing of constant offsets of a
    keypoint from the joint.

    For the filters of Sports2D and Pose2Sim take: Butterworth, ``"butterworth"`` with
    the convention ``"per_pass"``; Kalman and acceleration-minimising (Whittaker),
    ``"rts"`` with one ``cutoff_hz``, which evens out the jerk; GCV spline,
    ``"gcv_spline"``; median, ``"median"``; LOESS of 5 frames and Gaussian of 1 frame,
    ``"savitzky_golay"`` with a window of 5 frames and ``polyorder=1``. Not offered are
    One-Euro, made for live pictures, and Butterworth on the speed, which drifts.
    """
    return smoothing(
        poses,
        method=method,
        activity=activity,
        cutoff_hz=cutoff_hz,
        convention=convention,
        window_s=window_s,
        polyorder=polyorder,
        max_gap_s=max_gap_s,
    ).poses


class Smoothing(NamedTuple):
    """Smoothed poses, and the cut-off of every keypoint, the median of all tracks."""

    poses: Poses
    cutoff_hz: dict[str, float]


def smoothing(
    poses: Poses,
    /,
    *,
    method: Method = "rts",
    activity: str = "none",
    cutoff_hz: float | Band | None = None,
    convention: Convention | None = None,
    window_s: float | None = None,
    polyorder: int | None = None,
    max_gap_s: float | None = None,
) -> Smoothing:
    """Smooth as `smooth` does, and tell the cut-offs that were used."""
    POSES.check(poses)
    if method not in METHODS:
        msg = f"unknown method {method!r}" + did_you_mean(method, METHODS)
        raise ConfigError(msg)
    _refuse_foreign(
        method,
        cutoff_hz=cutoff_hz,
        convention=convention,
        window_s=window_s,
        polyorder=polyorder,
        max_gap_s=max_gap_s,
    )
    if method == "rts":
        return _rts(poses, activity, cutoff_hz, max_gap_s)
    if method == "butterworth":
        return _butterworth(poses, activity, cutoff_hz, convention or "effective")
    window_s = 0.12 if window_s is None else window_s
    polyorder = 3 if polyorder is None else polyorder
    kernels: dict[str, Callable[[Array, Array], Array]] = {
        "savitzky_golay": partial(
            signal.savitzky_golay, window_s=window_s, polyorder=polyorder
        ),
        "gcv_spline": gcv_spline,
        "median": partial(_median, window_s=window_s),
    }
    done = along_time(poses, kernels[method], columns=coordinate_columns(poses))
    return Smoothing(done, {})


def _refuse_foreign(method: Method, **knobs: object) -> None:
    """Refuse knobs that this method does not have."""
    foreign = [
        f"{name} (of {' and '.join(_METHODS_WITH[name])})"
        for name, value in knobs.items()
        if value is not None and method not in _METHODS_WITH[name]
    ]
    if foreign:
        msg = f"{method} has no {', no '.join(foreign)}"
        raise ConfigError(msg)


def _median(x: Array, time: Array, *, window_s: float) -> Array:
    if len(time) < 2:
        return x
    half = max(1, round((window_s / usual_step(time) - 1) / 2))
    return np.where(np.isnan(x), x, rolling_median(x, n_samples=2 * half + 1))


def _butterworth(
    poses: Poses, activity: str, cutoff_hz: float | Band | None, convention: Convention
) -> Smoothing:
    """Filter groups of columns that share a cut-off."""
    if isinstance(cutoff_hz, tuple):
        msg = f"butterworth has one cut-off; found cutoff_hz = {cutoff_hz}"
        raise ConfigError(msg)
    poses, tracks = by_time(poses)
    bands, axes = bands_of(activity), axes_of(poses)
    wanted = {
        name: band_of(name, bands)[1] if cutoff_hz is None else cutoff_hz
        for name in axes
    }
    for cutoff in sorted(set(wanted.values())):
        kernel = partial(
            _lowpass, cutoff_hz=cutoff, bows=cutoff_hz is None, convention=convention
        )
        columns = [c for name in axes if wanted[name] == cutoff for c in axes[name]]
        poses = along_time(poses, kernel, columns=columns)
    time = poses["time_s"].to_numpy()
    highest = [_highest(time[rows]) for rows in tracks]
    used = {n: float(np.median(np.minimum(w, highest))) for n, w in wanted.items()}
    return Smoothing(poses, used if tracks else {})


def _lowpass(
    x: Array, time: Array, *, cutoff_hz: float, bows: bool, convention: Convention
) -> Array:
    """Filter one track; a cut-off that bows is lowered to what the rate can show."""
    if len(time) < 2:
        return x
    usable = min(cutoff_hz, _highest(time)) if bows else cutoff_hz
    return signal.lowpass(x, time, cutoff_hz=usable, convention=convention)


def _rts(
    poses: Poses,
    activity: str,
    cutoff_hz: float | Band | None,
    max_gap_s: float | None,
) -> Smoothing:
    ordered, tracks = by_time(poses)
    array = to_array(ordered)
    if array.xyz.size == 0:
        return Smoothing(ordered, {})
    bands = bands_of(activity)
    given = (cutoff_hz, cutoff_hz) if isinstance(cutoff_hz, (int, float)) else cutoff_hz
    wanted = np.array([given or band_of(k, bands) for k in array.keypoints], float)
    gaps = np.array([max_gap_of(k, bands) for k in array.keypoints])
    if max_gap_s is not None:
        if not max_gap_s >= 0:
            msg = f"max_gap_s is {max_gap_s}, but must not be negative"
            raise ConfigError(msg)
        gaps[:] = max_gap_s
    seen = _flat_where_flat(ordered, array.xyz)
    xyz, sd = np.full_like(seen, np.nan), np.full(seen.shape[:2], np.nan)
    used = np.empty((len(tracks), len(gaps)))
    time = ordered["time_s"].to_numpy()
    for track, rows in enumerate(tracks):
        band = wanted if given else np.minimum(wanted, _highest(time[rows]))
        for which in _blocks(gaps, rows.stop - rows.start):
            gap = gaps[which[0]]
            done = rts(
                seen[rows][:, which],
                time[rows],
                band_hz=(band[which, 0], band[which, 1]),
                max_gap_s=float(gap),
                confidence=array.confidence[rows][:, which],
            )
            xyz[rows, which], sd[rows, which] = done.position, done.position_sd
            used[track, which] = done.cutoff_hz
    cutoffs = np.median(used, axis=0).tolist()
    return Smoothing(
        _with_points(ordered, xyz, sd, array.unit),
        dict(zip(array.keypoints, cutoffs, strict=True)),
    )


def _blocks(gaps: Array, n_frames: int) -> Iterator[NDArray[np.intp]]:
    """Group keypoints with the same longest gap, few at a time in long recordings."""
    size = max(1, _MOST_SAMPLES // n_frames)
    for gap in np.unique(gaps):
        which = np.flatnonzero(gaps == gap)
        yield from np.split(which, range(size, which.size, size))


def _flat_where_flat(poses: Poses, xyz: Array) -> Array:
    """Give keypoints that have no third coordinate a constant one."""
    if xyz.shape[2] == 2:
        return xyz
    flat = [len(axes) == 2 for axes in axes_of(poses).values()]
    lifted = xyz.copy()
    lifted[:, flat, 2] = 0.0
    return lifted


def _highest(time: Array) -> float:
    """Give the highest cut-off that the frame rate can show."""
    return HIGHEST_CUTOFF / usual_step(time) if len(time) > 1 else np.inf


def _with_points(poses: Poses, xyz: Array, sd: Array, unit: str) -> Poses:
    columns: list[pl.Series] = []
    for k, (name, axes) in enumerate(axes_of(poses).items()):
        first = poses.schema[axes[0]]
        columns += [s.cast(first) for s in series_of(xyz[:, k, : len(axes)], axes)]
        columns += [s.cast(first) for s in series_of(sd[:, [k]], [f"{name}_sd_{unit}"])]
    return poses.with_columns(columns)
