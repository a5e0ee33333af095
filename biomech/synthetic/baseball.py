"""A baseball swing whose bat stays on a known plane."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.synthetic.curves import timeline
from biomech.synthetic.figure import Figure, figure
from biomech.synthetic.motion import Happening, Motion, clock
from biomech.synthetic.strike import (
    Stroke,
    along,
    path_curves,
    recorded,
    segment_peaks,
)
from biomech.synthetic.striking import Hold, Striker, StrokePlane

Array = NDArray[np.float64]

#: Lengths below are those of somebody of this height; bat of 34 inches.
_HEIGHT_M, _BAT_M = 1.75, 0.86
#: Where the bat's knob and the hips are, by time before contact, in metres.
_PATHS = {
    "knob": {
        -1.20: (0.24, 1.30, 0.36),
        -0.60: (0.24, 1.30, 0.38),
        -0.30: (0.17, 1.33, 0.48),
        -0.17: (0.18, 1.30, 0.45),
        -0.09: (0.31, 1.16, 0.28),
        -0.04: (0.39, 1.06, 0.06),
        0.00: (0.40, 1.04, -0.09),
        0.05: (0.34, 1.09, -0.25),
        0.12: (0.22, 1.22, -0.33),
        0.30: (0.06, 1.34, -0.24),
        0.60: (0.06, 1.34, -0.20),
    },
    "hip": {
        -0.60: (-0.06, 0.83, 0.06),
        -0.30: (-0.06, 0.84, 0.09),
        -0.12: (-0.05, 0.82, 0.0),
        0.00: (-0.03, 0.83, -0.04),
        0.40: (-0.02, 0.85, -0.06),
    },
}
#: What trunk, head and feet do, in degrees by time before contact.
_TURNS = {
    "lean_deg": {-0.6: 12.0, -0.1: 14.0, 0.0: 10.0, 0.4: 2.0},
    "curl_deg": {-0.6: 18.0, 0.0: 12.0, 0.4: 2.0},
    "side_deg": {-0.3: 2.0, 0.0: 8.0, 0.4: 4.0},
    "pelvis_deg": {-0.6: -8.0, -0.28: -22.0, -0.17: -12.0, -0.08: 34.0, 0.0: 66.0}
    | {0.12: 82.0, 0.4: 88.0},
    "thorax_deg": {-0.6: -16.0, -0.24: -40.0, -0.14: -34.0, -0.06: 12.0, 0.0: 54.0}
    | {0.12: 88.0, 0.4: 102.0},
    "gaze_deg": {-0.4: 72.0, -0.1: 55.0, 0.0: 35.0, 0.3: 75.0},
    "nod_deg": {-0.4: -6.0, 0.0: 18.0, 0.4: -4.0},
    "left_heel_deg": {-0.55: 0.0, -0.36: 26.0, -0.2: 0.0},
    "right_heel_deg": {-0.15: 0.0, 0.0: 34.0, 0.2: 48.0},
    "left_spin_deg": {-0.2: 0.0, 0.2: 0.0},
    "right_spin_deg": {-0.15: 0.0, 0.05: 50.0, 0.2: 60.0},
}
#: How the bat turns in its plane, from contact; 0 points down the plane.
_BAT_TURN = {-1.2: -165.0, -0.30: -172.0, -0.17: -168.0, -0.09: -118.0, -0.04: -66.0}
_BAT_AFTER = {0.05: 96.0, 0.12: 180.0, 0.30: 255.0, 0.60: 262.0}


def baseball_swing(
    *,
    plane_slope_deg: float = 32.0,
    pitch_speed_m_s: float = 36.0,
    handedness: Literal["right", "left"] = "right",
    height_m: float = 1.75,
    person: Figure | None = None,
    contact_s: float = 1.4,
    duration_s: float = 2.4,
    rate_hz: float = 240.0,
    start_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    clip_id: str = "baseball_swing",
    track_id: int = 0,
) -> Motion:
    """Swing a bat at a pitched ball; the tip of the bat stays on one plane throughout.

    The pitcher is at +X; a right-hander faces +Z.

    Parameters
    ----------
    plane_slope_deg
        Slope of the plane of the bat's tip (path tilt), 20 to 45.
    pitch_speed_m_s
        Speed of the ball before contact.
    handedness
        "right" or "left".
    height_m
        Body height, unless `person` is given.
    person
        The figure that swings.
    contact_s
        When the bat meets the ball, 0.7 or later.
    duration_s, rate_hz
        Length of the recording and frames per second.
    start_m
        Where the middle of the feet is.
    clip_id, track_id
        Key of the tables made from the motion.

    Returns
    -------
    The motion, with the points ``bat_knob``, ``bat_tip`` and ``ball``, the events
    ``foot_contact`` (the front heel comes down), ``launch`` (the hands start forward),
    ``contact`` and ``follow_through``, and the truth ``plane_slope_deg``,
    ``bat_tip_speed_m_s``, ``attack_angle_deg`` and ``swing_direction_deg`` of the tip
    at contact, and the ``*_peak_deg_s`` and ``*_peak_s`` of pelvis, thorax, arm and
    club (the bat).

    Raises
    ------
    ConfigError
        If a knob is impossible.
    """
    if not 20 <= plane_slope_deg <= 45 or contact_s < 0.7:
        msg = "allowed are plane_slope_deg 20 to 45 and contact_s from 0.7; found "
        raise ConfigError(msg + f"{plane_slope_deg} and {contact_s}")
    if handedness not in {"right", "left"} or pitch_speed_m_s < 0:
        msg = "allowed are handedness 'right' or 'left' and pitch_speed_m_s from 0; "
        raise ConfigError(msg + f"found {handedness!r} and {pitch_speed_m_s}")
    stroke = _stroke(
        person or figure(height_m=height_m), plane_slope_deg, pitch_speed_m_s, contact_s
    )
    return recorded(
        stroke,
        clock(duration_s, rate_hz),
        happenings=[
            Happening("foot_contact", contact_s - 0.2, "left"),
            Happening("launch", contact_s - 0.17),
            Happening("contact", contact_s),
            Happening("follow_through", contact_s + 0.30),
        ],
        truth={
            "plane_slope_deg": plane_slope_deg,
            **stroke.at_impact("bat_tip", contact_s, handedness=handedness),
            **segment_peaks(stroke, contact_s - 0.25, contact_s + 0.02),
        },
        handedness=handedness,
        start_m=start_m,
        key=(clip_id, track_id),
    )


def _stroke(
    person: Figure, slope_deg: float, pitch_m_s: float, contact_s: float, /
) -> Stroke:
    """Lay out trunk, hands and bat over time."""
    scale = person.height_m / _HEIGHT_M
    curves = path_curves(_PATHS, scale, smoothing_s=0.015, from_s=contact_s)
    curves |= {
        name: timeline(knots, smoothing_s=0.015, from_s=contact_s)
        for name, knots in _TURNS.items()
    }
    knob, bat = along(curves, "knob"), _BAT_M * scale
    here = knob(np.array([contact_s]))[0]
    # The bat meets the ball square to the pitch and below the hands.
    down = np.radians(slope_deg)
    ball = here + bat * np.array([np.cos(down), -np.sin(down), -0.05])
    plane = StrokePlane(ball, slope_deg)
    at_ball = plane.turn_to(here, ball)
    turns = _BAT_TURN | {0.0: at_ball}
    turns |= {t: at_ball + turn for t, turn in _BAT_AFTER.items()}
    feet = 0.30 * scale
    return Stroke(
        striker=Striker(
            person=person,
            curves=curves,
            holds=(Hold("left", 0.06 * scale), Hold("right", 0.15 * scale)),
            heels_m={
                "left": (-0.19 * person.foot_m, -feet),
                "right": (-0.19 * person.foot_m, feet),
            },
            toe_out_deg={"left": 25.0, "right": 5.0},
        ),
        plane=plane,
        grip=knob,
        turn=timeline(turns, smoothing_s=0.008, from_s=contact_s),
        length_m=bat,
        names=("bat_knob", "bat_tip"),
        ball=ball,
        impact_s=contact_s,
        # The pitcher is to the left, and throws slightly downwards.
        incoming_m_s=(0.0, -0.1 * pitch_m_s, pitch_m_s),
        incoming_for_s=0.4,
    )
