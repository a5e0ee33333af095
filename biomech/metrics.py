"""Rows of the metrics table: a value with its interval, or a reason for none."""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import polars as pl
import scipy
from numpy.typing import ArrayLike

from biomech.definitions import definition
from biomech.quality import Grade, reason_text
from biomech.schema import METRICS, Metrics

#: Probability that the interval covers the truth.
COVERAGE = 0.90


class Metric(NamedTuple):
    """One row of a `metrics` table, without the key of its track."""

    metric: str
    side: str | None
    value: float | None
    unit: str
    low: float | None
    high: float | None
    n: int
    sd: float | None
    grade: str | None
    reason: str | None


class Estimate(NamedTuple):
    """A mean with its spread and its 90 % interval."""

    value: float
    low: float
    high: float
    n: int
    sd: float | None


def estimate(
    values: ArrayLike, /, *, error_sd: float = 0.0, bias_sd: float = 0.0
) -> Estimate:
    """Average repeated measurements and say how sure the mean is.

    Parameters
    ----------
    values
        One per stride, swing or jump, shape (n,), any unit; NaN are left out.
    error_sd
        Standard deviation of the measurement error of one value, same unit,
        independent between values (noise, frame quantisation).
    bias_sd
        Standard deviation of an error that all values share (scale, detector bias).

    Returns
    -------
    Mean, bounds of the 90 % interval, n, and the standard deviation between the values
    (None for one value). All NaN with n = 0 if there is no value.

    Notes
    -----
    The squared standard error is ``max(s², error_sd²) / n + bias_sd²`` with the sample
    variance ``s²``: the spread between strides already contains the independent
    error, so the larger of the two counts, not their sum. The quantile is Student's
    with n - 1 degrees of freedom when the spread rules, and normal otherwise; that of
    the shared error is always normal, since its size is known and not estimated.

    Examples
    --------
    >>> e = estimate([1.0, 1.2], error_sd=0.0)
    >>> round(e.value, 2), e.n, round(e.sd, 3)
    (1.1, 2, 0.141)
    """
    x = np.asarray(values, dtype=np.float64)
    x = x[np.isfinite(x)]
    n = len(x)
    if n == 0:
        return Estimate(np.nan, np.nan, np.nan, 0, None)
    mean = float(x.mean())
    sd = float(x.std(ddof=1)) if n > 1 else None
    spread_rules = sd is not None and sd > error_sd
    p = (1 + COVERAGE) / 2
    normal = scipy.stats.norm.ppf(p)
    quantile = scipy.stats.t.ppf(p, n - 1) if spread_rules else normal
    random = quantile * max(sd or 0.0, error_sd) / np.sqrt(n)
    half = float(np.hypot(random, normal * bias_sd))
    return Estimate(mean, mean - half, mean + half, n, sd)


def metric(
    name: str,
    found: Estimate,
    /,
    *,
    grade: Grade,
    side: str | None = None,
) -> Metric:
    """Make the row of a metric that could be measured.

    Parameters
    ----------
    name
        Id of a definition card; the unit comes from there.
    found
        The value and its interval, in the unit of the card. A value that is not finite
        becomes a refusal for ``low_coverage``, one outside the plausible range of the
        card a refusal for ``implausible``; the interval ends where that range does.
    grade
        How far it can be trusted.
    side
        ``"left"``, ``"right"`` or None.

    Returns
    -------
    The row.

    Raises
    ------
    ConfigError
        If there is no such metric.
    """
    if not np.isfinite(found.value):
        return refused(name, "low_coverage", side=side, n=found.n)
    card = definition(name)
    least, most = card.plausible or (-np.inf, np.inf)
    if not least <= found.value <= most:
        return refused(name, "implausible", side=side, n=found.n)
    return Metric(
        metric=name,
        side=side,
        value=found.value,
        unit=card.unit,
        low=_finite(max(found.low, least)),
        high=_finite(min(found.high, most)),
        n=found.n,
        sd=_finite(found.sd),
        grade=grade,
        reason=None,
    )


def refused(
    name: str, reason: str, /, *, side: str | None = None, n: int = 0
) -> Metric:
    """Make the row of a metric that the footage cannot support.

    Parameters
    ----------
    name
        Id of a definition card.
    reason
        A code of `biomech.quality.REASONS`.
    side
        ``"left"``, ``"right"`` or None.
    n
        How many strides, swings or jumps were seen.

    Returns
    -------
    The row, with a null value.

    Raises
    ------
    ConfigError
        If there is no such metric or reason.
    """
    reason_text(reason)
    unit = definition(name).unit
    return Metric(name, side, None, unit, None, None, n, None, None, reason)


def metrics_table(rows: Iterable[Metric], /, *, clip_id: str, track_id: int) -> Metrics:
    """Collect the rows of one track into a `metrics` table.

    Parameters
    ----------
    rows
        From `metric` and `refused`.
    clip_id, track_id
        The track they belong to.

    Returns
    -------
    A `metrics` table in the order given.
    """
    fixed = {n: c.dtype for n, c in METRICS.columns.items()}
    found = [{"clip_id": clip_id, "track_id": track_id, **r._asdict()} for r in rows]
    return pl.DataFrame(found, schema=fixed)


def _finite(value: float | None) -> float | None:
    return value if value is not None and np.isfinite(value) else None
