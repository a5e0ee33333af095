"""Walking of healthy adults: published key points as curves, and distances to them."""

import numpy as np
import polars as pl
import scipy
from numpy.typing import NDArray

from biomech.cycles import PHASES, ensemble
from biomech.metrics import Estimate, Metric, metric, metrics_table, refused
from biomech.quality import grade_of, worst
from biomech.schema import CYCLES, METRICS, TRACK, Cycles, Metrics

Array = NDArray[np.float64]

#: Signal of `cycles` -> phase in % of the stride and degrees: contact, loading
#: response, mid stance, terminal stance, pre-swing, initial, mid and terminal swing
#: (Perry & Burnfield 2010, chapters 4 to 6: ankle, knee, and thigh to the vertical).
KEY_POINTS: dict[str, dict[float, float]] = {
    "hip_flexion_deg": {
        0: 20.0, 12: 20.0, 31: 0.0, 50: -20.0, 62: -10.0, 75: 15.0, 87: 25.0, 100: 20.0
    },
    "knee_flexion_deg": {
        0: 5.0, 12: 18.0, 40: 5.0, 50: 10.0, 62: 40.0, 71: 60.0, 87: 25.0, 97: 2.0,
        100: 5.0,
    },
    "ankle_dorsiflexion_deg": {
        0: 0.0, 7: -5.0, 31: 5.0, 48: 10.0, 62: -15.0, 75: -5.0, 87: 0.0, 100: 0.0
    },
}  # fmt: skip
#: Standard deviation between healthy adults, degrees, about the same over the stride.
BETWEEN_ADULTS_DEG = {
    "hip_flexion_deg": 6.0,
    "knee_flexion_deg": 6.0,
    "ankle_dorsiflexion_deg": 5.0,
}
#: Error that all cycles share: key points instead of curves, keypoints beside joints.
_SHARED_DEG = 3.0


def normal_curves() -> pl.DataFrame:
    """Give the joint angles of healthy adults over a stride, at their usual speed.

    Returns
    -------
    101 rows: ``phase_pct``, and for each signal of `KEY_POINTS` the columns
    ``knee_flexion_mean_deg`` and ``knee_flexion_sd_deg``, named as by `ensemble`.

    Notes
    -----
    A shape-preserving periodic curve through eight or nine published values per joint.
    These are textbook means, not a measured band, for which the freely licensed
    recordings that were found have too few adults (fewer than ten). Hip is the thigh to
    the vertical, since the trunk is nearly upright, and not Plug-in-Gait's angle to the
    pelvis, which is some 10 degrees more flexed.

    References
    ----------
    Perry, Burnfield (2010) Gait Analysis: Normal and Pathological Function, 2nd
    edition, Slack.

    Examples
    --------
    >>> curves = normal_curves()
    >>> curves.filter(phase_pct=71.0)["knee_flexion_mean_deg"].item()
    60.0
    """
    columns = {"phase_pct": PHASES}
    for name, points in KEY_POINTS.items():
        bare = name.removesuffix("_deg")
        columns[f"{bare}_mean_deg"] = _curve(points)
        columns[f"{bare}_sd_deg"] = np.full(len(PHASES), BETWEEN_ADULTS_DEG[name])
    return pl.DataFrame(columns)


def _curve(points: dict[float, float]) -> Array:
    phase, degrees = np.array(sorted(points.items())).T
    # Three periods in a row make the ends meet smoothly.
    long = np.concatenate([phase[:-1] + shift for shift in (-100, 0, 100)])
    spline = scipy.interpolate.PchipInterpolator(long, np.tile(degrees[:-1], 3))
    return np.asarray(spline(PHASES))


def gait_variable_scores(cycles: Cycles, /) -> Metrics:
    """Measure how far the mean curves of each side are from those of healthy adults.

    Parameters
    ----------
    cycles
        A `cycles` table of joint angles.

    Returns
    -------
    A `metrics` table: ``gait_variable_score_hip, _knee, _ankle`` for every track and
    side, in degrees; refused where there is no whole cycle of a signal.

    Raises
    ------
    SchemaError
        If `cycles` is not a `cycles` table.

    Notes
    -----
    Root mean square over the cycle of the mean curve minus that of `normal_curves`. The
    interval holds the spread between cycles and 3 degrees for the reference and the
    keypoints; the grade is never better than B, since the reference is a textbook.

    References
    ----------
    Baker et al. (2009), doi:10.1016/j.gaitpost.2009.05.020.
    """
    CYCLES.check(cycles)
    means, normal = ensemble(cycles), normal_curves()
    parts = []
    for key, track in means.group_by(TRACK, maintain_order=True):
        rows = [
            _score(part, normal, name, str(side[0]))
            for side, part in track.group_by("side", maintain_order=True)
            for name in KEY_POINTS
        ]
        parts.append(metrics_table(rows, clip_id=str(key[0]), track_id=int(key[1])))
    return pl.concat(parts) if parts else METRICS.empty()


def _score(part: pl.DataFrame, normal: pl.DataFrame, name: str, side: str) -> Metric:
    bare = name.removesuffix("_deg")
    metric_id = f"gait_variable_score_{bare.split('_')[0]}"
    if f"{bare}_mean_deg" not in part.columns:
        return refused(metric_id, "missing_keypoints", side=side)
    mean, sd = (
        part[f"{bare}_{w}_deg"].to_numpy().astype(float) for w in ("mean", "sd")
    )
    n = int(part[f"n_{bare}"].to_numpy().min())
    if n == 0 or part.height != len(PHASES):
        return refused(metric_id, "too_few_cycles", side=side)
    away = mean - normal[f"{bare}_mean_deg"].to_numpy()
    score = float(np.sqrt(np.mean(away**2)))
    random = float(np.sqrt(np.mean(np.nan_to_num(sd) ** 2) / n))
    half = 1.645 * float(np.hypot(random, _SHARED_DEG))
    found = Estimate(score, max(score - half, 0.0), score + half, n, None)
    return metric(metric_id, found, grade=worst("B", grade_of(n < 3)), side=side)
