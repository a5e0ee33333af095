"""A tennis serve whose racket stays on a known plane."""

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.synthetic.curves import timeline
from biomech.synthetic.figure import Figure, figure
from biomech.synthetic.landmarks import points
from biomech.synthetic.motion import Happening, Motion, clock
from biomech.synthetic.strike import Stroke, along, path_curves, recorded
from biomech.synthetic.striking import Hold, Striker, StrokePlane

Array = NDArray[np.float64]

#: Lengths below are those of somebody of this height; from hand to middle of strings.
_HEIGHT_M, _RACKET_M = 1.75, 0.50
#: How long the ball flies before contact, and how long the hand takes to let it go.
_FLIGHT_S, _LETTING_GO_S = 0.73, 0.16
#: Where hand and hips are, by time before contact, in metres.
_PATHS = {
    "grip": {
        -1.80: (0.36, 1.02, -0.04),
        -1.40: (0.34, 1.02, 0.00),
        -1.05: (0.20, 0.96, 0.30),
        -0.70: (0.06, 1.20, 0.52),
        -0.42: (0.00, 1.48, 0.42),
        -0.26: (-0.02, 1.56, 0.38),
        -0.13: (0.04, 1.72, 0.26),
        -0.06: (0.14, 1.86, 0.08),
        0.00: (0.21, 1.96, -0.16),
        0.06: (0.30, 1.80, -0.42),
        0.14: (0.32, 1.36, -0.52),
        0.28: (0.26, 0.96, -0.42),
        0.60: (0.20, 0.94, -0.34),
    },
    "hip": {
        -1.80: (-0.02, 0.885, 0.04),
        -0.80: (-0.02, 0.875, 0.05),
        -0.40: (0.02, 0.82, -0.02),
        -0.10: (0.02, 0.88, -0.08),
        0.00: (0.02, 0.895, -0.10),
        0.30: (0.04, 0.87, -0.12),
    },
}
#: What trunk, head, left arm and feet do, in degrees by time before contact.
_TURNS = {
    "lean_deg": {-1.4: 6.0, -0.4: -4.0, 0.0: 6.0, 0.25: 34.0, 0.6: 22.0},
    "curl_deg": {-1.4: 4.0, -0.4: -14.0, -0.1: -6.0, 0.25: 24.0, 0.6: 12.0},
    "side_deg": {-0.9: 0.0, -0.4: 10.0, 0.0: -22.0, 0.3: -6.0},
    "pelvis_deg": {-1.2: 10.0, -0.5: -8.0, -0.3: 4.0, -0.1: 54.0, 0.0: 68.0, 0.3: 92.0},
    "thorax_deg": {-1.2: 8.0, -0.5: -24.0, -0.26: -10.0, -0.08: 52.0, 0.0: 74.0}
    | {0.3: 112.0},
    "gaze_deg": {-1.2: 60.0, 0.0: 70.0, 0.3: 90.0},
    "nod_deg": {-1.2: 0.0, -0.7: -32.0, -0.05: -32.0, 0.25: -10.0},
    "left_heel_deg": {-0.5: 0.0, -0.08: 26.0, 0.0: 32.0, 0.25: 8.0},
    "right_heel_deg": {-0.6: 0.0, -0.3: 20.0, 0.0: 58.0, 0.3: 55.0},
    "left_spin_deg": {-0.3: 0.0, 0.0: 0.0},
    "right_spin_deg": {-0.4: 0.0, 0.1: 40.0},
    "arm_deg": {-1.4: 35.0, -1.1: 20.0, -0.72: 140.0, -0.4: 158.0, -0.2: 110.0}
    | {0.0: 35.0, 0.3: 25.0},
    "aside_deg": {-1.2: 5.0, -0.7: -4.0, 0.0: 14.0},
    "elbow_deg": {-1.2: 35.0, -0.7: 8.0, -0.3: 15.0, 0.0: 105.0, 0.3: 80.0},
}
#: How the racket turns in its plane: 0 down, -90 away from the court, -180 up.
_RACKET_TURN = {
    -1.80: 40.0,
    -1.40: 35.0,
    -1.05: -20.0,
    -0.70: -100.0,
    -0.42: -150.0,
    -0.26: -125.0,
    -0.13: -30.0,
    -0.045: -74.0,
    0.00: -180.0,
    0.05: -285.0,
    0.14: -322.0,
    0.28: -350.0,
}


def tennis_serve(
    *,
    plane_slope_deg: float = 84.0,
    handedness: Literal["right", "left"] = "right",
    height_m: float = 1.75,
    person: Figure | None = None,
    contact_s: float = 2.0,
    duration_s: float = 3.0,
    rate_hz: float = 240.0,
    start_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    clip_id: str = "tennis_serve",
    track_id: int = 0,
) -> Motion:
    """Serve with toss, trophy pose, racket drop and contact, feet on the ground.

    The court is at +X; a right-hander stands sideways, facing +Z. The middle of the
    strings stays on one plane that leans out over the player's front.

    Parameters
    ----------
    plane_slope_deg
        Slope of the plane of the racket's head, 75 to 90.
    handedness
        "right" or "left".
    height_m
        Body height, unless `person` is given.
    person
        The figure that serves.
    contact_s
        When the racket meets the ball, 1.9 or later.
    duration_s, rate_hz
        Length of the recording and frames per second.
    start_m
        Where the middle of the feet is.
    clip_id, track_id
        Key of the tables made from the motion.

    Returns
    -------
    The motion, with the points ``racket_grip``, ``racket_head`` and ``ball``, the
    events ``release`` (of the toss), ``launch`` (of the racket, from its drop),
    ``contact`` and ``follow_through``, and the truth ``plane_slope_deg``,
    ``racket_head_speed_m_s``, ``attack_angle_deg`` and ``swing_direction_deg`` at
    contact, and ``contact_height_m``.

    Raises
    ------
    ConfigError
        If a knob is impossible.
    """
    if not 75 <= plane_slope_deg <= 90 or contact_s < 1.9:
        msg = "allowed are plane_slope_deg 75 to 90 and contact_s from 1.9; found "
        raise ConfigError(msg + f"{plane_slope_deg} and {contact_s}")
    if handedness not in {"right", "left"}:
        msg = f"handedness is {handedness!r}, allowed are 'right' and 'left'"
        raise ConfigError(msg)
    stroke = _stroke(person or figure(height_m=height_m), plane_slope_deg, contact_s)
    release_s = contact_s - _FLIGHT_S
    motion = recorded(
        stroke,
        clock(duration_s, rate_hz),
        happenings=[
            Happening("release", release_s),
            Happening("launch", contact_s - 0.13),
            Happening("contact", contact_s),
            Happening("follow_through", contact_s + 0.28),
        ],
        truth={
            "plane_slope_deg": plane_slope_deg,
            **stroke.at_impact("racket_head", contact_s, handedness=handedness),
            "contact_height_m": float(stroke.ball[1]),
        },
        handedness=handedness,
        start_m=start_m,
        key=(clip_id, track_id),
    )
    return _tossed(motion, release_s, "left" if handedness == "right" else "right")


def _tossed(motion: Motion, release_s: float, side: Literal["left", "right"]) -> Motion:
    """Let the ball lie in a hand before it flies."""
    palm = points(motion.figure, motion.bones, (f"{side}_palm",))[:, 0]
    since = (motion.time_s - release_s) / _LETTING_GO_S
    late = np.clip(since + 0.5, 0.0, 1.0)
    flying = (late**2 * (3.0 - 2.0 * late))[:, None]
    ball = (1.0 - flying) * palm + flying * motion.points["ball"]
    return replace(motion, points={**motion.points, "ball": ball})


def _stroke(person: Figure, slope_deg: float, contact_s: float, /) -> Stroke:
    """Lay out trunk, hand and racket over time."""
    scale = person.height_m / _HEIGHT_M
    curves = path_curves(_PATHS, scale, smoothing_s=0.015, from_s=contact_s)
    curves |= {
        name: timeline(knots, from_s=contact_s) for name, knots in _TURNS.items()
    }
    grip, racket = along(curves, "grip"), _RACKET_M * scale
    lean = np.radians(slope_deg)
    here = grip(np.array([contact_s]))[0]
    ball = here + racket * np.array([np.cos(lean), np.sin(lean), 0.0])
    return Stroke(
        striker=Striker(
            person=person,
            curves=curves,
            holds=(Hold("right", 0.0),),
            heels_m={
                "left": (-0.19 * person.foot_m, -0.24 * scale),
                "right": (-0.19 * person.foot_m, 0.20 * scale),
            },
            toe_out_deg={"left": 40.0, "right": 0.0},
            free_arm="left",
        ),
        # Leaning out means that the plane rises away from the player.
        plane=StrokePlane(ball, 180.0 - slope_deg),
        grip=grip,
        turn=timeline(_RACKET_TURN, smoothing_s=0.01, from_s=contact_s),
        length_m=racket,
        names=("racket_grip", "racket_head"),
        ball=ball,
        impact_s=contact_s,
        # The toss comes down again when it is hit.
        incoming_m_s=(0.0, -2.5, 0.0),
        incoming_for_s=_FLIGHT_S,
    )
