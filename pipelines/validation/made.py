"""Made runners: contacts at 120 Hz, of which no public data has forces."""

from collections.abc import Iterator
from typing import get_args

import polars as pl

from biomech.schema import Poses
from biomech.synthetic import Motion, runner, to_poses
from biomech.synthetic.runner import Strike
from pipelines.validation.tables import MADE
from pipelines.validation.trials import EDGE_S, Trial

#: Speed, time of a stride and of a contact: from a quick jog to a sprint (contact times
#: by speed after Weyand et al. 2000, doi:10.1152/jappl.2000.89.5.1991).
_RUNS = ((3.5, 0.70, 0.235), (5.0, 0.64, 0.180), (7.0, 0.55, 0.135), (9.5, 0.47, 0.105))
_RATE_HZ, _DURATION_S, _HEIGHT_M = 120.0, 3.0, 1.75


def made_trials(*, quick: bool) -> Iterator[Trial]:
    """Make runners who land on heel, midfoot and forefoot at 3.5 to 9.5 m/s.

    Parameters
    ----------
    quick
        Only one of each strike.

    Yields
    ------
    Trials whose events, of source ``"made"``, are exact.
    """
    for strike in get_args(Strike):
        for speed_m_s, stride_s, contact_s in _RUNS[:1] if quick else _RUNS:
            motion = runner(
                speed_m_s=speed_m_s,
                stride_s=stride_s,
                contact_s=contact_s,
                strike=strike,
                height_m=_HEIGHT_M,
                duration_s=_DURATION_S,
                rate_hz=_RATE_HZ,
            )
            yield _trial(f"{MADE}/runner {speed_m_s} m/s {strike}", motion)


def _trial(name: str, motion: Motion) -> Trial:
    poses: Poses = to_poses(motion)
    last = float(motion.time_s[-1]) - EDGE_S
    source = pl.when(pl.col("time_s").is_between(EDGE_S, last)).then(pl.lit(MADE))
    events = motion.events.with_columns(
        source=source.otherwise(pl.lit("edge")),
        laboratory_s=pl.lit(None, dtype=pl.Float64),
    )
    windows = tuple((side, 0.0, last) for side in ("left", "right"))
    return Trial(name, MADE, "run", poses, events, windows, _HEIGHT_M)
