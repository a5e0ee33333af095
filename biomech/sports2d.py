"""Angles as Sports2D writes them: its zeros, signs and cut-off, for comparison.

The same body, other conventions: `SPORTS2D_ANGLES` says how its angles follow from
those of `biomech.joint_angles` and `biomech.segment_angles`.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.arrays import PoseArray, dims_of, to_array
from biomech.blocks import along_time, by_time, series_of
from biomech.body import point_of
from biomech.errors import UnitError
from biomech.facing import directions
from biomech.kernels.geometry import direction_angle, signed_angle, unwrap, wrap
from biomech.kernels.signal import lowpass
from biomech.schema import POSES, Poses, Signals

Array = NDArray[np.float64]


class Sports2dAngle(NamedTuple):
    """One of its angles: the points, and what turns our angle into it.

    Attributes
    ----------
    first, second
        Two directions, each from a point to a point; the angle is the turn from the
        first to the second, anticlockwise in a picture in which the person faces right.
        A segment's first direction is the horizontal, written ``("", "")``.
    zero_deg
        Subtracted from that turn.
    ours
        The column of ours that measures the same; empty where we have none.
    offset_deg, factor
        ``theirs = offset + factor * ours``.
    period_deg
        360, or 180 for lines without direction (pelvis, shoulders).
    """

    first: tuple[str, str]
    second: tuple[str, str]
    zero_deg: float = 0.0
    ours: str = ""
    offset_deg: float = 0.0
    factor: float = 1.0
    period_deg: float = 360.0


_LEVEL = ("", "")
_TRUNK_DOWN = ("mid_shoulder", "mid_hip")
_SIDED = {
    "ankle": Sports2dAngle(
        ("knee", "ankle"), ("heel", "big_toe"), 90.0, "ankle_dorsiflexion"
    ),
    "knee": Sports2dAngle(("knee", "ankle"), ("hip", "knee"), 0.0, "knee_flexion"),
    "hip": Sports2dAngle(_TRUNK_DOWN, ("hip", "knee"), 0.0, "hip_flexion"),
    "shoulder": Sports2dAngle(
        _TRUNK_DOWN, ("shoulder", "elbow"), 0.0, "shoulder_flexion"
    ),
    "elbow": Sports2dAngle(
        ("shoulder", "elbow"), ("elbow", "wrist"), 0.0, "elbow_flexion"
    ),
    "wrist": Sports2dAngle(
        ("elbow", "wrist"), ("wrist", "index"), 0.0, "wrist_flexion"
    ),
    "foot": Sports2dAngle(_LEVEL, ("heel", "big_toe"), 0.0, "foot"),
    "shank": Sports2dAngle(_LEVEL, ("knee", "ankle"), 0.0, "shank", -90.0),
    "thigh": Sports2dAngle(_LEVEL, ("hip", "knee"), 0.0, "thigh", -90.0),
    "arm": Sports2dAngle(_LEVEL, ("shoulder", "elbow"), 0.0, "upper_arm", -90.0),
    "forearm": Sports2dAngle(_LEVEL, ("elbow", "wrist"), 0.0, "forearm", -90.0),
}
_MIDDLE = {
    "pelvis": Sports2dAngle(_LEVEL, ("left_hip", "right_hip"), period_deg=180.0),
    "trunk": Sports2dAngle(
        _LEVEL, ("mid_hip", "mid_shoulder"), 0.0, "trunk_lean_deg", 90.0, -1.0
    ),
    "shoulders": Sports2dAngle(
        _LEVEL, ("left_shoulder", "right_shoulder"), period_deg=180.0
    ),
    "head": Sports2dAngle(
        _LEVEL, ("mid_shoulder", "head_top"), 0.0, "head_lean_deg", 90.0, -1.0
    ),
}
_MIDDLE_POINTS = {"mid_hip", "mid_shoulder", ""}


def _both_sides(angle: Sports2dAngle, side: str) -> Sports2dAngle:
    def name(pair: tuple[str, str]) -> tuple[str, str]:
        a, b = (p if p in _MIDDLE_POINTS else f"{side}_{p}" for p in pair)
        return a, b

    return angle._replace(
        first=name(angle.first),
        second=name(angle.second),
        ours=f"{side}_{angle.ours}_deg",
    )


#: Its 12 joint and 14 segment angles by its own names: values standing upright are 0
#: for joints, foot, pelvis and shoulders, -90 for shank, thigh, arm and forearm, +90
#: for trunk and head. Its left wrist, whose points are exchanged in its source (-180
#: for a straight hand), is measured like the right one here.
SPORTS2D_ANGLES: dict[str, Sports2dAngle] = {
    f"{side} {name}": _both_sides(angle, side)
    for name, angle in _SIDED.items()
    for side in ("right", "left")
} | _MIDDLE


def sports2d_angles(poses: Poses, /, *, cutoff_hz: float | None = 6.0) -> Signals:
    """Measure the angles of Sports2D with its signs, zeros and cut-off.

    Parameters
    ----------
    poses
        A `poses` table of two dimensions, not smoothed: the peer filters the angles.
    cutoff_hz
        Of its zero-lag Butterworth filter, by its convention: 6 dB there, 3 dB at 0.802
        of it. None leaves the angles as measured.

    Returns
    -------
    A `signals` table, sorted by clip, track and frame: for every angle whose points
    exist ``sports2d_<name>_deg``, with blanks as underscores, such as
    ``sports2d_right_knee_deg``; null where a keypoint is missing.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    UnitError
        If the poses have three dimensions.
    ConfigError
        If the cut-off is too high for the frame rate.

    Notes
    -----
    On purpose not as the peer does: the direction a person faces is decided once per
    stretch and not in every frame; gaps stay null and are not filled with the last
    value; angles are unwrapped by 360 degrees and not by 180, which folds fast
    movements; time is that of the frames. Of the same points its head goes to the head
    top; where there is none the head is left out.

    References
    ----------
    Pagnon & Kim (2024), Sports2D, J Open Source Softw 9:6849, doi 10.21105/joss.06849.
    """
    POSES.check(poses)
    if dims_of(poses) == 3:
        msg = "Sports2D angles are those of a picture; these poses have 3 dimensions"
        raise UnitError(msg)
    ordered, tracks = by_time(poses)
    array = to_array(ordered)
    facing_right = np.stack(
        [directions(array, tracks), np.ones(len(array.xyz))], axis=1
    )
    upright = array._replace(xyz=array.upright().xyz * facing_right[:, None])
    present = {*array.keypoints, *_MIDDLE_POINTS}
    columns = {
        f"sports2d_{name.replace(' ', '_')}_deg": _turn(upright, angle)
        for name, angle in SPORTS2D_ANGLES.items()
        if {*angle.first, *angle.second} <= present
    }
    if not columns:
        return array.frames
    block = np.stack(list(columns.values()), axis=1)
    table = array.frames.with_columns(series_of(block, list(columns)))
    return table if cutoff_hz is None else _filtered(table, list(columns), cutoff_hz)


def _turn(array: PoseArray, angle: Sports2dAngle) -> Array:
    """Measure one angle of points with y up that face right."""

    def vector(pair: tuple[str, str]) -> Array:
        return point_of(array, pair[1]) - point_of(array, pair[0])

    second = vector(angle.second)
    if angle.first == _LEVEL:
        turn = direction_angle(second)
    else:
        turn = signed_angle(vector(angle.first), second)
    return wrap(turn - angle.zero_deg, period_deg=angle.period_deg)


def _filtered(table: Signals, columns: list[str], cutoff_hz: float) -> Signals:
    def kernel(x: Array, time: Array) -> Array:
        return lowpass(unwrap(x), time, cutoff_hz=cutoff_hz, convention="per_pass")

    return along_time(table, kernel, columns=columns)
