"""Joint and segment angles from poses, in two or three dimensions."""

from collections.abc import Callable, Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.arrays import PoseArray, to_array
from biomech.blocks import by_time, series_of
from biomech.errors import SkeletonError, did_you_mean
from biomech.facing import directions
from biomech.kernels.geometry import (
    angle_between,
    reject,
    signed_angle,
    signed_angle_about,
    unit_vector,
    wrap,
)
from biomech.schema import POSES, Poses, Signals

Array = NDArray[np.float64]

#: Foot to shank in standing, where a heel is missing and the foot is ankle to toe: the
#: ankle is above the toe line by 20 to 35 degrees (own survey of the literature: 25 to
#: 35; from Winter's segment heights 20). With heels neutral is 0.
ANKLE_TO_TOE_DEG = -30.0


class Angle(NamedTuple):
    """An angle between two directions, each a pair of points (from, to).

    ``zero_deg`` is what the turn from the first to the second is where the angle is 0.
    ``kind`` says how to measure: ``"turn"`` in the sagittal plane, forward positive;
    ``"bend"`` without sign, in the plane of both; ``"tilt"`` of a line across the body
    to the ground, positive with the right side down.
    """

    first: tuple[str, str]
    second: tuple[str, str]
    zero_deg: float = 0.0
    kind: str = "turn"

    @property
    def points(self) -> set[str]:
        """The points it needs, synthetic directions left out."""
        return {*self.first, *self.second} - {"", "down", "up", "forward"}


_DOWN, _UP, _FORWARD = ("", "down"), ("", "up"), ("", "forward")
_TRUNK = ("mid_shoulder", "mid_hip")
_JOINTS = {
    "hip_flexion": Angle(_TRUNK, ("hip", "knee")),
    "knee_flexion": Angle(("knee", "ankle"), ("hip", "knee")),
    "ankle_dorsiflexion": Angle(("knee", "ankle"), ("heel", "big_toe"), 90.0),
    "shoulder_flexion": Angle(_TRUNK, ("shoulder", "elbow")),
    "elbow_flexion": Angle(("shoulder", "elbow"), ("elbow", "wrist"), kind="bend"),
    "wrist_flexion": Angle(("elbow", "wrist"), ("wrist", "index")),
}
_SEGMENTS = {
    "thigh": Angle(_DOWN, ("hip", "knee")),
    "shank": Angle(_DOWN, ("knee", "ankle")),
    "foot": Angle(_FORWARD, ("heel", "big_toe")),
    "upper_arm": Angle(_DOWN, ("shoulder", "elbow")),
    "forearm": Angle(_DOWN, ("elbow", "wrist")),
    "hand": Angle(_DOWN, ("wrist", "index")),
}
_MIDDLE = {
    "trunk_lean": Angle(("mid_hip", "mid_shoulder"), _UP),
    "head_lean": Angle(("mid_shoulder", "head"), _UP),
    "pelvis_list": Angle(("left_hip", "right_hip"), _FORWARD, kind="tilt"),
    "shoulders_list": Angle(("left_shoulder", "right_shoulder"), _FORWARD, kind="tilt"),
}
_PAIRED = {
    "hip",
    "knee",
    "ankle",
    "heel",
    "big_toe",
    "shoulder",
    "elbow",
    "wrist",
    "index",
}


def _sided(angle: Angle, side: str) -> Angle:
    def name(point: str) -> str:
        return f"{side}_{point}" if point in _PAIRED else point

    first, second = ((name(a), name(b)) for a, b in (angle.first, angle.second))
    return angle._replace(first=first, second=second)


#: Every angle of `joint_angles`, by the name of its column.
JOINT_ANGLES: dict[str, Angle] = {
    f"{side}_{name}_deg": _sided(angle, side)
    for name, angle in _JOINTS.items()
    for side in ("left", "right")
}
#: Every angle of `segment_angles`, by the name of its column.
SEGMENT_ANGLES: dict[str, Angle] = {
    f"{side}_{name}_deg": _sided(angle, side)
    for name, angle in _SEGMENTS.items()
    for side in ("left", "right")
} | {f"{name}_deg": angle for name, angle in _MIDDLE.items()}


def joint_angles(
    poses: Poses,
    /,
    *,
    angles: Iterable[str] | None = None,
    neutral_ankle_deg: float | None = None,
) -> Signals:
    """Measure hips, knees, ankles, shoulders, elbows and wrists in every frame.

    Zero is upright standing with hanging arms. Positive are flexion and dorsiflexion,
    whichever way the person faces; hyperextension is negative. Elbows have no sign.

    Parameters
    ----------
    poses
        A `poses` table: pixels, or metres in two or three dimensions.
    angles
        Names from `JOINT_ANGLES`. By default, all those the keypoints allow.
    neutral_ankle_deg
        What is subtracted from the ankle. By default 0 where there are heels; else the
        foot is taken from ankle to toe, which in standing points down by 30 degrees.

    Returns
    -------
    A `signals` table, sorted by clip, track and frame, with one Float64 column per
    angle, in degrees from -180 to 180; null where a keypoint is missing.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    SkeletonError
        If an angle is unknown, or needs keypoints that `poses` does not have.

    Notes
    -----
    With th, sh, ft, ua the directions of thigh, shank, foot and upper arm, and tr the
    forward lean of the trunk (middle of hips to middle of shoulders)::

        hip = th + tr    knee = th - sh    ankle = ft - sh    shoulder = ua + tr

    In the picture these are measured in its plane, and the facing direction
    (`biomech.facing`) gives the sign. A camera that is not square to the movement
    foreshortens them: by 0.7 degrees at 10 degrees of yaw, 3 at 20, 6 at 30.

    In three dimensions each is measured about the axis to the person's right (left hip
    to right hip), made square to the first segment: the trunk for hips and shoulders,
    the shank for knees and ankles. Movement out of that plane does not count. Elbows
    are the whole angle between both segments.

    Hip flexion is relative to the trunk, not to the pelvis: it lacks the pelvic tilt
    of marker models, some 5 to 12 degrees.

    References
    ----------
    Wu et al. (2002), J Biomech 35:543, doi 10.1016/S0021-9290(01)00222-6 (axes).

    Examples
    --------
    >>> from biomech.synthetic import pendulum
    >>> knee = joint_angles(pendulum(peak_flexion_deg=60.0))["left_knee_flexion_deg"]
    >>> round(knee.max(), 1)
    60.0
    """
    return _measure(poses, JOINT_ANGLES, angles, neutral_ankle_deg)


def segment_angles(
    poses: Poses, /, *, angles: Iterable[str] | None = None, roll_deg: float = 0.0
) -> Signals:
    """Measure the directions of segments in every frame.

    Thigh, shank, upper arm, forearm and hand are 0 hanging plumb, positive with the
    lower end in front. The foot is 0 level, positive with the toes up. Trunk and head
    lean are positive forward. ``pelvis_list`` and ``shoulders_list`` are the tilt of
    the line between hips and shoulders, positive with the right side down.

    Parameters
    ----------
    poses
        A `poses` table: pixels, or metres in two or three dimensions.
    angles
        Names from `SEGMENT_ANGLES`. By default, all those the keypoints allow.
    roll_deg
        How far the ground is turned in the picture, anticlockwise; see
        `biomech.ground_line`.

    Returns
    -------
    A `signals` table, sorted by clip, track and frame, with one Float64 column per
    angle, in degrees from -180 to 180; null where a keypoint is missing.

    Raises
    ------
    SchemaError
        If `poses` is not a `poses` table, or its time does not grow.
    SkeletonError
        If an angle is unknown, or needs keypoints that `poses` does not have.

    Notes
    -----
    In three dimensions the plane is vertical and square to the line of the hips.
    """
    return _measure(poses, SEGMENT_ANGLES, angles, None, roll_deg=roll_deg)


class _Body(NamedTuple):
    """Points with y up, the way each row faces, and the axis to the right (3D)."""

    points: Callable[[str], Array]
    direction: Array
    right: Array | None
    roll_deg: float


def _measure(
    poses: Poses,
    known: dict[str, Angle],
    wanted: Iterable[str] | None,
    neutral_ankle_deg: float | None,
    *,
    roll_deg: float = 0.0,
) -> Signals:
    POSES.check(poses)
    ordered, tracks = by_time(poses)
    array = to_array(ordered)
    present = _present(array)
    chosen = _chosen(known, wanted, present)
    body = _body(array, tracks, roll_deg)
    columns = []
    for name, angle in chosen.items():
        measured, usual = _with_heels(name, angle, present)
        neutral = usual if neutral_ankle_deg is None else neutral_ankle_deg
        shift = measured.zero_deg + (neutral if "ankle" in name else 0.0)
        columns.append(wrap(_angle(measured, body) - shift))
    if not columns:
        return array.frames
    return array.frames.with_columns(series_of(np.stack(columns, axis=1), list(chosen)))


def _with_heels(name: str, angle: Angle, present: set[str]) -> tuple[Angle, float]:
    """Replace a heel that the skeleton lacks by the ankle, with its neutral angle."""
    side = name.split("_", 1)[0]
    heel, ankle = f"{side}_heel", f"{side}_ankle"
    if heel in angle.second and heel not in present:
        return angle._replace(second=(ankle, angle.second[1])), ANKLE_TO_TOE_DEG
    return angle, 0.0


def _present(array: PoseArray) -> set[str]:
    """Keypoints that exist, and middle points that can be made of them."""
    found = set(array.keypoints)
    if {"left_shoulder", "right_shoulder"} <= found or "neck" in found:
        found.add("mid_shoulder")
    if {"left_hip", "right_hip"} <= found:
        found.add("mid_hip")
    if {"left_ear", "right_ear"} <= found or "head_top" in found:
        found.add("head")
    return found


def _chosen(
    known: dict[str, Angle], wanted: Iterable[str] | None, present: set[str]
) -> dict[str, Angle]:
    """Look up the angles, naming everything unknown and every point that lacks."""
    lacking = {
        name: sorted(_with_heels(name, angle, present)[0].points - present)
        for name, angle in known.items()
    }
    if wanted is None:
        return {name: a for name, a in known.items() if not lacking[name]}
    names = list(wanted)
    problems = [
        f"unknown angle {n!r}{did_you_mean(n, known)}" for n in names if n not in known
    ]
    problems += [
        f"{n!r} needs keypoints that these poses lack: {lacking[n]}"
        for n in names
        if lacking.get(n)
    ]
    if problems:
        raise SkeletonError("; ".join(problems))
    return {name: known[name] for name in names}


def _body(array: PoseArray, tracks: list[slice], roll_deg: float) -> _Body:
    turned = array.upright()
    up = turned.xyz

    def points(name: str) -> Array:
        if name in turned.keypoints:
            return turned.point(name)
        if name == "mid_shoulder" and "left_shoulder" not in turned.keypoints:
            return turned.point("neck")
        if name == "head" and "left_ear" not in turned.keypoints:
            return turned.point("head_top")
        part = "ear" if name == "head" else name.removeprefix("mid_")
        return (turned.point(f"left_{part}") + turned.point(f"right_{part}")) / 2

    if array.xyz.shape[2] == 2:
        return _Body(points, directions(array, tracks), None, roll_deg)
    across = np.full_like(up[:, 0], np.nan) if up.size else np.zeros((len(up), 3))
    if {"left_hip", "right_hip"} <= set(array.keypoints):
        across = unit_vector(points("right_hip") - points("left_hip"))
    return _Body(points, np.ones(len(up)), across, roll_deg)


def _angle(angle: Angle, body: _Body) -> Array:
    first, second = _direction(angle.first, body), _direction(angle.second, body)
    if angle.kind == "bend":
        return angle_between(first, second)
    if angle.kind == "tilt":
        return _tilt(first, body)
    if body.right is None:
        return np.asarray(body.direction * signed_angle(first, second))
    level = angle.first[0] == "" or angle.second[0] == ""
    along = np.array([0.0, 1.0, 0.0]) if level else unit_vector(first)
    return signed_angle_about(first, second, reject(body.right, along))


def _direction(pair: tuple[str, str], body: _Body) -> Array:
    """Make the vector between two points, or one of the ground's directions."""
    start, end = pair
    if start:
        return body.points(end) - body.points(start)
    n = len(body.direction)
    if body.right is not None:
        up = np.tile([0.0, 1.0, 0.0], (n, 1))
        forward = unit_vector(np.cross(up, body.right))
        return np.asarray({"up": up, "down": -up, "forward": forward}[end])
    c, s = np.cos(np.radians(body.roll_deg)), np.sin(np.radians(body.roll_deg))
    up = np.tile([-s, c], (n, 1))
    forward = body.direction[:, None] * np.array([c, s])
    return np.asarray({"up": up, "down": -up, "forward": forward}[end])


def _tilt(across: Array, body: _Body) -> Array:
    """How far the right end is below the left one, in degrees from -90 to 90."""
    if body.right is None:
        c, s = np.cos(np.radians(body.roll_deg)), np.sin(np.radians(body.roll_deg))
        level, height = across @ [c, s], across @ [-s, c]
    else:
        level, height = np.hypot(across[:, 0], across[:, 2]), across[:, 1]
    degrees: Array = np.degrees(np.arctan2(-height, np.abs(level)))
    return degrees
