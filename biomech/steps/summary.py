"""From poses and events to a table of metrics, person by person."""

from collections.abc import Callable, Iterable
from typing import get_args

import polars as pl

from biomech.errors import ConfigError
from biomech.metrics import Metric, metrics_table, refused
from biomech.schema import EVENTS, METRICS, Events, Metrics, Poses
from biomech.steps.footage import View, no_steps_reason, scales_of
from biomech.steps.locomotion import tracks_of
from biomech.steps.measures import Limits, Person, person
from biomech.strides import strides


def steps_metrics(
    poses: Poses,
    events: Events,
    /,
    *,
    names: Iterable[str],
    rows: Callable[[Person], Iterable[Metric]],
    limits: Limits,
    height_m: float | None,
    view: View | None,
    cutoff_hz: float,
) -> Metrics:
    """Measure the steps of every person, or say why there is nothing to measure.

    Parameters
    ----------
    poses, events
        Tables of the same tracks.
    names
        Ids of the metrics, for a person whose steps cannot be measured.
    rows
        Measures one person.
    limits
        Frame rates that the movement asks for.
    height_m
        Body height in metres, if known.
    view
        Direction of the camera, if known.
    cutoff_hz
        Cut-off of the low-pass filter, in Hz.

    Returns
    -------
    A `metrics` table.

    Raises
    ------
    SchemaError
        If `events` is not such a table.
    ConfigError
        If the view is unknown.
    """
    EVENTS.check(events)
    if view is not None and view not in get_args(View):
        msg = f"unknown view {view!r}; known are {get_args(View)}"
        raise ConfigError(msg)
    table = strides(events, poses, cutoff_hz=cutoff_hz)
    scales = scales_of(poses, height_m=height_m, view=view)
    parts = []
    for track in tracks_of(poses, cutoff_hz=cutoff_hz):
        clip_id, track_id = track.key
        own = (pl.col("clip_id") == clip_id, pl.col("track_id") == track_id)
        mine = table.filter(*own)
        reason = no_steps_reason(track, mine, events.filter(*own), view)
        if reason is None:
            who = person(track, mine, limits=limits, scale=scales[track.key])
            found = rows(who)
        else:
            found = [refused(name, reason) for name in names]
        parts.append(metrics_table(found, clip_id=clip_id, track_id=track_id))
    return pl.concat(parts) if parts else METRICS.empty()
