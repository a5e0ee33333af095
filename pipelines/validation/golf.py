"""Golf: the rhythm that stands for a club that is not seen, on the swings of GolfDB."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import scipy

from biomech.swing.golf import FOLLOW_SHARE, TOE_UP_SHARE
from pipelines.validation.study import Recording, Study

#: Most of its videos, which are not told apart.
_RATE_HZ = 30.0


def golf_studies(folder: Path, /) -> Iterator[Study]:
    """Measure the rhythm of swings on ``golfDB.mat``, 1,400 swings labelled by hand.

    Parameters
    ----------
    folder
        Of one laboratory.

    Yields
    ------
    One study: for toe-up and mid-follow-through whether the rhythm places them within
    GolfDB's tolerance, a thirtieth of address to impact but at least a frame.
    """
    for path in sorted(folder.glob("golfDB.mat")):
        table = scipy.io.loadmat(path, squeeze_me=True)["golfDB"]
        frames = np.array([np.asarray(swing["events"], float)[1:9] for swing in table])
        address, toe_up, arm_up, _, arm_down, impact, level, _ = frames.T
        tolerance = np.maximum(np.round((impact - address) / 30), 1)
        away = {
            "toe_up": address + TOE_UP_SHARE * (arm_up - address) - toe_up,
            "mid_follow_through": impact + FOLLOW_SHARE * (impact - arm_down) - level,
        }
        total_s = float((impact - address).sum()) / _RATE_HZ
        name = f"{folder.name}/{path.name}"
        about = Recording(name, "golf", _RATE_HZ, total_s, "labelled by hand")
        metrics = [
            about.value("rhythm", f"{event}_in_tolerance", 1.0, float(is_within))
            for event, frames_off in away.items()
            for is_within in np.abs(np.round(frames_off)) <= tolerance
        ]
        yield about.study([], metrics)
