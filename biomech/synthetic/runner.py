"""A person who runs: a spring on the ground, a ballistic flight, exact events."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.skeletons import HALPE26
from biomech.synthetic.curves import GRID, Curve, periodic
from biomech.synthetic.figure import Figure, bone_frames, figure
from biomech.synthetic.landmarks import keypoints
from biomech.synthetic.mass import GRAVITY_M_S2, mass_centre
from biomech.synthetic.motion import Happening, Motion, clock, perform, placed
from biomech.synthetic.reach import Angles, arm_swing
from biomech.synthetic.stepping import SIDES, Gait, Stride, footfall, leg_length

Array = NDArray[np.float64]

Strike = Literal["heel", "midfoot", "forefoot"]
#: Foot above the floor by share of the contact (0 to 1) and of the air time (1 to 2):
#: heel rise from the middle of the contact, level heels under the body in the air.
_PITCH = {0.60: -13.0, 0.80: -33.0, 1.00: -62.0, 1.06: -70.0, 1.30: -92.0, 1.55: -62.0}
#: How it lands. Heel: mild, flat from a fifth on. Forefoot: the ball first, the heel
#: comes down until a third. Strikes are told apart at +8 and -1.6 degrees (Altman and
#: Davis 2012).
_LANDINGS: dict[Strike, dict[float, float]] = {
    "heel": {0.0: 10.0, 0.18: 0.0, 0.38: 0.0, 1.75: -22.0, 1.90: 8.0},
    "midfoot": {0.0: 2.0, 0.10: 0.0, 0.38: 0.0, 1.75: -25.0, 1.90: 0.0},
    "forefoot": {
        0.0: -9.0,
        0.18: -4.0,
        0.34: -1.0,
        0.42: -2.0,
        1.75: -30.0,
        1.90: -10.0,
    },
}
_TOE_PITCH = {0.0: 0.0, 0.72: 0.0, 0.90: -14.0, 1.05: -40.0, 1.30: 0.0}
#: Knee flexion in the air, by share of the air time.
_SWING_KNEE = {1.20: 62.0, 1.45: 91.0, 1.80: 36.0}
#: Knee flexion at contact and at toe-off that the height of the pelvis must leave.
_LEAST_KNEE_DEG = 9.0


def runner(
    *,
    speed_m_s: float = 3.5,
    stride_s: float = 0.70,
    contact_s: float = 0.235,
    strike: Strike = "heel",
    height_m: float = 1.75,
    person: Figure | None = None,
    duration_s: float = 4.0,
    rate_hz: float = 120.0,
    treadmill: bool = False,
    heading_deg: float = 0.0,
    start_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    start_phase: float = 0.0,
    clip_id: str = "runner",
    track_id: int = 0,
) -> Motion:
    """Run straight on at a constant mean speed.

    The centre of mass follows the spring-mass model: in contact the vertical force is
    half a sine wave, in flight there is none, so that its height over time is known in
    closed form. Right contacts are at ``(n - start_phase) stride_s``, left ones half a
    stride later, toe-offs ``contact_s`` after their contact. Feet do not slide.

    Parameters
    ----------
    speed_m_s
        Mean speed, or speed of the belt.
    stride_s
        Duration of a stride, two steps.
    contact_s
        Duration of a contact; shorter than a step.
    strike
        What touches the floor first.
    height_m
        Body height, unless `person` is given.
    person
        The figure that runs.
    duration_s, rate_hz
        Length of the recording and frames per second.
    treadmill
        Whether the floor moves instead of the person.
    heading_deg
        Direction of running as a turn to the left from X.
    start_m
        Where the person is at time 0.
    start_phase
        Phase of the right leg at time 0, in strides.
    clip_id, track_id
        Key of the tables made from the motion.

    Returns
    -------
    The motion, with ``initial_contact`` and ``toe_off`` events of both sides, and the
    truth ``speed_m_s``, ``stride_length_m``, ``step_length_m``, ``cadence_spm``,
    ``stride_s``, ``contact_s``, ``flight_s``, ``duty_ratio``,
    ``vertical_oscillation_m`` (of the centre of mass) and ``max_force_bw_ratio``.

    Raises
    ------
    ConfigError
        If a knob is impossible, or the legs are too short for the stride.

    References
    ----------
    Morin JB et al. (2005) A method for measuring stiffness during running. J Appl
    Biomech 21:167, doi:10.1123/jab.21.2.167.
    """
    if min(speed_m_s, stride_s) <= 0 or not 0.05 < contact_s < stride_s / 2:
        msg = (
            "allowed are speed_m_s and stride_s above 0, contact_s between 0.05 and "
            f"half a stride; found {speed_m_s}, {stride_s}, {contact_s}"
        )
        raise ConfigError(msg)
    if strike not in _LANDINGS:
        msg = f"unknown strike {strike!r}; known are {', '.join(_LANDINGS)}"
        raise ConfigError(msg)
    person = person or figure(height_m=height_m)
    time_s = clock(duration_s, rate_hz)
    gait = _gait(person, speed_m_s, stride_s, contact_s, strike)
    phase = time_s / stride_s + start_phase
    root = gait.root(phase)
    root[:, 0] += 0.0 if treadmill else speed_m_s * time_s
    angles = gait.angles(phase, gait.legs()) | _upper_body(phase)
    motion = perform(
        person,
        time_s,
        angles,
        root,
        happenings=_happenings(stride_s, contact_s, start_phase, duration_s),
        truth=_truth(speed_m_s, stride_s, contact_s),
        clip_id=clip_id,
        track_id=track_id,
    )
    return placed(motion, heading_deg=heading_deg, offset_m=start_m)


def spring_mass_height(time_s: Array, /, *, step_s: float, contact_s: float) -> Array:
    """Height of the centre of mass of a spring-mass runner above its lowest point.

    Parameters
    ----------
    time_s
        Time since a contact, any number of steps.
    step_s, contact_s
        Duration of a step and of its contact.

    Returns
    -------
    Metres, of the shape of `time_s`.

    Notes
    -----
    In contact the force is ``F sin(pi t / tc)``; over a step its mean is the weight, so
    that ``F / (m g) = (pi / 2) step_s / contact_s``. Twice integrated, with the
    vertical speed zero in the middle of contact; in flight free fall.
    """
    tc, g = contact_s, GRAVITY_M_S2
    since = np.mod(time_s, step_s)
    force = g * np.pi / 2 * step_s / tc
    swing = force * (tc / np.pi) ** 2
    middle = since - tc / 2
    pressed = swing * (1 - np.sin(np.pi * since / tc)) - g * middle**2 / 2
    at_end = swing - g * tc**2 / 8
    leaving = g * (step_s - tc) / 2
    after = since - tc
    flying = at_end + leaving * after - g * after**2 / 2
    return np.where(since < tc, pressed, flying)


def _gait(
    person: Figure, speed_m_s: float, stride_s: float, contact_s: float, strike: Strike
) -> Gait:
    """Put feet and pelvis together, with the height of the spring-mass model."""
    ratio = contact_s / stride_s
    knots = [_LANDINGS[strike] | _PITCH, _TOE_PITCH, _SWING_KNEE]
    pitch, toe_pitch, knee = (
        {_phase(share, ratio): value for share, value in k.items()} for k in knots
    )
    # The foot is ahead of the hips for 35 to 40 % of the contact.
    stride = Stride(
        length_m=speed_m_s * stride_s,
        stride_s=stride_s,
        contact_ratio=ratio,
        reach_m=0.31 * speed_m_s * contact_s - 0.19 * person.foot_m,
        pitch=pitch,
        toe_pitch=toe_pitch,
        swing_knee=knee,
        landing_knee_deg=0.0,
        landing_m_s=0.25 * speed_m_s,
        toe_out_deg=5.0,
        step_width_m=0.025 * person.height_m,
    )
    root = np.zeros((len(GRID), 3))
    root[:, 2] = 0.004 * person.height_m * np.sin(2 * np.pi * (GRID - ratio / 2 + 0.25))
    gait = Gait(
        person=person,
        feet={side: footfall(person, side, stride) for side in SIDES},
        lag=0.5,
        pelvis=_pelvis(ratio),
        root=periodic(root),
    )
    path = spring_mass_height(GRID * stride_s, step_s=stride_s / 2, contact_s=contact_s)
    return _carried(gait, path)


def _phase(share: float, contact_ratio: float) -> float:
    """Turn a share of contact (0 to 1) or air (1 to 2) into a phase of the stride."""
    if share <= 1.0:
        return share * contact_ratio
    return contact_ratio + (share - 1.0) * (1.0 - contact_ratio)


def _carried(gait: Gait, path: Array) -> Gait:
    """Raise the pelvis so that the centre of mass follows a path up and down.

    The path is the height over its lowest point; how high that is follows from the
    knees, which must keep some flexion at contact and toe-off. Where the centre of
    mass is in the body depends on the pose, so this is repeated until it settles.
    """
    offset = np.zeros(len(GRID))
    for _ in range(6):
        free = path - offset
        gait = gait.with_height(free + _highest_base(gait, free))
        angles = gait.angles(GRID, gait.legs()) | _upper_body(GRID)
        bones = bone_frames(gait.person, angles, gait.root(GRID))
        body = np.moveaxis(keypoints(gait.person, bones), 1, 0)
        points = dict(zip(HALPE26.keypoints, body, strict=True))
        centre = mass_centre(gait.person, points)[:, 1]
        offset = centre - points["mid_hip"][:, 1]
        offset = offset - offset.mean()
    return gait


def _highest_base(gait: Gait, height: Array) -> float:
    """Find how much a path can be raised until a leg on the floor is too straight."""
    room = []
    longest = leg_length(gait.person, _LEAST_KNEE_DEG)
    root = gait.root(GRID)
    for side in SIDES:
        phase = gait.of(side, GRID) % 1.0
        on_floor = phase <= gait.feet[side].stride.contact_ratio
        hip = root + gait.hip_offset(side, GRID)
        line = gait.feet[side].pose(phase).ankle_m - hip
        flat = line[:, 0] ** 2 + line[:, 2] ** 2
        hip_up = hip[:, 1] - root[:, 1]
        ankle_up = line[:, 1] + hip[:, 1]
        top = ankle_up + np.sqrt(np.maximum(longest**2 - flat, 0.0)) - hip_up
        room.append(np.where(on_floor, top - height, np.inf))
    return float(np.min(room))


def _pelvis(ratio: float) -> dict[str, Curve]:
    """Tilt forward, drop on the swinging side, turn with the swinging leg."""
    turns = 2 * np.pi * (GRID - ratio / 2)
    return {
        "pelvis_tilt_deg": periodic(-12.0 - 2.0 * np.cos(2 * turns)),
        "pelvis_list_deg": periodic(-4.0 * np.cos(turns)),
        "pelvis_rotation_deg": periodic(-6.0 * np.sin(turns)),
    }


def _upper_body(phase: Array) -> Angles:
    """Lean a little, counter-rotate the trunk, swing bent arms against the legs."""
    turns = 2 * np.pi * phase
    angles: Angles = {
        "lumbar_flexion_deg": np.full_like(phase, -7.0),
        "lumbar_bend_deg": 3.0 * np.cos(turns - 0.9),
        "lumbar_rotation_deg": -4.0 * np.cos(turns),
        "thorax_flexion_deg": np.full_like(phase, 2.0),
        "thorax_rotation_deg": -14.0 * np.cos(turns),
        "neck_flexion_deg": np.full_like(phase, -8.0),
        "neck_rotation_deg": 12.0 * np.cos(turns),
    }
    for side, ahead in (("left", 0.0), ("right", np.pi)):
        forward = np.cos(turns + ahead - 0.25)
        angles |= arm_swing(
            side,
            flexion_deg=-14.0 + 34.0 * forward,
            abduction_deg=16.0 - 5.0 * forward,
            rotation_deg=8.0 + 10.0 * forward,
        )
        angles |= {
            f"{side}_elbow_flexion_deg": 94.0 + 10.0 * forward,
            f"{side}_forearm_pronation_deg": np.full_like(phase, 50.0),
            f"{side}_wrist_flexion_deg": np.full_like(phase, 5.0),
            f"{side}_clavicle_elevation_deg": np.full_like(phase, 3.0),
        }
    return angles


def _happenings(
    stride_s: float, contact_s: float, start_phase: float, duration_s: float
) -> list[Happening]:
    """List contacts and toe-offs of both feet."""
    count = np.arange(-2, int(duration_s / stride_s) + 3)
    return [
        Happening(event, float(t), side)
        for side, late in (("right", 0.0), ("left", 0.5))
        for event, later_s in (("initial_contact", 0.0), ("toe_off", contact_s))
        for t in (count + late - start_phase) * stride_s + later_s
    ]


def _truth(speed_m_s: float, stride_s: float, contact_s: float) -> dict[str, float]:
    """State what is true of every stride."""
    step_s = stride_s / 2
    flight_s = step_s - contact_s
    lowest_to_leaving = spring_mass_height(
        np.array([contact_s]), step_s=step_s, contact_s=contact_s
    )
    return {
        "speed_m_s": speed_m_s,
        "stride_s": stride_s,
        "stride_length_m": speed_m_s * stride_s,
        "step_length_m": speed_m_s * step_s,
        "cadence_spm": 60.0 / step_s,
        "contact_s": contact_s,
        "flight_s": flight_s,
        "duty_ratio": contact_s / stride_s,
        "vertical_oscillation_m": float(
            lowest_to_leaving[0] + GRAVITY_M_S2 * flight_s**2 / 8
        ),
        "max_force_bw_ratio": np.pi / 2 * step_s / contact_s,
    }
