"""How far and how fast people go over the ground."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.blocks import block_of, by_time, series_of
from biomech.errors import SchemaError
from biomech.kernels.median import outliers
from biomech.kernels.runs import usual_step
from biomech.kernels.smoothing import Smoothed, rts
from biomech.kernels.windows import runs
from biomech.metrics import Metric, estimate, metric, metrics_table, refused
from biomech.quality import grade_of
from biomech.schema import FRAME, METRICS, SIGNALS, TRACK, Metrics, Signals

Array = NDArray[np.float64]

_PLACE = ("ground_x_m", "ground_y_m")
_SPEED, _DISTANCE = _WAY = ("ground_speed_m_s", "ground_distance_m")
_METRICS = ("distance_covered", "mean_speed", "top_speed")
#: Players do not run faster (the fastest sprinter for 20 m: 12.3 m/s).
FASTEST_M_S = 12.0
#: Nor speeds up or turns harder; what does is another person under the same number.
HARDEST_M_S2 = 8.0
#: A longer time without a place is not bridged.
MAX_GAP_S = 0.5
#: A jump of a track spoils the speed this far to both sides of it.
SPOILT_S = 0.5
#: Noise moves who stands still. Somebody goes who is faster than this many standard
#: deviations of speed: errors that last half a second have 1.8 times what they show ...
STILL_SD = 4.0
#: ... or farther away after so long ...
STILL_S = 3.0
#: ... than this many seconds at that deviation: errors that last half a second move a
#: smoothed place by 1.2 s of it, and this is three times that.
STILL_WAY_S = 3.6
#: A speed this many times less certain than usual, as at the ends of a path, is no top.
VAGUE = 2.0
#: The largest of many speeds is one that noise raised, by about this many deviations.
LUCK = 2.0
#: A top speed lasts this long; a shorter peak is noise.
PEAK_S = 0.5
#: Less of a path says nothing about speed.
LEAST_S = 1.0
#: Lengths on the ground are off by this share whatever the points: feet in the air and
#: the height of ankles, with a camera 3.4 m up (largest of eight players: 2 %).
LENGTH_SD = 0.02
#: Footage of less than this share of a track, lengths off by more than this share, and
#: speeds off by more than this are weak: each costs a grade.
SEEN_SHARE, WEAK_SHARE, WEAK_M_S = 0.8, 0.05, 0.25
#: Paths within less count as this long, or the error of their ends would be a multiple.
LEAST_EXTENT_M = 1.0


def ground_speed(positions: Signals, /, *, cutoff_hz: float = 0.6) -> Signals:
    """Smooth the paths of people over the ground and measure their speed.

    Parameters
    ----------
    positions
        From `biomech.ground_positions`.
    cutoff_hz
        Frequency of 3 dB of the smoother: steps, at 1.5 Hz and more, are no speed.

    Returns
    -------
    A `signals` table, sorted by clip, track and frame: ``ground_x_m, ground_y_m``
    (smoothed), ``ground_plane_sd_m`` (as it was), ``ground_speed_m_s`` and
    ``ground_speed_sd_m_s``, ``ground_distance_m`` (way since the track began; who
    moves less than the noise stands still). Null in gaps longer than half a second, and
    within half a second of a speed or an acceleration that nobody reaches (12 m/s,
    8 m/s²): there the track jumps to somebody else.

    Raises
    ------
    SchemaError
        If `positions` lacks a column, or time does not grow.
    ConfigError
        If the cut-off is impossible at this frame rate.

    Notes
    -----
    Outliers are taken out, then a Rauch-Tung-Striebel smoother with white jerk gives
    velocity; positions count by how certain they are. The deviation of a speed follows
    from the median of what is left over, so that a jump of a track does not spoil it.

    Of a stroll, a walk, sprints and a changing path, a minute each at 25 and 50 frames
    per second, the 90 % intervals hold 94 to 96 % of the speeds under white noise, 88
    to 96 % under noise that lasts 0.1 to 0.3 s, and 79 to 85 % where it lasts 0.5 s.

    Distance is the integral of the smoothed speed: the sum of raw steps is always too
    long. What noise adds to a speed is taken off; and who is neither faster than two
    deviations nor away within three seconds stands still, or lasting noise of 0.1 m
    would be a way of ten metres a minute.
    """
    _check(positions, (*_PLACE, "ground_sd_m", "ground_plane_sd_m"))
    ordered, tracks = by_time(positions)
    raw = block_of(ordered, [*_PLACE, "ground_sd_m"])
    time = ordered["time_s"].to_numpy()
    out = np.full((ordered.height, 5), np.nan)
    for part in tracks:
        if part.stop - part.start > 1:
            out[part] = _smoothed(raw[part], time[part], cutoff_hz)
    names = [*_PLACE, _SPEED, "ground_speed_sd_m_s", _DISTANCE]
    kept = ordered.select(*FRAME, "time_s", "ground_plane_sd_m")
    return kept.with_columns(series_of(out, names))


def _smoothed(raw: Array, time: Array, cutoff_hz: float) -> Array:
    """Smooth one track: x, y, speed, its standard deviation, distance."""
    xy, sd = raw[:, :2].copy(), raw[:, 2]
    n_samples = 2 * max(4, round(PEAK_S / usual_step(time) / 2)) + 1
    known = np.isfinite(sd)
    if not known.any():
        return np.full((len(time), 5), np.nan)
    least = sd[known].min()
    xy[outliers(xy, n_samples=n_samples, least=least).any(axis=1)] = np.nan
    found = rts(
        xy[:, None],
        time,
        band_hz=(cutoff_hz, cutoff_hz),
        max_gap_s=MAX_GAP_S,
        confidence=(least / sd)[:, None],
    )
    velocity, acceleration = found.velocity[:, 0], found.acceleration[:, 0]
    speed = np.linalg.norm(velocity, axis=1)
    impossible = (speed > FASTEST_M_S) | (
        np.linalg.norm(acceleration, axis=1) > HARDEST_M_S2
    )
    speed[_near(impossible, time)] = np.nan
    smooth = found.position[:, 0]
    usual_sd = _usual_sd(found, xy - smooth, cutoff_hz)
    distance = _way(_pace(smooth, speed, usual_sd, time), time)
    distance[np.isnan(speed)] = np.nan
    speed_sd = np.where(np.isnan(speed), np.nan, usual_sd * _relative(found))
    return np.column_stack([smooth, speed, speed_sd, distance])


def _usual_sd(found: Smoothed, left_over: Array, cutoff_hz: float) -> float:
    """Say how wrong the speed is in most frames.

    That is at most what is left over, normal noise, times the smoother's frequency:
    errors that last a second. The smoother itself believes more after one jump, and
    where steps stand out of little noise: it takes them for the fast end of a movement
    that is far larger at its own frequency.
    """
    told = found.velocity_sd[np.isfinite(found.velocity_sd)]
    away = np.abs(left_over[np.isfinite(left_over)])
    if not len(told):
        return 0.0
    most = 2 * np.pi * cutoff_hz * float(np.median(away)) / 0.6745
    return min(float(np.median(told)), most)


def _relative(found: Smoothed) -> Array:
    """Compare frames: at the ends and far away the speed is less certain than usual."""
    sd = found.velocity_sd[:, 0]
    known = sd[sd > 0]
    return sd / np.median(known) if len(known) else np.ones(len(sd))


def _pace(xy: Array, speed: Array, speed_sd: float, time: Array) -> Array:
    """Take from the speed what noise adds to it; none for who stands still."""
    known = np.isfinite(speed)
    if not known.any():
        return speed
    when = time[known]
    before, after = (
        np.column_stack([np.interp(time + by, when, axis) for axis in xy[known].T])
        for by in (-STILL_S / 2, STILL_S / 2)
    )
    gone = np.linalg.norm(after - before, axis=1) > STILL_WAY_S * speed_sd
    # Noise across the way makes a speed longer by sd² / 2v, on average.
    own = np.sqrt(np.maximum(speed**2 - speed_sd**2, 0.0))
    pace: Array = np.where(gone | (speed > STILL_SD * speed_sd), own, 0.0)
    return pace


def _near(flags: NDArray[np.bool_], time: Array) -> NDArray[np.bool_]:
    """Spread flags to the frames around them."""
    when = time[flags]
    before = np.searchsorted(when, time - SPOILT_S)
    after = np.searchsorted(when, time + SPOILT_S, side="right")
    return np.asarray(after > before)


def ground_metrics(speeds: Signals, /) -> Metrics:
    """Sum up how far and how fast everybody went.

    Parameters
    ----------
    speeds
        From `ground_speed`.

    Returns
    -------
    A `metrics` table: distance_covered, mean_speed and top_speed for every track.
    Refused with ``low_coverage`` where nobody was seen on the ground, and with
    ``too_short`` where that was for less than a second.

    Raises
    ------
    SchemaError
        If `speeds` lacks a column, or time does not grow.
    """
    needed = (*_PLACE, *_WAY, "ground_speed_sd_m_s", "ground_plane_sd_m")
    _check(speeds, needed)
    ordered, tracks = by_time(speeds)
    time, block = ordered["time_s"].to_numpy(), block_of(ordered, needed)
    parts = [METRICS.empty()]
    for part in tracks:
        clip_id, track_id = ordered.select(TRACK).row(part.start)
        rows = _rows(block[part], time[part])
        parts.append(metrics_table(rows, clip_id=clip_id, track_id=track_id))
    return pl.concat(parts)


def _rows(block: Array, time: Array) -> list[Metric]:
    """Measure one track."""
    speed, way, speed_sd, plane_sd = block[:, 2:].T
    seen = np.isfinite(speed)
    n = int(seen.sum())
    clean = _stretches(seen, time, least_s=LEAST_S)
    if not clean:
        reason = "too_short" if n else "low_coverage"
        return [refused(name, reason, n=n) for name in _METRICS]
    seconds = sum(time[b] - time[a] for a, b in clean)
    distance = sum(way[b] - way[a] for a, b in clean)
    noise = float(np.nanmedian(speed_sd))
    sure = _stretches(speed_sd < VAGUE * noise, time, least_s=PEAK_S) or clean
    run = _way(speed, time)
    top = max(_fastest(run[a : b + 1], time[a : b + 1]) for a, b in sure)
    share = _share(block[seen, :2], plane_sd[seen])
    is_seen_well = seconds > SEEN_SHARE * (time[-1] - time[0])
    grade = grade_of(not is_seen_well, share > WEAK_SHARE, noise > WEAK_M_S)
    values = (distance, distance / seconds, top)
    # Noise across the path only ever lengthens it: sqrt(v² + sd²) - v, about sd² / 2v.
    drift = noise**2 / 2 / max(noise, values[1], 1e-9)
    errors = (drift * seconds, drift, LUCK * noise)
    return [
        metric(
            name,
            estimate([value], bias_sd=float(np.hypot(share * value, error)))._replace(
                n=n, sd=None
            ),
            grade=grade,
        )
        for name, value, error in zip(_METRICS, values, errors, strict=True)
    ]


def _stretches(
    flags: NDArray[np.bool_], time: Array, *, least_s: float
) -> list[tuple[int, int]]:
    """List first and last frame of what lasts long enough without a gap."""
    steps = runs(flags[1:] & flags[:-1] & (np.diff(time) <= MAX_GAP_S))
    return [(a, b) for a, b in steps if time[b] - time[a] >= least_s]


def _way(speed: Array, time: Array) -> Array:
    """Add up the way, shape (frames,); none where the speed is not known."""
    step = np.diff(time)
    steps = np.nan_to_num((speed[1:] + speed[:-1]) / 2 * step) * (step <= MAX_GAP_S)
    return np.cumsum(np.append(0.0, steps))


def _fastest(way: Array, time: Array) -> float:
    """Give the largest mean speed over half a second of a run."""
    start = time[time <= time[-1] - PEAK_S]
    end = np.interp(start + PEAK_S, time, way)
    return float((end - way[: len(start)]).max() / PEAK_S)


def _share(xy: Array, plane_sd: Array) -> float:
    """By which share lengths on the ground may be off.

    Places at both ends of the path are off independently, as far as points tell.
    """
    extent = max(LEAST_EXTENT_M, float(np.hypot(*np.ptp(xy, axis=0))))
    return float(np.hypot(LENGTH_SD, np.sqrt(2) * np.nanmedian(plane_sd) / extent))


def _check(signals: Signals, needed: Sequence[str]) -> None:
    """Refuse signals that do not hold places on the ground."""
    SIGNALS.check(signals)
    if missing := [name for name in needed if name not in signals.columns]:
        msg = f"these signals lack {missing}; make them with ground_positions"
        raise SchemaError(msg)
