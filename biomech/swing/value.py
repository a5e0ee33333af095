"""What a swing's measures share: a value with its error, and the time of contact."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from biomech.swing.scene import Scene

#: Times of the events of one swing, by name, in seconds.
Times = Mapping[str, float]


class Value(NamedTuple):
    """One measured value and the standard deviation of its error, in its unit."""

    value: float
    sd: float


#: Measures one thing of one swing: a value, or the reason why there is none.
Measure = Callable[[Scene, Times], Value | str]

#: Error of a joint centre: 2 cm (markerless tracking and markers differ by 1 to 5 cm,
#: Needham 2021).
POINT_SD_M = 0.02
#: Peaks of speed may come this much after contact.
AFTER_CONTACT_S = 0.05


def contact_s(times: Times) -> float | None:
    """Give when ball and hand or implement meet or part, if the clip shows it.

    Parameters
    ----------
    times
        Seconds by event name.

    Returns
    -------
    Time of impact, contact or release.
    """
    names = ("impact", "contact", "release")
    return next((times[name] for name in names if name in times), None)
