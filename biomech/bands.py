"""How fast each part of the body moves in each activity: bands for smoothing, gaps."""

from typing import NamedTuple

from biomech.errors import ConfigError, did_you_mean

Band = tuple[float, float]

_DISTAL = ("wrist", "index", "pinky", "thumb", "ankle", "heel", "big_toe", "small_toe")
_LIMB = ("elbow", "knee")
_IMPLEMENT = (
    *("grip", "club_head", "bat_knob", "bat_tip", "racket_grip", "racket_head"),
    "ball",
)


class Bands(NamedTuple):
    """What is known of an activity before its first frame is seen.

    Attributes
    ----------
    trunk, limb, distal, implement
        Lowest and highest cut-off in Hz (3 dB) for head, shoulders and hips; for elbows
        and knees; for hands and feet; for clubs, bats, rackets and balls.
    max_gap_s
        The longest gap to fill, from the sample before to the sample after.
    max_gap_distal_s
        The same for hands, feet and implements.
    """

    trunk: Band
    limb: Band
    distal: Band
    implement: Band
    max_gap_s: float
    max_gap_distal_s: float


#: Starting values of this project. Cut-offs are drawn from published defaults (walking
#: 4 to 6 Hz: Winter 2009, Stenum et al. 2021; sprint and swings: where a pulse of the
#: width of that movement keeps 95 % of its peak), gaps from the error of a cubic spline
#: at the ankle: walking 0.3 cm at 0.1 s and 1.9 cm at 0.2 s, running 1.2 and 5.8.
BANDS: dict[str, Bands] = {
    "walk": Bands((4, 6), (6, 8), (6, 8), (10, 20), 0.15, 0.15),
    "run": Bands((6, 8), (10, 12), (10, 12), (10, 20), 0.08, 0.08),
    "sprint": Bands((10, 12), (10, 15), (10, 15), (10, 20), 0.08, 0.08),
    "jump": Bands((8, 12), (8, 12), (8, 12), (10, 20), 0.1, 0.1),
    "squat": Bands((4, 6), (4, 8), (4, 8), (10, 20), 0.15, 0.15),
    "golf": Bands((10, 12), (10, 15), (15, 20), (30, 50), 0.06, 0.03),
    "baseball": Bands((10, 12), (10, 20), (15, 25), (30, 50), 0.06, 0.03),
    "tennis": Bands((10, 12), (10, 20), (15, 25), (30, 50), 0.06, 0.03),
    "throw": Bands((13, 20), (13, 20), (25, 30), (30, 50), 0.06, 0.03),
    "none": Bands((6, 12), (6, 12), (6, 12), (10, 50), 0.1, 0.1),
}


def bands_of(activity: str, /) -> Bands:
    """Look up an activity.

    Parameters
    ----------
    activity
        A key of `BANDS`; ``"auto"`` is ``"none"``, the widest bands.

    Returns
    -------
    Its bands.

    Raises
    ------
    ConfigError
        If the activity is unknown.
    """
    name = "none" if activity == "auto" else activity
    if name not in BANDS:
        msg = f"unknown activity {activity!r}" + did_you_mean(activity, BANDS)
        raise ConfigError(msg)
    return BANDS[name]


def band_of(keypoint: str, bands: Bands, /) -> Band:
    """Give the cut-offs allowed for a keypoint."""
    part = keypoint.removeprefix("left_").removeprefix("right_")
    if part in _IMPLEMENT:
        return bands.implement
    if part in _DISTAL:
        return bands.distal
    return bands.limb if part in _LIMB else bands.trunk


def max_gap_of(keypoint: str, bands: Bands, /) -> float:
    """Give the longest gap to fill of a keypoint, in seconds."""
    part = keypoint.removeprefix("left_").removeprefix("right_")
    distal = part in _DISTAL or part in _IMPLEMENT
    return bands.max_gap_distal_s if distal else bands.max_gap_s
