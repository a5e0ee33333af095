"""A golf swing whose plane, events and sequence are known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.synthetic.curves import Knots, timeline
from biomech.synthetic.figure import Figure, figure
from biomech.synthetic.motion import Happening, Motion, clock
from biomech.synthetic.strike import (
    Stroke,
    along,
    crossing_s,
    path_curves,
    recorded,
    segment_peaks,
)
from biomech.synthetic.striking import Hold, Striker, StrokePlane

Array = NDArray[np.float64]
Place = tuple[float, float, float]
#: Places by their time in seconds: forward, up, to the right.
Path = dict[float, Place]

#: Lengths below are those of somebody of this height.
_HEIGHT_M = 1.75
#: From the middle of the hands to the middle of the club face (driver, 1.14 m in all).
_CLUB_M = 0.98
#: Between the shoulders at address.
_CHEST = (0.15, 1.30, 0.0)


@dataclass(frozen=True)
class _Clock:
    """Times of a swing: shares of backswing and downswing, seconds after impact."""

    address_s: float
    top_s: float
    impact_s: float

    def back(self, share: float) -> float:
        # A slow takeaway: shaft and arm are level at 0.51 and 0.71 of the way to the
        # top, as in 1,400 real swings (medians 0.50 and 0.69, GolfDB).
        return self.address_s + float(share**0.6) * (self.top_s - self.address_s)

    def down(self, share: float) -> float:
        return self.top_s + share * (self.impact_s - self.top_s)

    def after(self, seconds: float) -> float:
        return self.impact_s + seconds


def golf_swing(
    *,
    tempo_ratio: float = 3.0,
    downswing_s: float = 0.26,
    plane_slope_deg: float = 54.0,
    plane_direction_deg: float = 0.0,
    handedness: Literal["right", "left"] = "right",
    height_m: float = 1.75,
    person: Figure | None = None,
    still_s: float = 0.6,
    duration_s: float = 3.2,
    rate_hz: float = 240.0,
    start_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    clip_id: str = "golf_swing",
    track_id: int = 0,
) -> Motion:
    """Swing a club at a ball; the club head stays on one plane throughout.

    The target is along +X, so that a right-hander faces +Z and is seen face on from
    there. The ball lies where the club head is at impact, and all but at address.

    Parameters
    ----------
    tempo_ratio
        Duration of the backswing over that of the downswing, 1.5 to 5.
    downswing_s
        From the top to impact, 0.15 to 0.6.
    plane_slope_deg
        Slope of the plane of the club head, 40 to 70.
    plane_direction_deg
        Its direction to the right of the target, -15 to 15.
    handedness
        "right" or "left".
    height_m
        Body height, unless `person` is given.
    person
        The figure that swings.
    still_s
        Time at address before the club moves.
    duration_s, rate_hz
        Length of the recording and frames per second.
    start_m
        Where the middle of the feet is.
    clip_id, track_id
        Key of the tables made from the motion.

    Returns
    -------
    The motion, with the points ``grip`` (middle of the hands), ``club_head`` and
    ``ball``, the eight events of GolfDB, and the truth ``plane_slope_deg``,
    ``plane_direction_deg``, ``tempo_ratio``, ``backswing_s``, ``downswing_s``,
    ``club_head_speed_m_s``, ``attack_angle_deg`` (upwards positive) and
    ``swing_direction_deg`` (right of the target) at impact, and for pelvis, thorax,
    lead arm and club ``*_peak_deg_s`` and ``*_peak_s`` of their angular speed between
    the top and 20 ms after impact.

    Raises
    ------
    ConfigError
        If a knob is impossible.

    Notes
    -----
    Toe-up and mid-follow-through are when the shaft is horizontal, mid-backswing and
    mid-downswing when the lead arm is (shoulder to wrist), the top is when the club
    turns round. Real swings are only nearly planar and only around impact.

    References
    ----------
    McNally W et al. (2019) GolfDB, arXiv:1903.06528. Kwon YH et al. (2012) Sports
    Biomech 11:127, doi:10.1080/14763141.2012.660799.
    """
    knobs = {
        "tempo_ratio": (tempo_ratio, 1.5, 5.0),
        "downswing_s": (downswing_s, 0.15, 0.6),
        "plane_slope_deg": (plane_slope_deg, 40.0, 70.0),
        "plane_direction_deg": (plane_direction_deg, -15.0, 15.0),
    }
    problems = [
        f"{name} is {value}, allowed are {low} to {high}"
        for name, (value, low, high) in knobs.items()
        if not low <= value <= high
    ]
    if handedness not in {"right", "left"}:
        problems.append(f"handedness is {handedness!r}, allowed are 'right', 'left'")
    if problems:
        raise ConfigError("; ".join(problems))
    person = person or figure(height_m=height_m)
    top_s = still_s + tempo_ratio * downswing_s
    at = _Clock(still_s, top_s, top_s + downswing_s)
    turn = plane_direction_deg if handedness == "right" else -plane_direction_deg
    stroke = _stroke(person, at, plane_slope_deg, turn)
    events = _events(stroke, at)
    truth = {
        "plane_slope_deg": plane_slope_deg,
        "plane_direction_deg": plane_direction_deg,
        "tempo_ratio": tempo_ratio,
        "backswing_s": at.top_s - at.address_s,
        "downswing_s": downswing_s,
        **stroke.at_impact("club_head", at.impact_s, handedness=handedness),
        **segment_peaks(stroke, at.top_s, at.impact_s + 0.02),
    }
    return recorded(
        stroke,
        clock(duration_s, rate_hz),
        happenings=events,
        truth=truth,
        handedness=handedness,
        start_m=start_m,
        key=(clip_id, track_id),
    )


def _stroke(person: Figure, at: _Clock, slope_deg: float, turn_deg: float) -> Stroke:
    """Lay out trunk, hands and club over time."""
    scale = person.height_m / _HEIGHT_M
    paths = _paths(at)
    paths["grip"] = _within_reach(paths["grip"], person)
    curves = path_curves(paths, scale)
    curves |= {name: timeline(knots) for name, knots in _turns(at).items()}
    club, grip = _CLUB_M * scale, along(curves, "grip")
    address, impact = grip(np.array([at.address_s, at.impact_s]))
    out = np.sqrt(club**2 - impact[1] ** 2)
    ball = np.array([impact[0] + out, 0.0, impact[2]])
    plane = StrokePlane(ball, slope_deg, turn_deg)
    ends = (plane.turn_to(address, ball), plane.turn_to(impact, ball))
    striker = Striker(
        person=person,
        curves=curves,
        holds=(Hold("left", -0.04 * scale), Hold("right", 0.045 * scale)),
        heels_m={
            "left": (-0.19 * person.foot_m, -0.24 * scale),
            "right": (-0.19 * person.foot_m, 0.24 * scale),
        },
        toe_out_deg={"left": 22.0, "right": 8.0},
    )
    return Stroke(
        striker=striker,
        plane=plane,
        grip=grip,
        turn=timeline(_club_turn(at, *ends), smoothing_s=0.01),
        length_m=club,
        names=("grip", "club_head"),
        ball=ball,
        impact_s=at.impact_s,
    )


def _paths(at: _Clock) -> dict[str, Path]:
    """Place hips and hands: forward, up, and to the right, away from the target."""
    back, down, after = at.back, at.down, at.after
    grip = {
        at.address_s: (0.425, 0.795, -0.02),
        back(0.25): (0.44, 0.81, 0.31),
        back(0.5): (0.36, 1.10, 0.54),
        back(0.75): (0.20, 1.46, 0.48),
        at.top_s: (0.07, 1.61, 0.31),
        down(0.3): (0.13, 1.54, 0.34),
        down(0.55): (0.26, 1.32, 0.40),
        down(0.8): (0.38, 0.98, 0.25),
        at.impact_s: (0.43, 0.765, -0.05),
        after(0.05): (0.39, 0.89, -0.19),
        after(0.10): (0.33, 1.02, -0.30),
        after(0.20): (0.22, 1.36, -0.36),
        after(0.35): (0.08, 1.56, -0.24),
        after(0.60): (0.02, 1.56, -0.14),
    }
    hips = {
        at.address_s: (-0.10, 0.865, 0.0),
        at.top_s: (-0.09, 0.865, 0.03),
        down(0.6): (-0.07, 0.865, -0.06),
        at.impact_s: (-0.04, 0.885, -0.10),
        after(0.60): (0.02, 0.885, -0.12),
    }
    return {"grip": grip, "hip": hips}


def _within_reach(grip: Path, person: Figure) -> Path:
    """Draw the path of the hands nearer to the chest, for arms shorter than usual."""
    usual = figure(height_m=person.height_m, sex=person.sex)
    arm, longest = (p.upper_arm_m + p.forearm_m for p in (person, usual))
    pull = max(1.0 - arm / longest, 0.0)

    def nearer(place: Place) -> Place:
        x, y, z = (p + pull * (c - p) for p, c in zip(place, _CHEST, strict=True))
        return x, y, z

    return {time_s: nearer(place) for time_s, place in grip.items()}


def _turns(at: _Clock) -> Mapping[str, Knots]:
    """Turn trunk and head and raise the heels, in degrees."""
    back, down, after = at.back, at.down, at.after
    return {
        "lean_deg": {at.address_s: 24, at.top_s: 26, at.impact_s: 20, after(0.6): -2},
        "curl_deg": {at.address_s: 16, at.top_s: 18, at.impact_s: 14, after(0.6): -8},
        "side_deg": {at.address_s: 2, at.top_s: -3, at.impact_s: 7, after(0.6): 4},
        "pelvis_deg": {
            at.address_s: 0,
            back(0.5): -20,
            at.top_s - 0.04: -42,
            down(0.20): -29,
            down(0.58): 14,
            at.impact_s: 42,
            after(0.15): 64,
            after(0.6): 86,
        },
        "thorax_deg": {
            at.address_s: 0,
            back(0.5): -52,
            at.top_s: -90,
            down(0.27): -73,
            down(0.50): -41,
            down(0.76): 4,
            at.impact_s: 27,
            after(0.15): 74,
            after(0.6): 108,
        },
        "gaze_deg": {at.top_s: 0, after(0.05): 5, after(0.3): 70, after(0.6): 95},
        "nod_deg": {at.address_s: 20, after(0.1): 16, after(0.6): -6},
        "right_heel_deg": {down(0.6): 0, at.impact_s: 16, after(0.5): 62},
        "left_heel_deg": {at.address_s: 0, after(0.6): 0},
        "right_spin_deg": {at.impact_s: 0, after(0.5): 50},
        "left_spin_deg": {at.address_s: 0, after(0.6): 0},
    }


def _club_turn(at: _Clock, address_deg: float, impact_deg: float) -> Knots:
    """Turn the club in its plane: 0 down, -90 away from the target."""
    back, down, after = at.back, at.down, at.after
    return {
        at.address_s: address_deg,
        back(0.25): -70.0,
        back(0.5): -150.0,
        back(0.75): -222.0,
        at.top_s: -258.0,
        down(0.3): -245.0,
        down(0.55): -200.0,
        down(0.8): -112.0,
        at.impact_s: impact_deg,
        after(0.05): impact_deg + 92.0,
        after(0.10): impact_deg + 152.0,
        after(0.20): impact_deg + 215.0,
        after(0.35): impact_deg + 255.0,
        after(0.60): impact_deg + 268.0,
    }


def _events(stroke: Stroke, at: _Clock) -> list[Happening]:
    """Find the eight events of GolfDB; four are where something is horizontal."""
    dense = stroke.dense(at.address_s, at.after(0.6))
    arm = dense.points["left_shoulder"] - dense.points["left_wrist"]
    shaft = dense.points["grip"] - dense.points["club_head"]
    time = dense.time_s
    return [
        Happening("address", at.address_s),
        Happening("toe_up", crossing_s(time, shaft[:, 1], at.back(0.05), at.back(0.7))),
        Happening("mid_backswing", crossing_s(time, arm[:, 1], at.back(0.2), at.top_s)),
        Happening("top", at.top_s),
        Happening("mid_downswing", crossing_s(time, arm[:, 1], at.top_s, at.impact_s)),
        Happening("impact", at.impact_s),
        Happening(
            "mid_follow_through",
            crossing_s(time, shaft[:, 1], at.after(0.005), at.after(0.3)),
        ),
        Happening("finish", at.after(0.6)),
    ]
