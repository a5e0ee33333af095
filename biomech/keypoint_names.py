"""What others call our keypoints."""

import re

from biomech.skeletons import KEYPOINTS

#: Words for parts of the body, without side, blanks and case -> ours.
_PARTS = {
    "headtop": "head_top",
    "head": "head_top",
    "topofhead": "head_top",
    "headbottom": "neck",
    "neckbase": "neck",
    "upperneck": "neck",
    "hip": "hip",
    "root": "mid_hip",
    "pelvis": "mid_hip",
    "midhip": "mid_hip",
    "hipcenter": "mid_hip",
    "chip": "mid_hip",
    "foot": "ankle",
    "footindex": "big_toe",
    "bigtoe": "big_toe",
    "toe": "big_toe",
    "1sttoe": "big_toe",
    "smalltoe": "small_toe",
    "littletoe": "small_toe",
    "5thtoe": "small_toe",
    "calc": "heel",
    "hand": "wrist",
    "eyeinner": "eye_inner",
    "eyeouter": "eye_outer",
    "mouthleft": "mouth",
    "1stfinger": "index",
    "5thfinger": "pinky",
}
_SIDES = {"left": "left", "l": "left", "right": "right", "r": "right"}


def keypoint_named(label: str, /) -> str | None:
    """Recognise a keypoint by the name that others give it.

    Case, blanks, underscores and camel case do not matter; the side may be written
    ``left``, ``L`` and stand before or behind the part.

    Parameters
    ----------
    label
        Such as ``"LeftFootIndex"``, ``"R_SHOULDER"`` or ``"knee l"``.

    Returns
    -------
    A name from `biomech.KEYPOINTS`, or None.

    Examples
    --------
    >>> keypoint_named("LeftFootIndex"), keypoint_named("R_SHOULDER")
    ('left_big_toe', 'right_shoulder')
    """
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    words = [w for w in re.split(r"[^a-z0-9]+", spaced.lower()) if w]
    side = next((_SIDES[w] for w in words if w in _SIDES), None)
    rest = [w for w in words if w not in _SIDES]
    part = _PARTS.get("".join(rest), "_".join(rest))
    candidates = (f"{side}_{part}",) if side else (part,)
    return next((c for c in candidates if c in KEYPOINTS), None)
