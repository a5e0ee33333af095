"""Many athletes: everybody's metrics beside those of the team."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl

from biomech.errors import ConfigError
from biomech.summary import summary
from reports.sessions import Session, session_of

#: Where an athlete stands. Only the first two are flagged.
STANDINGS = ("above", "below", "usual", "few", "not_compared")
STANDING = pl.Enum(STANDINGS)

#: Fewer athletes than this have no usual range.
_LEAST_ATHLETES = 5
#: Median absolute deviations to the edge of the usual range, and their scale to
#: standard deviations (Leys et al. 2013).
_MOST_DEVIATIONS = 2.5
_MAD_TO_SD = 1.4826


def read_team(run: Path, /) -> list[Session]:
    """Read a run as one session per athlete and activity.

    Parameters
    ----------
    run
        The folder of a run.

    Returns
    -------
    Sessions in order of activity and name. A clip without an athlete's name stands for
    itself, each of its people too.

    Raises
    ------
    FormatError
        If the folder is not that of a run.
    ConfigError
        If nobody was found in any clip.
    """
    several = pl.col("clip_id").is_duplicated()
    alone = (
        pl.when(several)
        .then(pl.concat_str("clip_id", pl.lit(" #"), "track_id"))
        .otherwise("clip_id")
    )
    tracks = (
        summary(run, metrics=[])
        .drop_nulls("track_id")
        .with_columns(
            label=pl.when(several).then(alone).otherwise(pl.coalesce("athlete", alone))
        )
    )
    if tracks.is_empty():
        msg = f"{run}: nobody was found in any clip"
        raise ConfigError(msg)
    return [
        session_of(run, part, label=str(label))
        for (_, label), part in tracks.sort("activity", "label").group_by(
            "activity", "label", maintain_order=True
        )
    ]


def team(sessions: Iterable[Session], /) -> pl.DataFrame:
    """Lay everybody's metrics side by side and say who stands out.

    Parameters
    ----------
    sessions
        One per athlete and activity, as `read_team` gives them.

    Returns
    -------
    One row per activity, metric, side and athlete: ``activity, metric, side, athlete,
    value, unit, low, high, n, n_clips, grade, reason, model``; ``n_athletes`` (with a
    comparable value), ``median``, ``usual_low, usual_high`` (null for fewer than five)
    and ``standing``: ``above`` or ``below`` if the whole 90 % interval lies outside of
    the usual range, ``usual`` if not, ``few`` if there is no range, ``not_compared`` if
    the metric was refused, has no interval, or was measured by another model or in
    another unit than that of most athletes; ``why`` then says which.

    Notes
    -----
    The usual range is the median of the athletes plus and minus 2.5 median absolute
    deviations times 1.4826, which one or two unusual athletes cannot shift (Leys et
    al. 2013). It describes this team; it is no norm, and says nothing of better or
    worse.

    References
    ----------
    Leys et al. (2013), doi:10.1016/j.jesp.2013.03.013.
    """
    rows = pl.concat(
        [
            session.pooled.with_columns(
                activity=pl.lit(session.activity), athlete=pl.lit(session.label)
            )
            for session in sessions
        ]
    ).with_columns(_why())
    group = ("activity", "metric", "side")
    comparable = pl.when(pl.col("why").is_null()).then(pl.col("value"))
    ranged = rows.with_columns(
        n_athletes=comparable.count().over(group).cast(pl.Int32),
        median=comparable.median().over(group),
        reach=(comparable - comparable.median()).abs().median().over(group)
        * (_MOST_DEVIATIONS * _MAD_TO_SD),
    )
    enough = pl.when(pl.col("n_athletes") >= _LEAST_ATHLETES)
    return (
        ranged.with_columns(
            usual_low=enough.then(pl.col("median") - pl.col("reach")),
            usual_high=enough.then(pl.col("median") + pl.col("reach")),
        )
        .with_columns(standing=_standing())
        .select(
            *(*group, "athlete", "value", "unit", "low", "high", "n", "n_clips"),
            *("grade", "reason", "model", "n_athletes", "median"),
            *("usual_low", "usual_high", "standing", "why"),
        )
    )


def _why() -> pl.Expr:
    """Say why a row cannot be compared with those of the others."""
    group = ("activity", "metric", "side")
    measured = pl.col("value").is_not_null()
    cases = {"refused": ~measured}
    for column, name in (("unit", "units_differ"), ("model", "models_differ")):
        usual = pl.col(column).filter(measured).mode().sort().first().over(group)
        cases[name] = pl.col(column).ne_missing(usual)
    cases["no_interval"] = pl.col("low").is_null() | pl.col("high").is_null()
    return pl.coalesce(
        pl.when(is_so).then(pl.lit(name)) for name, is_so in cases.items()
    ).alias("why")


def _standing() -> pl.Expr:
    return (
        pl.when(pl.col("why").is_not_null())
        .then(pl.lit("not_compared"))
        .when(pl.col("usual_low").is_null())
        .then(pl.lit("few"))
        .when(pl.col("low") > pl.col("usual_high"))
        .then(pl.lit("above"))
        .when(pl.col("high") < pl.col("usual_low"))
        .then(pl.lit("below"))
        .otherwise(pl.lit("usual"))
        .cast(STANDING)
    )
