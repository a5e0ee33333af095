"""A whole run at a glance: one row per person and clip."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from biomech.definitions import DEFINITIONS, definition
from biomech.errors import FormatError, SchemaError
from biomech.io.parquet import read_meta
from biomech.schema import CLIPS, METRICS, POSES, TRACK, TableSchema

#: What is asked for first, by activity.
KEY_METRICS: dict[str, tuple[str, ...]] = {
    "walk": (
        *("speed", "cadence", "stride_length", "double_support"),
        *("symmetry_step_time", "symmetry_step_length"),
    ),
    "run": ("speed", "step_frequency", "contact_time", "vertical_oscillation"),
    "golf": ("tempo_ratio", "swing_plane_slope", "spine_angle_change", "head_sway"),
    "baseball": ("bat_speed", "attack_angle", "hip_shoulder_separation", "hand_speed"),
    "tennis": ("racket_speed", "elbow_extension_speed", "hand_speed"),
    "throw": ("elbow_extension_speed", "hip_shoulder_separation", "hand_speed"),
    "jump": ("jump_height_com", "jump_height_flight", "rsi", "rsi_modified"),
    "squat": ("repetition_count", "repetition_depth", "repetition_time"),
    "none": ("distance_covered", "mean_speed", "top_speed"),
}

#: Columns of a clip beyond those of every run; null where a run has none.
_EXTRA = {"modified_ns": pl.Int64}
#: Words for an activity that say that none was named.
_UNNAMED = ("auto", "none")


def summary(
    run: str | Path, /, *, metrics: Iterable[str] | None = None
) -> pl.DataFrame:
    """Give one row per clip and track: who, what, how well seen, key metrics.

    The tables of the run are scanned: of the poses only the key is read.

    Parameters
    ----------
    run
        The folder of a run, as ``biomech run --out`` writes it.
    metrics
        Ids of definition cards. By default those of `KEY_METRICS` that belong to the
        activities of the run.

    Returns
    -------
    Sorted by clip and track: ``clip_id, track_id, athlete, activity, view``,
    ``modified_at`` (of the video file, which is the time of recording unless the file
    was copied), ``rate_hz``, ``duration_s`` (of the clip), ``coverage_pct`` (frames
    with this person over frames of the clip), ``n_measured`` and ``n_refused`` (metrics
    with and without a value), then one column per metric, with its unit as suffix. A
    metric that has a value for both sides together gives one column, any other one per
    side, such as ``left_stance_time_s``. Null is a metric that was refused; its reason
    is in the `metrics` table. A clip in which nobody was found has one row with a null
    track.

    Raises
    ------
    FormatError
        If the folder is not that of a run, or a table of it is damaged.
    SchemaError
        If a file under ``clips`` is no `clips` table.
    ConfigError
        If a metric is unknown.
    """
    run = Path(run)
    wanted = None if metrics is None else [definition(m).metric for m in metrics]
    clips = _clips(run)
    known = _read(run, METRICS)
    tracks = _tracks(run).join(_counts(known), on=TRACK, how="full", coalesce=True)
    table = (
        clips.join(tracks, on="clip_id", how="left")
        .with_columns(
            coverage_pct=(100.0 * pl.col("n_seen") / pl.col("n_frames")).clip(0, 100),
            n_measured=pl.col("n_measured").fill_null(0),
            n_refused=pl.col("n_refused").fill_null(0),
        )
        .select(
            *(*TRACK, "athlete", "activity", "view", "modified_at", "rate_hz"),
            *("duration_s", "coverage_pct", "n_measured", "n_refused"),
        )
    )
    names = _of_activities(clips["activity"]) if wanted is None else wanted
    wide = _wide(known, names)
    return table.join(wide, on=TRACK, how="left", nulls_equal=True).sort(TRACK)


def metric_column(metric: str, side: str | None, unit: str, /) -> str:
    """Name the column of a metric: side first, unit last.

    Parameters
    ----------
    metric
        Id of a definition card.
    side
        ``"left"``, ``"right"`` or None.
    unit
        A unit suffix, or the empty string for a count.

    Returns
    -------
    The name.

    Examples
    --------
    >>> metric_column("stance_time", "left", "s"), metric_column("cadence", None, "spm")
    ('left_stance_time_s', 'cadence_spm')
    """
    stem = f"{side}_{metric}" if side else metric
    return stem if not unit or stem.endswith(f"_{unit}") else f"{stem}_{unit}"


def _scan(
    run: Path, schema: TableSchema, extra: Mapping[str, type[pl.DataType]]
) -> pl.LazyFrame | None:
    files = sorted((run / schema.name).glob("*.parquet"))
    if not files:
        return None
    columns = {name: column.dtype for name, column in schema.columns.items()}
    return pl.scan_parquet(
        files,
        schema={**columns, **extra},
        missing_columns="insert",
        extra_columns="ignore",
        glob=False,
    )


def _collect(lazy: pl.LazyFrame, where: Path) -> pl.DataFrame:
    try:
        return lazy.collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        msg = f"cannot read the tables in {where}: {str(error).splitlines()[0]}"
        raise FormatError(msg) from error


def _read(run: Path, schema: TableSchema) -> pl.DataFrame:
    lazy = _scan(run, schema, {})
    return schema.empty() if lazy is None else _collect(lazy, run / schema.name)


def _clips(run: Path) -> pl.DataFrame:
    """Read the clips, each with what was recognised where nothing was named."""
    lazy = _scan(run, CLIPS, _EXTRA)
    if lazy is None:
        found = (
            sorted(p.name for p in run.iterdir())[:5] if run.is_dir() else "no folder"
        )
        msg = (
            f"{run} is not the folder of a run: expected clips/*.parquet, as biomech "
            f"run --out writes them; found {found}"
        )
        raise FormatError(msg)
    clips = _collect(lazy, run / "clips")
    if clips["clip_id"].has_nulls():
        msg = f"a file in {run / 'clips'} is no clips table: it has no clip_id"
        raise SchemaError(msg)
    recognised = {
        clip_id: _recognised(run, clip_id)
        for clip_id, named in clips.select("clip_id", "activity").iter_rows()
        if named is None or named in _UNNAMED
    }
    found_activity = pl.col("clip_id").replace_strict(
        recognised, default=None, return_dtype=pl.String
    )
    return clips.with_columns(
        activity=pl.coalesce(found_activity, "activity"),
        modified_at=pl.from_epoch("modified_ns", time_unit="ns").cast(
            pl.Datetime("ms")
        ),
    )


def _recognised(run: Path, clip_id: str) -> str | None:
    """Read from the poses what the analysis took the clip for."""
    path = run / "poses" / f"{clip_id}.parquet"
    found = read_meta(path).get("activity") if path.exists() else None
    return str(found) if found else None


def _tracks(run: Path) -> pl.DataFrame:
    """Count the frames of every track, reading nothing but keys."""
    lazy = _scan(run, POSES, {})
    if lazy is None:
        return POSES.empty().select(TRACK).with_columns(n_seen=pl.lit(0, pl.Int64))
    counted = lazy.group_by(TRACK).agg(n_seen=pl.len().cast(pl.Int64))
    return _collect(counted, run / "poses")


def _counts(metrics: pl.DataFrame) -> pl.DataFrame:
    return metrics.group_by(TRACK).agg(
        n_measured=pl.col("value").count().cast(pl.Int32),
        n_refused=pl.col("value").null_count().cast(pl.Int32),
    )


def _of_activities(activities: pl.Series) -> list[str]:
    """List the key metrics of the activities that occur, each once."""
    found = set(activities)
    names = [
        name
        for activity, metrics in KEY_METRICS.items()
        if activity in found
        for name in metrics
        if name in DEFINITIONS
    ]
    return list(dict.fromkeys(names))


def _wide(metrics: pl.DataFrame, names: list[str]) -> pl.DataFrame:
    """Lay the metrics side by side, in the order of their names."""
    rows = metrics.filter(pl.col("metric").is_in(names))
    together = rows.filter(pl.col("side").is_null())["metric"].unique().implode()
    kept = rows.filter(
        pl.col("side").is_null() | pl.col("metric").is_in(together).not_()
    )
    labels = kept.select("metric", pl.col("side").cast(pl.String), "unit").unique()
    ordered = sorted(
        labels.iter_rows(), key=lambda row: (names.index(row[0]), row[1] or "", row[2])
    )
    wide = kept.select(TRACK).unique()
    for metric, side, unit in ordered:
        own = kept.filter(
            pl.col("metric") == metric,
            pl.col("side").cast(pl.String).eq_missing(pl.lit(side)),
            pl.col("unit") == unit,
        )
        column = own.select(
            *TRACK, pl.col("value").alias(metric_column(metric, side, unit))
        )
        wide = wide.join(column, on=TRACK, how="left")
    return wide
