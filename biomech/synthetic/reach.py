"""Inverse kinematics of two bones: legs that reach a foot, arms that reach a hand.

The answer is a set of joint angles, so that `bone_frames` remains the only way in which
a figure takes a pose.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomech.errors import ConfigError
from biomech.synthetic.figure import Figure, bone_frame
from biomech.synthetic.rotations import about, axes, decompose, rotation, unit

Array = NDArray[np.float64]
Angles = dict[str, Array]

_X, _Y, _Z = 0, 1, 2
_UP = np.array([0.0, 1.0, 0.0])


def reach_leg(
    person: Figure,
    angles: Mapping[str, ArrayLike],
    root_m: ArrayLike,
    /,
    *,
    side: str,
    ankle_m: ArrayLike,
    foot_rotation: Array,
    knee_direction: ArrayLike | None = None,
    tolerance_m: float = 0.001,
) -> Angles:
    """Bend hip, knee and ankle so that the foot is where it should be.

    Parameters
    ----------
    person
        The figure.
    angles
        The rest of the pose in degrees; only the pelvis matters.
    root_m
        Middle of the hips, shape (3,) or (frames, 3).
    side
        "left" or "right".
    ankle_m
        Where the ankle joint goes, shape (3,) or (frames, 3).
    foot_rotation
        World orientation of the foot bone, shape (3, 3) or (frames, 3, 3).
    knee_direction
        Where the knee points, shape (3,) or (frames, 3). By default half-way between
        where pelvis and foot point.
    tolerance_m
        How far out of reach a target may be; the ankle then falls short that much.

    Returns
    -------
    The angles given, and the six of this leg, each of shape (frames,).

    Raises
    ------
    ConfigError
        If a target is out of reach.
    """
    pelvis, _ = bone_frame(person, angles, root_m, "pelvis")
    _, hip = bone_frame(person, angles, root_m, f"{side}_thigh")
    foot = np.asarray(foot_rotation, float)
    if knee_direction is None:
        knee_direction = unit(pelvis[..., 0]) + unit(foot[..., 0])
    to_ankle = np.asarray(ankle_m, float) - hip
    distance = _reachable(
        to_ankle, (person.thigh_m, person.shank_m), tolerance_m, f"{side} ankle"
    )
    line = unit(to_ankle)
    right = unit(np.cross(np.asarray(knee_direction, float), -line))
    lead = _corner_deg(distance, person.thigh_m, person.shank_m)
    thigh_down = (about(right, lead) @ line[..., None])[..., 0]
    thigh = axes(np.cross(-thigh_down, right), -thigh_down, right)
    knee = 180.0 - _opposite_deg(distance, person.thigh_m, person.shank_m)
    shank = thigh @ rotation(_Z, -knee)

    mirror = np.array([1.0, *(2 * [-1.0 if side == "left" else 1.0])])
    hip_deg = decompose(_inverse(pelvis) @ thigh, (_Z, _X, _Y)) * mirror
    ankle_deg = decompose(_inverse(shank) @ foot, (_Z, _X, _Y)) * mirror
    joints = {
        **_columns(hip_deg, "hip_flexion", "hip_adduction", "hip_rotation"),
        "knee_flexion": knee,
        **_columns(
            ankle_deg, "ankle_dorsiflexion", "ankle_inversion", "ankle_rotation"
        ),
    }
    return _with(angles, side, joints)


def reach_arm(
    person: Figure,
    angles: Mapping[str, ArrayLike],
    root_m: ArrayLike,
    /,
    *,
    side: str,
    wrist_m: ArrayLike,
    elbow_direction: ArrayLike,
    hand_rotation: Array | None = None,
    tolerance_m: float = 0.001,
) -> Angles:
    """Bend shoulder and elbow so that the wrist, and if asked the hand, is in place.

    Parameters
    ----------
    person
        The figure.
    angles
        The rest of the pose in degrees; pelvis, spine and clavicles matter.
    root_m
        Middle of the hips, shape (3,) or (frames, 3).
    side
        "left" or "right".
    wrist_m
        Where the wrist joint goes, shape (3,) or (frames, 3).
    elbow_direction
        Where the elbow points, in the world, shape (3,) or (frames, 3).
    hand_rotation
        World orientation of the hand bone, shape (frames, 3, 3). Without it pronation
        and wrist stay as given.
    tolerance_m
        How far out of reach a target may be; the wrist then falls short that much.

    Returns
    -------
    The angles given, and those of this arm, each of shape (frames,).

    Raises
    ------
    ConfigError
        If a target is out of reach.
    """
    clavicle, _ = bone_frame(person, angles, root_m, f"{side}_clavicle")
    _, shoulder = bone_frame(person, angles, root_m, f"{side}_upper_arm")
    to_wrist = np.asarray(wrist_m, float) - shoulder
    distance = _reachable(
        to_wrist, (person.upper_arm_m, person.forearm_m), tolerance_m, f"{side} wrist"
    )
    line = unit(to_wrist)
    hint = np.broadcast_to(np.asarray(elbow_direction, float), line.shape)
    pole = unit(hint - line * np.sum(hint * line, axis=-1, keepdims=True))
    right = np.cross(pole, line)
    lead = _corner_deg(distance, person.upper_arm_m, person.forearm_m)
    arm_down = (about(right, -lead) @ line[..., None])[..., 0]
    upper_arm = axes(np.cross(-arm_down, right), -arm_down, right)
    elbow = 180.0 - _opposite_deg(distance, person.upper_arm_m, person.forearm_m)

    joints = {
        **_swing_and_twist(_inverse(clavicle) @ upper_arm, side),
        "elbow_flexion": elbow,
    }
    if hand_rotation is not None:
        forearm = upper_arm @ rotation(_Z, elbow)
        sign = -1.0 if side == "left" else 1.0
        wrist_deg = decompose(_inverse(forearm) @ hand_rotation, (_Y, _Z, _X))
        joints |= _columns(
            wrist_deg * [sign, 1.0, sign],
            "forearm_pronation",
            "wrist_flexion",
            "wrist_deviation",
        )
    return _with(angles, side, joints)


def _with(angles: Mapping[str, ArrayLike], side: str, joints: Angles) -> Angles:
    """Add one side's joints to the angles given."""
    return {
        **{name: np.atleast_1d(np.asarray(a, float)) for name, a in angles.items()},
        **{f"{side}_{name}_deg": np.asarray(a) for name, a in joints.items()},
    }


def _columns(values: Array, *names: str) -> Angles:
    """Name the columns of an array."""
    return dict(zip(names, np.moveaxis(values, -1, 0), strict=True))


def _inverse(matrix: Array) -> Array:
    """Invert rotations."""
    return np.swapaxes(matrix, -1, -2)


def _reachable(
    line: Array, segments_m: tuple[float, float], tolerance_m: float, joint: str
) -> Array:
    """Measure the distance of the targets, refusing those out of reach."""
    distance = np.linalg.norm(line, axis=-1)
    upper_m, lower_m = segments_m
    longest, shortest = upper_m + lower_m, abs(upper_m - lower_m)
    beyond = np.max(np.maximum(distance - longest, shortest - distance))
    if beyond > tolerance_m:
        msg = (
            f"this body cannot do it: its {joint} would have to be "
            f"{distance.min():.3f} to {distance.max():.3f} m away, but "
            f"{shortest:.3f} to {longest:.3f} m are within reach"
        )
        raise ConfigError(msg)
    clipped: Array = np.clip(distance, shortest, longest)
    return clipped


def _corner_deg(distance: Array, upper_m: float, lower_m: float) -> Array:
    """Angle at the near end of the triangle, between line and upper segment."""
    cosine = (upper_m**2 + distance**2 - lower_m**2) / (2 * upper_m * distance)
    corner: Array = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    return corner


def _opposite_deg(distance: Array, upper_m: float, lower_m: float) -> Array:
    """Angle of the triangle at the middle joint: 180 when straight."""
    cosine = (upper_m**2 + lower_m**2 - distance**2) / (2 * upper_m * lower_m)
    opposite: Array = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    return opposite


def _swing_and_twist(matrix: Array, side: str) -> Angles:
    """Split the shoulder's rotation into plane, elevation and axial rotation."""
    sign = -1.0 if side == "left" else 1.0
    x, y, z = np.moveaxis(-matrix[..., :, 1], -1, 0)
    elevation = np.degrees(np.arctan2(np.hypot(x, z), -y))
    plane = np.degrees(np.arctan2(x, sign * z))
    swing = (
        rotation(_Y, sign * plane)
        @ rotation(_X, -sign * elevation)
        @ rotation(_Y, -sign * plane)
    )
    twist = _inverse(swing) @ matrix
    axial = np.degrees(np.arctan2(twist[..., 0, 2], twist[..., 0, 0]))
    return {
        "shoulder_plane": plane,
        "shoulder_elevation": elevation,
        "shoulder_rotation": sign * axial,
    }


def arm_swing(
    side: str,
    /,
    *,
    flexion_deg: ArrayLike,
    abduction_deg: ArrayLike = 0.0,
    rotation_deg: ArrayLike = 0.0,
) -> Angles:
    """Turn an arm swing into the angles of the shoulder.

    Parameters
    ----------
    side
        "left" or "right".
    flexion_deg
        Upper arm forward (positive) or backward from hanging.
    abduction_deg
        Then away from the trunk.
    rotation_deg
        Internal rotation about the upper arm.

    Returns
    -------
    Plane, elevation and rotation of this shoulder, shape (frames,), in degrees. Unlike
    the swing itself the plane jumps where the arm passes the vertical.
    """
    sign = -1.0 if side == "left" else 1.0
    matrix = (
        rotation(_X, -sign * np.atleast_1d(np.asarray(abduction_deg, float)))
        @ rotation(_Z, np.atleast_1d(np.asarray(flexion_deg, float)))
        @ rotation(_Y, sign * np.atleast_1d(np.asarray(rotation_deg, float)))
    )
    return _with({}, side, _swing_and_twist(matrix, side))
