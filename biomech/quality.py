"""Grades, and the reasons why a metric is refused.

A grade says how far a value can be trusted; a reason says in one word why there is
none. Both are written beside every metric.
"""

from typing import Literal

from biomech.errors import ConfigError, did_you_mean

#: A: measured, the error is within the published goals for this kind of footage.
#: B: usable, one precondition is weak; compare with care.
#: C: an indication only; do not decide on this number alone.
Grade = Literal["A", "B", "C"]

#: Reason code -> a sentence for people. Append only.
REASONS: dict[str, str] = {
    "no_events": "no such movement was found in this clip",
    "too_few_cycles": "too few complete cycles or repetitions were seen",
    "no_scale": "no scale: give the athlete's height or a known length",
    "view_oblique": "the camera looks from too oblique an angle",
    "view_unsuitable": "this needs another camera direction",
    "view_unknown": "the camera direction could not be told",
    "rate_too_low": "the frame rate is too low for so short an event",
    "missing_keypoints": "the pose model does not give the points it needs",
    "low_coverage": "the points it needs were hidden or uncertain too often",
    "needs_3d": "one camera cannot show this; it needs 3D data",
    "no_implement": "the club, bat or racket was not tracked",
    "cut_by_clip": "the movement begins before or ends after the clip",
    "out_of_frame": "the athlete left the picture",
    "implausible": "the value found is outside what a body can do",
    "gravity_mismatch": "free fall in the clip disagrees with gravity: check scale "
    "and slow-motion settings",
    "not_in_plane": "the path is not flat enough for a plane",
    "not_symmetric_view": "one side of the body is hidden by the other",
    "no_flight": "there was no phase without ground contact",
    "no_double_support": "both feet were never on the ground together",
    "methods_disagree": "two methods disagree by more than their errors",
    "legs_together": "the pose model put both legs in one place: left and right cannot "
    "be told apart",
    "no_drop": "the jump did not begin with a drop from a box",
    "no_push": "the push of this jump did not begin in the clip, or has no dip",
    "not_an_angle": "the repeated signal is not a joint angle",
    "no_mass": "no body mass was given",
    "slow_motion": "this looks like slow motion: give the rate it was captured at",
    "too_short": "the athlete was seen for too short a time",
    "not_upright": "the body does not stand up along y: the picture lies on its side, "
    "or the axes are others",
}


def reason_text(code: str, /) -> str:
    """Say in words why a metric is null.

    Parameters
    ----------
    code
        A key of `REASONS`.

    Returns
    -------
    One sentence without full stop.

    Raises
    ------
    ConfigError
        If the code is unknown.
    """
    if code not in REASONS:
        msg = f"unknown reason {code!r}" + did_you_mean(code, REASONS)
        raise ConfigError(msg)
    return REASONS[code]


def grade_of(*weaknesses: bool) -> Grade:
    """Grade a metric by how many of its preconditions are weak.

    Parameters
    ----------
    weaknesses
        One flag per precondition: True where it is weak.

    Returns
    -------
    ``"A"`` with none, ``"B"`` with one, ``"C"`` with more.

    Examples
    --------
    >>> grade_of(False, False), grade_of(True, False), grade_of(True, True)
    ('A', 'B', 'C')
    """
    n = sum(weaknesses)
    return "A" if n == 0 else "B" if n == 1 else "C"


def worst(*grades: Grade) -> Grade:
    """Give the worst of several grades.

    Parameters
    ----------
    grades
        At least one.

    Returns
    -------
    The last in the alphabet.
    """
    return max(grades)
