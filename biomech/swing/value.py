"""What a swing's measures share: a value with its error, and the time of contact."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from biomech.swing.scene import Scene


class Times(dict[str, float]):
    """Times of the events of one swing, by name, in seconds.

    Attributes
    ----------
    sd_s
        Their standard deviations, where they are known.
    """

    def __init__(
        self, times: Mapping[str, float], sd_s: Mapping[str, float] | None = None
    ) -> None:
        """Keep the times, and how sure they are."""
        super().__init__(times)
        self.sd_s = dict(sd_s or {})


class Value(NamedTuple):
    """One measured value and the standard deviation of its error, in its unit."""

    value: float
    sd: float


#: Measures one thing of one swing: a value, or the reason why there is none.
Measure = Callable[[Scene, Times], Value | str]

#: Error of a joint centre: 2 cm (markerless tracking and markers differ by 1 to 5 cm,
#: Needham 2021).
POINT_SD_M = 0.02
#: Without the ball in sight contact is the tip's fastest moment, to about this much.
_CONTACT_SD_S = 0.015
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
    name = _contact(times)
    return times[name] if name else None


def contact_sd_s(times: Times) -> float:
    """Give how uncertain the time of contact is, in seconds.

    Parameters
    ----------
    times
        Of a swing that has a contact.

    Returns
    -------
    As its event says, else what the fastest moment of a tip is off by.
    """
    return times.sd_s.get(_contact(times) or "", _CONTACT_SD_S)


def _contact(times: Times) -> str | None:
    return next((n for n in ("impact", "contact", "release") if n in times), None)
