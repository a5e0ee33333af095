"""Agreement with the truth, in the figures that papers use."""

from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

Array = NDArray[np.float64]

#: Standard deviations on each side of 90 % and 95 % of a normal distribution.
_Z90, _Z95 = 1.6449, 1.9600


class Agreement(NamedTuple):
    """How found values differ from true ones.

    Attributes
    ----------
    n
        Pairs behind it.
    bias, sd
        Mean and standard deviation of found minus true.
    mae, rmse
        Mean absolute and root mean square difference.
    loa_low, loa_high
        Limits of agreement: bias and 1.96 standard deviations (Bland and Altman 1986,
        doi:10.1016/S0140-6736(86)90837-8).
    """

    n: int
    bias: float
    sd: float
    mae: float
    rmse: float
    loa_low: float
    loa_high: float


def agreement(errors: Array, /) -> Agreement:
    """Summarise differences.

    Parameters
    ----------
    errors
        Found minus true; NaN is left out.

    Returns
    -------
    NaN for what too few pairs cannot give.

    Examples
    --------
    >>> import numpy as np
    >>> agreement(np.array([1.0, -1.0, 3.0])).mae
    1.6666666666666667
    """
    seen = np.asarray(errors, dtype=np.float64)
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return Agreement(0, *([np.nan] * 6))
    bias = float(seen.mean())
    sd = float(seen.std(ddof=1)) if len(seen) > 1 else np.nan
    return Agreement(
        len(seen),
        bias,
        sd,
        float(np.abs(seen).mean()),
        float(np.sqrt((seen**2).mean())),
        bias - _Z95 * sd,
        bias + _Z95 * sd,
    )


def f1_score(n_matched: int, n_missed: int, n_false: int, /) -> float:
    """Give the F1 score: the harmonic mean of precision and recall.

    Parameters
    ----------
    n_matched
        True events that were found.
    n_missed
        True events that were not.
    n_false
        Found events that are not true.

    Returns
    -------
    0 to 1; NaN without any event.

    Examples
    --------
    >>> f1_score(9, 1, 1)
    0.9
    """
    total = 2 * n_matched + n_missed + n_false
    return 2 * n_matched / total if total else float("nan")


def coverage(errors: Array, sds: Array, /) -> float:
    """Give the share of errors within the 90 % intervals that were promised.

    Parameters
    ----------
    errors
        Found minus true.
    sds
        The standard deviation promised for each.

    Returns
    -------
    0 to 1; NaN without pairs.

    Examples
    --------
    >>> import numpy as np
    >>> coverage(np.array([1.0, 3.0]), np.array([1.0, 1.0]))
    0.5
    """
    good = np.isfinite(errors) & np.isfinite(sds)
    if not good.any():
        return float("nan")
    inside = np.abs(errors[good]) <= _Z90 * sds[good]
    return float(inside.mean())


def match(true_s: Array, found_s: Array, /, *, tolerance_s: float) -> NDArray[np.int64]:
    """Pair true events with found ones, nearest first, each used once.

    Parameters
    ----------
    true_s, found_s
        Times of one kind of event of one foot.
    tolerance_s
        Pairs may not be further apart.

    Returns
    -------
    For every true event the index of the found one, or -1.

    Examples
    --------
    >>> import numpy as np
    >>> match(np.array([1.0, 2.0]), np.array([2.02, 5.0]), tolerance_s=0.1).tolist()
    [-1, 0]
    """
    pairs = np.full(len(true_s), -1, dtype=np.int64)
    distance = np.abs(np.subtract.outer(true_s, found_s))
    distance = np.where(distance <= tolerance_s, distance, np.inf)
    while distance.size and np.isfinite(distance).any():
        i, j = np.unravel_index(int(np.argmin(distance)), distance.shape)
        pairs[i] = j
        distance[i, :] = np.inf
        distance[:, j] = np.inf
    return pairs


def summary(
    df: pl.DataFrame, /, *, by: list[str], error: str, sd: str | None = None
) -> pl.DataFrame:
    """Summarise a table of errors by group.

    Parameters
    ----------
    df
        One row per pair.
    by
        Columns that make the groups.
    error
        The column of found minus true.
    sd
        The column of promised standard deviations, for the coverage.

    Returns
    -------
    One row per group: the fields of `Agreement`, ``n_trials``
    and ``coverage``.
    """
    rows = []
    for key, part in df.group_by(by, maintain_order=True):
        errors = part[error].to_numpy()
        row = dict(zip(by, key, strict=True)) | agreement(errors)._asdict()
        row["n_trials"] = part["trial"].n_unique()
        row["coverage"] = coverage(errors, part[sd].to_numpy()) if sd else None
        rows.append(row)
    schema = {name: df.schema[name] for name in by}
    fields = dict.fromkeys(Agreement._fields[1:], pl.Float64)
    more = {"n_trials": pl.Int32, "coverage": pl.Float64}
    types: dict[str, Any] = {**schema, "n": pl.Int32, **fields, **more}
    return pl.DataFrame(rows, schema=types).with_columns(
        pl.col(*fields, "coverage").fill_nan(None)
    )
