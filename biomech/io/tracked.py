"""Points that a tracker followed, several individuals side by side."""

from collections.abc import Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.markers import Markers, key_columns, marker_table

Array = NDArray[np.float64]

_AXES = {"x": 0, "y": 1, "likelihood": 2, "score": 2, "confidence": 2}


def tracked_table(
    values: Array,
    columns: Sequence[tuple[str, str, str]],
    time_s: Array,
    /,
    *,
    clip_id: str,
) -> Markers:
    """Make a marker table of columns ``(individual, point, coordinate)``.

    Individuals without a single point have no track; frames without a point of an
    individual have no row.

    Parameters
    ----------
    values
        Shape (frames, columns), pixels; NaN for missing.
    columns
        What each column is; coordinates are x, y and likelihood or score.
    time_s
        Time of every frame.
    clip_id
        Name of the clip.

    Returns
    -------
    A marker table in pixels, one track per individual in order of appearance.
    """
    individuals = list(dict.fromkeys(who for who, _, _ in columns))
    points = list(dict.fromkeys(point for _, point, _ in columns))
    block = np.full((len(individuals), len(values), len(points), 3), np.nan)
    for i, (who, point, coordinate) in enumerate(columns):
        axis = _AXES.get(coordinate.strip().lower())
        if axis is not None:
            place = individuals.index(who), slice(None), points.index(point), axis
            block[place] = values[:, i]
    has_scores = bool(np.isfinite(block[..., 2]).any())
    tables = []
    for track, one in enumerate(block):
        rows = np.isfinite(one[..., 0]).any(axis=1)
        frames = key_columns(clip_id, time_s, track_id=track).filter(pl.Series(rows))
        scores = np.clip(one[rows, :, 2], 0.0, 1.0) if has_scores else None
        xy = one[rows, :, :2]
        table = marker_table(frames, names=points, xyz=xy, unit="px", confidence=scores)
        tables.append(table)
    return pl.concat(tables)
