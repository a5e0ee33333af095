"""What can be measured of the body in one swing: a value, or the reason for none."""

from collections.abc import Callable, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.kernels.geometry import angle_between
from biomech.kernels.windows import slope, speed
from biomech.swing.implement import ATTACK, PLANE, SPEED
from biomech.swing.plane import swing_plane
from biomech.swing.scene import Scene
from biomech.swing.turning import pelvis_line, thorax_line, trunk_frame, turning
from biomech.swing.value import (
    AFTER_CONTACT_S,
    POINT_SD_M,
    Measure,
    Times,
    Value,
    contact_s,
)

Array = NDArray[np.float64]

_MIN_RATE_JOINT_HZ, _MIN_RATE_HAND_HZ = 99.0, 49.0
#: Events of a swing are found to about two frames.
_EVENT_SD_FRAMES = 2.0
_SHOULDER_WIDTH_M = 0.35
#: Elbows of three pitches were 6, 7 and 15 % faster than published.
_JOINT_SPEED_SD = 0.1
#: Of the swings of GolfDB, 99 of 100 at full speed come down in less than 0.38 s, 95 of
#: 100 in slow motion take more than 0.77 s.
_LONGEST_DOWNSWING_S = 0.6


def _lasts(scene: Scene, first: str, last: str, times: Times) -> Value | str:
    if first not in times or last not in times:
        return "cut_by_clip"
    return Value(times[last] - times[first], _EVENT_SD_FRAMES / scene.rate_hz)


def backswing_time(scene: Scene, times: Times) -> Value | str:
    """Measure address to top."""
    return _lasts(scene, "address", "top", times)


def downswing_time(scene: Scene, times: Times) -> Value | str:
    """Measure top to impact."""
    return _lasts(scene, "top", "impact", times)


def tempo_ratio(scene: Scene, times: Times) -> Value | str:
    """Measure how many times longer the backswing takes."""
    back, down = backswing_time(scene, times), downswing_time(scene, times)
    if isinstance(back, str) or isinstance(down, str):
        return "cut_by_clip"
    ratio = back.value / down.value
    return Value(ratio, ratio * np.hypot(back.sd / back.value, down.sd / down.value))


def hand_path_slope(scene: Scene, times: Times) -> Value | str:
    """Measure the slope of the hands' line in a picture taken down the line."""
    if "mid_downswing" not in times or "impact" not in times:
        return "cut_by_clip"
    if not scene.is_3d and scene.view(times.get("address", 0.0)) != "down_the_line":
        return "view_unsuitable"
    here = scene.between(times["mid_downswing"], times["impact"])
    path = scene.middle("wrist")[here]
    flat = path[:, [2, 1]] if scene.is_3d else path
    frame = pl.DataFrame(flat, schema=["x_m", "y_m"]).with_columns(
        time_s=pl.lit(scene.time_s[here])
    )
    found = swing_plane(frame)
    if found["slope_deg"].item() is None:
        return "low_coverage"
    # Camera roll and perspective: 4 degrees, see the definition card.
    return Value(found["slope_deg"].item(), 4.0)


def separation(scene: Scene) -> Array:
    """Give the angle between the lines of thorax and pelvis about the vertical.

    Parameters
    ----------
    scene
        A 3D scene.

    Returns
    -------
    Degrees, 0 to 180, shape (frames,).
    """
    thorax, pelvis = thorax_line(scene.points), pelvis_line(scene.points)
    return angle_between(thorax[:, [0, 2]], pelvis[:, [0, 2]])


_SEPARATION_SD = float(np.degrees(np.sqrt(2) * POINT_SD_M / _SHOULDER_WIDTH_M))


def x_factor(scene: Scene, times: Times) -> Value | str:
    """Measure how far the shoulders are turned beyond the hips at the top."""
    if not scene.is_3d:
        return "needs_3d"
    if "top" not in times:
        return "cut_by_clip"
    angle = scene.at(separation(scene)[:, None], times["top"])
    return Value(float(angle[0]), _SEPARATION_SD)


def hip_shoulder_separation(scene: Scene, times: Times) -> Value | str:
    """Measure the largest turn of the shoulders against the hips before contact."""
    if not scene.is_3d:
        return "needs_3d"
    end_s = contact_s(times)
    if end_s is None:
        return "cut_by_clip"
    here = scene.between(min(times.values()), end_s)
    return Value(float(separation(scene)[here].max()), _SEPARATION_SD)


def hand_speed(scene: Scene, times: Times) -> Value | str:
    """Measure the largest speed of the striking hand, in golf of both hands."""
    if not scene.has_scale:
        return "no_scale"
    if scene.rate_hz < _MIN_RATE_HAND_HZ:
        return "rate_too_low"
    end_s = contact_s(times)
    if end_s is None:
        return "cut_by_clip"
    both = "impact" in times
    hand = scene.middle("wrist") if both else scene.points[f"{scene.side}_wrist"]
    pace = speed(hand, scene.time_s, window_s=0.0)
    here = scene.between(min(times.values()), end_s + AFTER_CONTACT_S)
    # 4 % from height or depth; one camera sees only the part across its view.
    return Value(float(pace[here].max()), 0.04 * float(pace[here].max()))


def _fastest_joint(
    scene: Scene,
    times: Times,
    joints: Sequence[str],
    speed_of: Callable[[Scene], Array],
) -> Value | str:
    """Measure the largest angular speed of a joint of the striking arm."""
    end_s = contact_s(times)
    if not scene.has(*(f"{scene.side}_{joint}" for joint in joints)):
        return "missing_keypoints"
    if end_s is None:
        return "cut_by_clip"
    if scene.rate_hz < _MIN_RATE_JOINT_HZ:
        return "rate_too_low"
    here = scene.between(min(times.values()), end_s + AFTER_CONTACT_S)
    fastest = float(speed_of(scene)[here].max())
    return Value(fastest, _JOINT_SPEED_SD * fastest)


def elbow_extension_speed(scene: Scene, times: Times) -> Value | str:
    """Measure how fast the striking elbow straightens."""
    arm = ("shoulder", "elbow", "wrist")
    return _fastest_joint(scene, times, arm, _straightening)


def _straightening(scene: Scene) -> Array:
    shoulder, elbow, wrist = (
        scene.points[f"{scene.side}_{joint}"]
        for joint in ("shoulder", "elbow", "wrist")
    )
    flexion = angle_between(elbow - shoulder, wrist - elbow)
    return -slope(flexion, scene.time_s, window_s=0.0)


def shoulder_speed(scene: Scene, times: Times) -> Value | str:
    """Measure how fast the upper arm swings against the trunk."""
    return _fastest_joint(scene, times, ("shoulder", "elbow"), _upper_arm_speed)


def _upper_arm_speed(scene: Scene) -> Array:
    elbow, shoulder = (scene.points[f"{scene.side}_{j}"] for j in ("elbow", "shoulder"))
    in_trunk = ((elbow - shoulder)[:, None] @ trunk_frame(scene.points))[:, 0]
    return turning(in_trunk, scene.time_s).speed


def swing_stride_length(scene: Scene, times: Times) -> Value | str:
    """Measure the distance of the ankles at foot contact."""
    if "foot_contact" not in times:
        return "no_events"
    if not scene.has_scale:
        return "no_scale"
    if not scene.has("left_ankle", "right_ankle"):
        return "missing_keypoints"
    apart = scene.points["left_ankle"] - scene.points["right_ankle"]
    level = np.delete(scene.at(apart, times["foot_contact"]), 1)
    length = float(np.linalg.norm(level))
    return Value(length, float(np.hypot(np.sqrt(2) * POINT_SD_M, 0.03 * length)))


def _spine(scene: Scene, time_s: float) -> float:
    trunk = scene.at(scene.middle("shoulder") - scene.middle("hip"), time_s)
    return float(np.degrees(np.arctan2(np.linalg.norm(np.delete(trunk, 1)), trunk[1])))


def _sees_lean(scene: Scene, times: Times) -> str | None:
    if "address" not in times:
        return "cut_by_clip"
    if scene.view(times["address"]) not in ("3d", "down_the_line"):
        return "view_unsuitable"
    return None


def spine_angle(scene: Scene, times: Times) -> Value | str:
    """Measure the lean of the trunk at address."""
    reason = _sees_lean(scene, times)
    return reason or Value(_spine(scene, times["address"]), 3.0)


def spine_angle_change(scene: Scene, times: Times) -> Value | str:
    """Measure how the lean has changed at impact."""
    if "impact" not in times:
        return "cut_by_clip"
    reason = _sees_lean(scene, times)
    if reason:
        return reason
    change = _spine(scene, times["impact"]) - _spine(scene, times["address"])
    return Value(change, 3.0)


def _sway(scene: Scene, times: Times, path: Array) -> Value | str:
    """Measure the largest sideways distance from address until impact."""
    if "address" not in times or "impact" not in times:
        return "cut_by_clip"
    if not scene.has_scale:
        return "no_scale"
    if scene.view(times["address"]) not in ("3d", "face_on"):
        return "view_unsuitable"
    here = scene.between(times["address"], times["impact"])
    away = np.abs(path[here, 0] - scene.at(path, times["address"])[0])
    return Value(float(away.max()), float(np.sqrt(2) * POINT_SD_M))


def head_sway(scene: Scene, times: Times) -> Value | str:
    """Measure how far the head moves sideways."""
    head = next((n for n in ("head_top", "nose") if scene.has(n)), None)
    if head is None:
        return "missing_keypoints"
    return _sway(scene, times, scene.points[head])


def pelvis_sway(scene: Scene, times: Times) -> Value | str:
    """Measure how far the hips move sideways."""
    return _sway(scene, times, scene.middle("hip"))


def pelvis_lift(scene: Scene, times: Times) -> Value | str:
    """Measure how much the hips rise from address to impact."""
    if "address" not in times or "impact" not in times:
        return "cut_by_clip"
    if not scene.has_scale:
        return "no_scale"
    hips = scene.middle("hip")
    lift = scene.at(hips, times["impact"])[1] - scene.at(hips, times["address"])[1]
    return Value(float(lift), float(np.sqrt(2) * POINT_SD_M))


def _at_full_speed(measure: Measure) -> Measure:
    """Refuse what depends on the clock if the downswing is one of slow motion."""

    def measured(scene: Scene, times: Times) -> Value | str:
        downswing_s = times.get("impact", 0.0) - times.get("top", np.inf)
        is_slow = downswing_s > _LONGEST_DOWNSWING_S
        return "slow_motion" if is_slow else measure(scene, times)

    return measured


_TURN: dict[str, Measure] = {
    "hip_shoulder_separation": hip_shoulder_separation,
    "hand_speed": _at_full_speed(hand_speed),
}
_STRIKE: dict[str, Measure] = {
    **_TURN,
    "elbow_extension_speed": elbow_extension_speed,
    "shoulder_speed": shoulder_speed,
    "swing_stride_length": swing_stride_length,
}
#: What is measured in each sport.
MEASURES: dict[str, dict[str, Measure]] = {
    "golf": {
        "backswing_time": _at_full_speed(backswing_time),
        "downswing_time": _at_full_speed(downswing_time),
        "tempo_ratio": tempo_ratio,
        **PLANE,
        "hand_path_slope": hand_path_slope,
        "x_factor": x_factor,
        **_TURN,
        **ATTACK,
        **{name: _at_full_speed(measure) for name, measure in SPEED["golf"].items()},
        "spine_angle": spine_angle,
        "spine_angle_change": spine_angle_change,
        "head_sway": head_sway,
        "pelvis_sway": pelvis_sway,
        "pelvis_lift": pelvis_lift,
    },
    "baseball": {**_STRIKE, **ATTACK, **SPEED["baseball"]},
    "tennis": {**_STRIKE, **ATTACK, **SPEED["tennis"]},
    "throw": {**_STRIKE, **SPEED["throw"]},
}
