"""What can be measured of a club, bat or racket in one swing."""

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.kernels.windows import slope, speed
from biomech.swing.plane import swing_plane
from biomech.swing.scene import IMPLEMENTS, Scene
from biomech.swing.value import (
    POINT_SD_M,
    Measure,
    Times,
    Value,
    contact_s,
    contact_sd_s,
)

Array = NDArray[np.float64]

#: At 120 Hz a pulse of 50 ms keeps 92 % of its peak, below it does not.
_MIN_RATE_HZ = 119.0
#: Statcast measures bat speed 6 inches from the barrel end, path tilt over 40 ms.
_SWEET_SPOT_M, _TILT_WINDOW_S = 0.152, 0.04


def plane_of(scene: Scene, times: Times) -> pl.DataFrame | str:
    """Fit the plane of the club head from mid-downswing to mid-follow-through.

    Parameters
    ----------
    scene, times
        The swing.

    Returns
    -------
    The row of `swing_plane`, or a reason.
    """
    if not scene.is_3d:
        return "needs_3d"
    tool = scene.implement()
    if tool is None:
        return "no_implement"
    if "mid_downswing" not in times or "mid_follow_through" not in times:
        return "cut_by_clip"
    here = scene.between(times["mid_downswing"], times["mid_follow_through"])
    path = tool[1][here]
    frame = pl.DataFrame(path, schema=["x_m", "y_m", "z_m"])
    found = swing_plane(frame.with_columns(time_s=pl.lit(scene.time_s[here])))
    reason = found["reason"].item()
    return found if reason is None else str(reason)


def _of_plane(name: str) -> Measure:
    def measure(scene: Scene, times: Times) -> Value | str:
        found = plane_of(scene, times)
        if isinstance(found, str):
            return found
        value, sd = found[name].item(), found[_sd_name(name)].item()
        return "not_in_plane" if value is None else Value(value, sd or 0.0)

    measure.__doc__ = f"Measure {name} of the swing plane."
    return measure


def _sd_name(name: str) -> str:
    stem, unit = name.rsplit("_", 1)
    return f"{stem}_sd_{unit}"


def _tip_velocity(scene: Scene, at_s: float) -> Array:
    """Give the velocity of the implement's tip at one moment."""
    tool = scene.implement()
    if tool is None:
        return np.full(3 if scene.is_3d else 2, np.nan)
    parts = [slope(axis, scene.time_s, window_s=0.0) for axis in tool[1].T]
    return scene.at(np.stack(parts, axis=1), at_s)


def _tilt_sd(velocity: Array, scene: Scene) -> float:
    """Say how uncertain the direction of a velocity is from noise, in degrees."""
    noise_m_s = POINT_SD_M / np.sqrt(2) * scene.rate_hz / 4
    return float(np.degrees(np.arctan2(noise_m_s, np.linalg.norm(velocity))))


def _direction(scene: Scene, times: Times, angle_of: Callable[[Array], float]) -> Value:
    """Measure an angle of the tip's velocity at contact.

    The direction turns by some 20 degrees in 10 ms: the error of contact counts more
    than noise.
    """
    at_s = contact_s(times) or np.nan
    sd_s = contact_sd_s(times)
    shifts = (at_s - sd_s, at_s, at_s + sd_s)
    velocities = [_tip_velocity(scene, moment_s) for moment_s in shifts]
    before, now, after = (angle_of(v) for v in velocities)
    from_noise = _tilt_sd(velocities[1], scene)
    return Value(now, float(np.hypot(from_noise, (after - before) / 2)))


def _refusal(scene: Scene, times: Times) -> str | None:
    """Say why the implement cannot be measured at contact, or None if it can."""
    if scene.implement() is None:
        return "no_implement"
    if contact_s(times) is None:
        return "cut_by_clip"
    return "rate_too_low" if scene.rate_hz < _MIN_RATE_HZ else None


def attack_angle(scene: Scene, times: Times) -> Value | str:
    """Measure whether the implement moves up or down at contact."""
    reason = _refusal(scene, times)
    if reason:
        return reason
    if not scene.is_3d and scene.view(times.get("address", 0.0)) == "down_the_line":
        return "view_unsuitable"
    return _direction(scene, times, _rise_deg)


def _rise_deg(velocity: Array) -> float:
    level = np.linalg.norm(np.delete(velocity, 1))
    return float(np.degrees(np.arctan2(velocity[1], level)))


def attack_direction(scene: Scene, times: Times) -> Value | str:
    """Measure where the implement moves sideways at contact."""
    reason = _refusal(scene, times)
    if reason:
        return reason
    if not scene.is_3d:
        return "needs_3d"
    return _direction(scene, times, lambda v: float(np.degrees(np.arctan2(v[2], v[0]))))


def swing_path_tilt(scene: Scene, times: Times) -> Value | str:
    """Measure the slope of the tip's path just before contact.

    The normal of the path is that of its osculating plane, velocity x acceleration,
    averaged over the window: 40 ms are too short an arc for fitting a plane.
    """
    reason = _refusal(scene, times)
    if reason:
        return reason
    if not scene.is_3d:
        return "needs_3d"
    tool, end_s = scene.implement(), contact_s(times)
    if tool is None or end_s is None:
        return "no_implement"
    rates = [slope(axis, scene.time_s, window_s=0.0) for axis in tool[1].T]
    bends = [slope(axis, scene.time_s, window_s=0.0) for axis in rates]
    here = scene.between(end_s - _TILT_WINDOW_S, end_s)
    normals = np.cross(np.stack(rates, axis=1)[here], np.stack(bends, axis=1)[here])
    normal = normals.sum(axis=0)
    if not np.linalg.norm(normal) > 0:
        return "not_in_plane"
    tilt = np.degrees(np.arccos(abs(normal[1]) / np.linalg.norm(normal)))
    return Value(float(tilt), 2.0)


def _tip_speed(scene: Scene, times: Times, name: str) -> Value | str:
    """Measure the speed of an implement: of the bat at its sweet spot, at contact."""
    end_s = contact_s(times)
    if not scene.has(*IMPLEMENTS[name]):
        return "no_implement"
    if end_s is None:
        return "cut_by_clip"
    if scene.rate_hz < _MIN_RATE_HZ:
        return "rate_too_low"
    if not scene.has_scale:
        return "no_scale"
    grip, tip = (scene.points[p] for p in IMPLEMENTS[name])
    if name == "bat":
        along = grip - tip
        length = np.linalg.norm(along, axis=1, keepdims=True)
        tip = tip + _SWEET_SPOT_M * along / np.maximum(length, 1e-9)
    pace = speed(tip, scene.time_s, window_s=0.0)
    peak = scene.at(pace[:, None], end_s)[0]
    return Value(float(peak), 0.04 * float(peak))


def _speed_of(name: str) -> Measure:
    def measure(scene: Scene, times: Times) -> Value | str:
        return _tip_speed(scene, times, name)

    measure.__doc__ = f"Measure the speed of the {name}."
    return measure


#: The plane of the club head.
PLANE: dict[str, Measure] = {
    "swing_plane_slope": _of_plane("slope_deg"),
    "swing_plane_direction": _of_plane("direction_deg"),
    "swing_plane_rms": _of_plane("rms_m"),
}
#: The implement at contact.
ATTACK: dict[str, Measure] = {
    "attack_angle": attack_angle,
    "attack_direction": attack_direction,
}
#: Speeds of the implements, by sport.
SPEED: dict[str, dict[str, Measure]] = {
    "golf": {"club_head_speed": _speed_of("club")},
    "baseball": {"swing_path_tilt": swing_path_tilt, "bat_speed": _speed_of("bat")},
    "tennis": {"swing_path_tilt": swing_path_tilt, "racket_speed": _speed_of("racket")},
    "throw": {},
}
