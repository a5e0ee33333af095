"""Metrics of swings: averages over the swings of a track, with interval and grade."""

import polars as pl

from biomech.arrays import to_array
from biomech.blocks import each_track
from biomech.errors import ConfigError
from biomech.metrics import Metric, estimate, metric, metrics_table, refused
from biomech.quality import Grade, grade_of
from biomech.schema import EVENTS, METRICS, POSES, Events, Metrics, Poses
from biomech.swing.events import Hand, swing_events, swings
from biomech.swing.measures import MEASURES
from biomech.swing.scene import Scene, scene_of
from biomech.swing.value import Times, Value, contact_s

#: Metrics that one camera shows only in part, by foreshortening.
_PROXIES_IN_2D = {
    "hand_speed",
    "elbow_extension_speed",
    "shoulder_speed",
    "hand_path_slope",
}
#: Metrics that any camera shows: they are times.
_ANY_VIEW = {"backswing_time", "downswing_time", "tempo_ratio"}


def swing_metrics(
    poses: Poses,
    /,
    *,
    events: Events | None = None,
    sport: str = "golf",
    handedness: Hand = "auto",
    height_m: float | None = None,
) -> Metrics:
    """Measure the swings of every track.

    Parameters
    ----------
    poses
        A `poses` table, cleaned; metres in 3D have X to the target, Y up, Z right.
    events
        From `swing_events`; found here if not given.
    sport
        ``"golf"``, ``"baseball"``, ``"tennis"`` or ``"throw"``.
    handedness
        As in `swing_events`.
    height_m
        Body height; with it lengths and speeds can be had from pixels.

    Returns
    -------
    A `metrics` table with every metric of the sport for every track. A metric that the
    footage cannot show is null with its reason: ``needs_3d`` for turning about the
    vertical, ``view_unsuitable``, ``no_scale``, ``no_implement``, ``rate_too_low``,
    ``cut_by_clip``, ``slow_motion``; all are ``no_events`` where nobody swings. Proxies
    in 2D have grade C.

    Raises
    ------
    SchemaError
        If a table is not what it should be.
    SkeletonError
        If joints are missing from the skeleton.
    ConfigError
        If sport or handedness is unknown, or the height is impossible.
    """
    POSES.check(poses)
    if height_m is not None and not 0.5 <= height_m <= 2.6:
        msg = f"height_m is {height_m}; a body is between 0.5 and 2.6 m tall"
        raise ConfigError(msg)
    if events is None:
        events = swing_events(poses, sport=sport, handedness=handedness)
    EVENTS.check(events)
    parts = [METRICS.empty()]
    for key, part in each_track(poses):
        mine = events.filter(clip_id=key[0], track_id=key[1])
        side = next(iter(mine["side"].drop_nulls()), "left")
        scene = scene_of(to_array(part), side=str(side), height_m=height_m)
        rows = _rows(scene, _times(mine), sport)
        parts.append(metrics_table(rows, clip_id=key[0], track_id=key[1]))
    return pl.concat(parts)


def _rows(scene: Scene | None, found: list[Times], sport: str) -> list[Metric]:
    """Measure every swing, then average each metric."""
    times = [events for events in found if contact_s(events) is not None]
    if scene is None or not times:
        reason = "low_coverage" if scene is None and found else "no_events"
        return [refused(name, reason) for name in MEASURES[sport]]
    values: dict[str, list[Value | str]] = {
        name: [measure(scene, events) for events in times]
        for name, measure in MEASURES[sport].items()
    }
    return [_summary(name, each, scene) for name, each in values.items()]


def _times(events: Events) -> list[Times]:
    """List the times of every swing of a track, with their errors."""
    rows = events.select(pl.col("event").cast(pl.String), "time_s", "time_sd_s").rows()
    sds = {(name, at_s): sd_s for name, at_s, sd_s in rows if sd_s is not None}
    columns = pl.col("^.*_s$").exclude("start_s", "end_s", "^.*_time_s$")
    found = []
    for row in swings(events).select(columns).iter_rows(named=True):
        named = ((name.removesuffix("_s"), at_s) for name, at_s in row.items())
        times = {name: at_s for name, at_s in named if at_s is not None}
        sd_s = {e: sds[e, at_s] for e, at_s in times.items() if (e, at_s) in sds}
        found.append(Times(times, sd_s))
    return found


def _summary(name: str, values: list[Value | str], scene: Scene) -> Metric:
    measured = [v for v in values if isinstance(v, Value)]
    reasons = [v for v in values if isinstance(v, str)]
    if not measured:
        return refused(name, reasons[0])
    sd = max(v.sd for v in measured)
    found = estimate([v.value for v in measured], bias_sd=sd)
    return metric(name, found, grade=_grade(name, scene, some_refused=bool(reasons)))


def _grade(name: str, scene: Scene, *, some_refused: bool) -> Grade:
    if not scene.is_3d and name in _PROXIES_IN_2D:
        return "C"
    flat = not scene.is_3d and name not in _ANY_VIEW
    return grade_of(flat, scene.rate_hz < 100.0, some_refused)
