"""Who matters: choosing the athlete among the people of a clip."""

import polars as pl

from biomech.arrays import unit_of_poses
from biomech.errors import ConfigError
from biomech.schema import POSES, TRACK, Poses

_BOX = ("box_x_min_px", "box_y_min_px", "box_x_max_px", "box_y_max_px")


def rank_tracks(poses: Poses, /) -> pl.DataFrame:
    """Order the tracks of each clip by how much picture they fill for how long.

    Parameters
    ----------
    poses
        A ``poses_raw`` or ``poses`` table, in pixels or metres. Without box columns the
        extent of the keypoints counts, of x and y.

    Returns
    -------
    One row per clip and track: ``duration_s`` (last minus first time, Float64),
    ``n_frames`` (Int32), ``area_px2`` (mean area, Float64) and ``area_s_px2`` (area
    times the time that the track is seen), or ``area_m2`` and ``area_s_m2``, largest
    first within a clip.
    """
    POSES.check(poses)
    unit = unit_of_poses(poses)
    low_x, low_y, high_x, high_y = _extent(poses, unit)
    area = ((high_x - low_x) * (high_y - low_y)).cast(pl.Float64)
    times = poses.select("clip_id", "time_s").unique()
    step_s = times.group_by("clip_id").agg(
        step_s=pl.col("time_s").sort().diff().median().fill_null(1.0)
    )
    ranked = poses.group_by(TRACK).agg(
        duration_s=pl.col("time_s").max() - pl.col("time_s").min(),
        n_frames=pl.len().cast(pl.Int32),
        area=area.mean(),
        area_s=area.sum(),
    )
    return (
        ranked.join(step_s, on="clip_id")
        .with_columns(area_s=pl.col("area_s") * pl.col("step_s"))
        .drop("step_s")
        .sort("clip_id", "area_s", "track_id", descending=[False, True, False])
        .rename({"area": f"area_{unit}2", "area_s": f"area_s_{unit}2"})
    )


def choose_athletes(poses: Poses, /, *, athlete: str | int = "auto") -> Poses:
    """Keep the tracks of the athlete.

    Parameters
    ----------
    poses
        A ``poses_raw`` or ``poses`` table.
    athlete
        ``auto`` keeps, in each clip, the track with the most area times duration:
        whoever was filmed is large and there all the time. ``all`` keeps everyone. A
        number keeps that track.

    Returns
    -------
    Rows of the same table, in the same order.

    Raises
    ------
    ConfigError
        If the number is no track, or the word is unknown.
    """
    POSES.check(poses)
    match athlete:
        case "all":
            return poses
        case "auto":
            best = rank_tracks(poses).group_by("clip_id", maintain_order=True).first()
            return poses.join(best.select(TRACK), on=TRACK, maintain_order="left")
        case int() if (poses["track_id"] == athlete).any():
            return poses.filter(pl.col("track_id") == athlete)
    tracks = sorted(poses["track_id"].unique())
    msg = f"athlete is {athlete!r}; allowed are auto, all, or one of {tracks}"
    raise ConfigError(msg)


def _extent(poses: Poses, unit: str) -> tuple[pl.Expr, pl.Expr, pl.Expr, pl.Expr]:
    """Left, top, right and bottom of a person."""
    if set(_BOX) <= set(poses.columns):
        low_x, low_y, high_x, high_y = (pl.col(name) for name in _BOX)
        return low_x, low_y, high_x, high_y
    x, y = (
        [c for c in poses.columns if c.endswith(f"_{axis}_{unit}")] for axis in "xy"
    )
    return (
        pl.min_horizontal(x),
        pl.min_horizontal(y),
        pl.max_horizontal(x),
        pl.max_horizontal(y),
    )
