"""Two sessions, or two athletes: which metrics differ by more than their error."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import polars as pl

from biomech.metrics import COVERAGE, estimate
from biomech.schema import GRADE, METRICS, SIDE, Metrics

#: What a comparison of one metric can end in. Only the first two are flagged.
VERDICTS = ("higher", "lower", "within", "single", "not_compared")
VERDICT = pl.Enum(VERDICTS)

#: Why a metric is not compared.
NOT_COMPARED = (
    *("refused_before", "refused_after", "refused_both"),
    *("absent_before", "absent_after"),
    *("units_differ", "models_differ", "no_interval"),
)

#: Half the width of a 90 % interval, in standard errors.
_NORMAL_QUANTILE = 1.6449

_ROW = ("metric", "side")
#: A pooled table: one row per metric and side of a whole session.
_POOLED: dict[str, Any] = {
    "metric": pl.String,
    "side": SIDE,
    "value": pl.Float64,
    "unit": pl.String,
    "low": pl.Float64,
    "high": pl.Float64,
    "n": pl.Int32,
    "n_clips": pl.Int32,
    "sd": pl.Float64,
    "grade": GRADE,
    "reason": pl.String,
    "model": pl.String,
}


def pooled(metrics: Metrics, /) -> pl.DataFrame:
    """Take the clips of one session together: one row per metric and side.

    Parameters
    ----------
    metrics
        A `metrics` table of one person, any number of clips; a column ``model`` says
        what found the points, null where that is not known.

    Returns
    -------
    ``metric, side, value, unit, low, high, n, n_clips, sd, grade, reason, model``. Of
    one clip the numbers stay as they are. Of several, ``value`` is the mean of the
    clips that have one, ``sd`` the spread between them, ``n`` the sum and ``grade`` the
    worst; a metric that all clips refuse keeps the most frequent reason. Clips of
    different units or models are not mixed: the row has no value and the names of all.

    Raises
    ------
    SchemaError
        If `metrics` is not a `metrics` table.

    Notes
    -----
    The interval of several clips is that of `biomech.metrics.estimate`, with the root
    mean square of the clips' standard errors as the least spread.
    """
    METRICS.check(metrics)
    if "model" not in metrics.columns:
        metrics = metrics.with_columns(model=pl.lit(None, pl.String))
    rows = [_together(part) for _, part in metrics.group_by(_ROW, maintain_order=True)]
    return pl.DataFrame(rows, schema=_POOLED)


def _together(part: pl.DataFrame) -> dict[str, Any]:
    known = part.drop_nulls("value")
    models = sorted({m or "?" for m in part["model"]})
    units = part["unit"].unique().sort().to_list()
    row: dict[str, Any] = {
        **part.select(_ROW).row(0, named=True),
        "unit": ", ".join(units),
        "n": int(part["n"].sum()),
        "n_clips": known.height,
        "model": None if models == ["?"] else ", ".join(models),
    }
    if known.is_empty() or len(units) > 1 or len(models) > 1:
        reasons = part["reason"].drop_nulls().mode().sort()
        return {**row, "reason": reasons.first() if known.is_empty() else None}
    if known.height == 1:
        kept = [name for name in _POOLED if name in METRICS.columns]
        return {**row, **known.select(kept).row(0, named=True)}
    found = estimate(known["value"], error_sd=_standard_error(known))
    bounded = not known["low"].has_nulls() and not known["high"].has_nulls()
    return {
        **row,
        "value": found.value,
        "low": found.low if bounded else None,
        "high": found.high if bounded else None,
        "n": int(known["n"].sum()),
        "sd": found.sd,
        "grade": known["grade"].cast(pl.String).max(),
    }


def _standard_error(known: Metrics) -> float:
    """Average the standard errors of several clips, 0 without intervals."""
    error = ((known["high"] - known["low"]) / (2 * _NORMAL_QUANTILE)).drop_nulls()
    return float(np.sqrt(np.mean(error.to_numpy() ** 2))) if len(error) else 0.0


def changes(before: pl.DataFrame, after: pl.DataFrame, /) -> pl.DataFrame:
    """Say of every metric whether it changed by more than its error.

    Parameters
    ----------
    before, after
        From `pooled`: the earlier session and the later one, or two athletes.

    Returns
    -------
    One row per metric and side of either table, in the order of `before`: ``metric,
    side, unit``, the columns of both tables under ``before_...`` and ``after_...``,
    ``difference`` (after minus before) with its 90 % interval ``low, high``, ``mdc``,
    ``verdict`` and ``reason``. Verdicts are those of `VERDICTS`: ``higher`` and
    ``lower`` are beyond the minimal detectable change, ``within`` is not, ``single`` is
    beyond it, but of one stride, swing or jump, so that nothing is known of how much
    this person differs from one to the next; ``not_compared`` has a reason of
    `NOT_COMPARED` and no difference.

    Notes
    -----
    The minimal detectable change is the smallest difference that the errors of two
    measurements explain in only one of ten cases. From standard errors it is ``1.645
    sqrt(SEM_before² + SEM_after²)``, which is ``1.645 sqrt(2) SEM`` when both are
    equal (Weir 2005). Here the standard errors are those of each metric's own 90 %
    interval, which need not be symmetric, so that the halves that face each other are
    taken: ``mdc = sqrt((high_before - before)² + (after - low_after)²)`` for an
    increase, mirrored for a decrease (Zou and Donner 2008). The difference is beyond
    it exactly if its own interval leaves out 0.

    The intervals hold the spread between strides and the error of measurement within
    one recording. They do not know how much a person differs from day to day; only
    sessions of several clips see that. An error that both recordings share, such as
    that of the same model, is counted twice and makes the comparison cautious. Of
    metrics that did not change, one in ten at most is flagged by chance: 6 % with five
    strides on either side, 8 % with twelve (4000 simulated pairs).

    References
    ----------
    Weir (2005), doi:10.1519/15184.1. Zou, Donner (2008), doi:10.1002/sim.3095.
    """
    joined = _side_by_side(before, after)
    reason = _reason()
    told = pl.col("reason").is_null()
    compared = joined.with_columns(reason=reason).with_columns(
        difference=pl.when(told).then(pl.col("after_value") - pl.col("before_value"))
    )
    compared = compared.with_columns(_interval())
    return compared.with_columns(verdict=_verdict())


def _side_by_side(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Join both tables on metric and side, the order of the first one first."""
    left, right = (
        table.select(
            *_ROW, pl.exclude(_ROW).name.prefix(f"{name}_"), pl.lit(1).alias(name)
        )
        for name, table in (("before", before), ("after", after))
    )
    both = left.join(
        right,
        on=_ROW,
        how="full",
        coalesce=True,
        nulls_equal=True,
        maintain_order="left_right",
    )
    return both.with_columns(
        unit=pl.coalesce("before_unit", "after_unit"),
    )


def _reason() -> pl.Expr:
    """Find the first reason why two values must not be compared."""
    refused = {name: pl.col(f"{name}_value").is_null() for name in ("before", "after")}
    model = pl.col("before_model").ne_missing(pl.col("after_model"))
    unbounded = pl.any_horizontal(
        pl.col(f"{name}_{bound}").is_null()
        for name in ("before", "after")
        for bound in ("low", "high")
    )
    cases = {
        "absent_before": pl.col("before").is_null(),
        "absent_after": pl.col("after").is_null(),
        "units_differ": pl.col("before_unit") != pl.col("after_unit"),
        "models_differ": model,
        "refused_both": refused["before"] & refused["after"],
        "refused_before": refused["before"],
        "refused_after": refused["after"],
        "no_interval": unbounded,
    }
    return pl.coalesce(
        pl.when(is_so).then(pl.lit(name)) for name, is_so in cases.items()
    )


def _interval() -> Iterable[pl.Expr]:
    """Give the interval of the difference, and how large it must be to count."""
    difference = pl.col("difference")
    up, down = (
        {
            "before": pl.col("before_high") - pl.col("before_value"),
            "after": pl.col("after_high") - pl.col("after_value"),
        },
        {
            "before": pl.col("before_value") - pl.col("before_low"),
            "after": pl.col("after_value") - pl.col("after_low"),
        },
    )
    below = (down["after"] ** 2 + up["before"] ** 2).sqrt()
    above = (up["after"] ** 2 + down["before"] ** 2).sqrt()
    mdc = pl.when(difference >= 0).then(below).otherwise(above)
    return (
        (difference - below).alias("low"),
        (difference + above).alias("high"),
        pl.when(difference.is_not_null()).then(mdc).alias("mdc"),
    )


def _verdict() -> pl.Expr:
    difference = pl.col("difference")
    beyond = difference.abs() > pl.col("mdc")
    single = pl.min_horizontal("before_n", "after_n") < 2
    return (
        pl.when(difference.is_null())
        .then(pl.lit("not_compared"))
        .when(~beyond)
        .then(pl.lit("within"))
        .when(single)
        .then(pl.lit("single"))
        .when(difference > 0)
        .then(pl.lit("higher"))
        .otherwise(pl.lit("lower"))
        .cast(VERDICT)
    )


def flagged(changed: pl.DataFrame, /) -> pl.DataFrame:
    """Keep what changed beyond the minimal detectable change, the clearest first.

    Parameters
    ----------
    changed
        From `changes`.

    Returns
    -------
    The rows with the verdict ``higher`` or ``lower``, by difference over ``mdc``.
    """
    sure = pl.col("difference").abs() / pl.col("mdc")
    return changed.filter(pl.col("verdict").is_in(["higher", "lower"])).sort(
        sure, descending=True, maintain_order=True
    )


def by_chance(changed: pl.DataFrame, /) -> float:
    """Say how many metrics would be flagged at most if nothing had changed.

    Parameters
    ----------
    changed
        From `changes`.

    Returns
    -------
    One tenth of the metrics compared, the meaning of a 90 % interval.
    """
    n = changed.filter(pl.col("difference").is_not_null()).height
    return n * (1 - COVERAGE)
