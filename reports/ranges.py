"""Where most people lie: the ranges that the definition cards name, as numbers."""

from typing import NamedTuple


class Range(NamedTuple):
    """Where a metric usually lies."""

    low: float
    high: float
    #: Key of the words that say whose range it is.
    who: str


#: From the same sources as the cards, which name these numbers too.
RANGES: dict[str, Range] = {
    "cadence": Range(100.0, 130.0, "adults"),
    "double_support": Range(20.0, 24.0, "adults"),
    "single_support": Range(38.0, 40.0, "adults"),
    "stride_time_cv": Range(1.0, 3.0, "adults"),
    "symmetry_step_time": Range(-10.0, 10.0, "adults"),
    "symmetry_step_length": Range(-10.0, 10.0, "adults"),
    "symmetry_stance_time": Range(-10.0, 10.0, "adults"),
    "symmetry_swing_time": Range(-10.0, 10.0, "adults"),
    "gait_variable_score_hip": Range(4.0, 6.0, "adults"),
    "gait_variable_score_knee": Range(4.0, 6.0, "adults"),
    "gait_variable_score_ankle": Range(4.0, 6.0, "adults"),
    "step_frequency": Range(160.0, 190.0, "distance_runners"),
    "tempo_ratio": Range(3.0, 4.1, "golfers"),
}


def range_of(metric: str, /) -> Range | None:
    """Look up where a metric usually lies.

    Parameters
    ----------
    metric
        Its id.

    Returns
    -------
    The range, or None where no source names one.
    """
    return RANGES.get(metric)
