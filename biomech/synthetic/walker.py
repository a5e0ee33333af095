"""A person who walks: feet that do not slide, events and speed exactly known."""

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.synthetic.curves import GRID, Curve, cyclic, periodic
from biomech.synthetic.figure import Figure, figure
from biomech.synthetic.motion import Happening, Motion, clock, perform, placed
from biomech.synthetic.reach import Angles, arm_swing
from biomech.synthetic.stepping import SIDES, Gait, Stride, footfall, leg_length

Array = NDArray[np.float64]

#: Foot above the floor: heel strike, foot flat by 8 %, heel rise after 30 %, push-off
#: at 62 %, toes up again for contact (shape after Perry and Burnfield 2010; degrees).
_PITCH = {
    0.00: 17.0,
    0.08: 0.0,
    0.28: 0.0,
    0.40: -7.0,
    0.45: -12.5,
    0.50: -22.5,
    0.55: -42.0,
    0.60: -64.0,
    0.64: -73.0,
    0.70: -62.0,
    0.75: -47.0,
    0.80: -28.0,
    0.85: -7.0,
    0.90: 10.0,
    0.95: 18.0,
}
_TOE_PITCH = {0.0: 0.0, 0.54: 0.0, 0.60: -32.0, 0.66: -80.0, 0.8: 0.0}
#: Knee flexion on the floor, which sets the height of the pelvis, and in the air. They
#: and the foot were adjusted until hip, knee and ankle followed the textbook curves
#: (Winter 2009; Perry and Burnfield 2010) to 2.5 degrees RMS at 1.35 m/s.
_STANCE_KNEE = {0.0: 12.0, 0.14: 17.0, 0.40: 5.5, 0.50: 12.5, 0.62: 40.0, 0.8: 40.0}
_SWING_KNEE = {0.72: 62.0, 0.87: 31.0, 0.96: 5.0}
#: How far in front of the hips the foot lands, as a share of the step.
_AHEAD_RATIO = 0.445
_CONTACT_RATIO = 0.62
#: Speed of the ankle just before contact; a slow walker lands no faster than he walks.
_LANDING_M_S = 0.8


def walker(
    *,
    speed_m_s: float = 1.35,
    stride_s: float = 1.1,
    height_m: float = 1.75,
    person: Figure | None = None,
    duration_s: float = 5.0,
    rate_hz: float = 60.0,
    treadmill: bool = False,
    heading_deg: float = 0.0,
    start_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    start_phase: float = 0.0,
    step_asymmetry_ratio: float = 0.0,
    arm_swing_ratio: float = 1.0,
    clip_id: str = "walker",
    track_id: int = 0,
) -> Motion:
    """Walk straight on at a constant mean speed.

    A foot touches the floor with the heel, rolls over ball and toes without sliding,
    and leaves it after 62 % of its stride. Right contacts are at
    ``(n - start_phase) stride_s``, left ones half a stride later (see
    `step_asymmetry_ratio`), toe-offs 62 % of a stride after their contact.

    Parameters
    ----------
    speed_m_s
        Mean speed, or speed of the belt.
    stride_s
        Duration of a stride.
    height_m
        Body height, unless `person` is given.
    person
        The figure that walks.
    duration_s, rate_hz
        Length of the recording and frames per second.
    treadmill
        Whether the floor moves instead of the person.
    heading_deg
        Direction of walking as a turn to the left from X; 180 is to the left for a
        camera that sees X go right.
    start_m
        Where the person is at time 0.
    start_phase
        Phase of the right leg at time 0, in strides.
    step_asymmetry_ratio
        (Left step time - right step time) / stride time, -0.2 to 0.2; a left step ends
        with the contact of the left foot.
    arm_swing_ratio
        Size of the arm swing; 1 is normal.
    clip_id, track_id
        Key of the tables made from the motion.

    Returns
    -------
    The motion, with ``initial_contact`` and ``toe_off`` events of both sides, and the
    truth ``speed_m_s``, ``stride_length_m``, ``cadence_spm``, ``stride_s``,
    ``stance_pct``, ``left_step_s``, ``right_step_s``, ``left_step_length_m``,
    ``right_step_length_m``, ``step_width_m``.

    Raises
    ------
    ConfigError
        If a knob is impossible, or the legs are too short for the stride.
    """
    if min(speed_m_s, stride_s) <= 0 or abs(step_asymmetry_ratio) > 0.2:
        msg = (
            "allowed are speed_m_s and stride_s above 0, step_asymmetry_ratio -0.2 to "
            f"0.2; found {speed_m_s}, {stride_s}, {step_asymmetry_ratio}"
        )
        raise ConfigError(msg)
    person = person or figure(height_m=height_m)
    time_s = clock(duration_s, rate_hz)
    gait = _gait(person, speed_m_s, stride_s, step_asymmetry_ratio)
    phase = time_s / stride_s + start_phase
    travelled = 0.0 if treadmill else speed_m_s * time_s
    root = gait.root(phase)
    root[:, 0] += travelled
    angles = gait.angles(phase, gait.legs()) | _upper_body(phase, arm_swing_ratio)
    motion = perform(
        person,
        time_s,
        angles,
        root,
        happenings=_happenings(gait, stride_s, start_phase, duration_s),
        truth=_truth(gait, speed_m_s, stride_s),
        clip_id=clip_id,
        track_id=track_id,
    )
    return placed(motion, heading_deg=heading_deg, offset_m=start_m)


def _gait(
    person: Figure, speed_m_s: float, stride_s: float, step_asymmetry_ratio: float
) -> Gait:
    """Put feet and pelvis together, with the height that the knees ask for."""
    length_m = speed_m_s * stride_s
    stride = Stride(
        length_m=length_m,
        stride_s=stride_s,
        contact_ratio=_CONTACT_RATIO,
        reach_m=_AHEAD_RATIO * length_m / 2 - 0.19 * person.foot_m,
        pitch=_PITCH,
        toe_pitch=_TOE_PITCH,
        swing_knee=_SWING_KNEE,
        landing_knee_deg=0.0,
        landing_m_s=_LANDING_M_S * min(speed_m_s, 1.0),
        toe_out_deg=7.0,
        step_width_m=0.055 * person.height_m,
    )
    sway = 0.011 * person.height_m
    ahead = 0.004 * person.height_m
    turns = 2 * np.pi * GRID
    root = np.zeros((len(GRID), 3))
    # The body stays behind in the longer step, so that the share of it in front of the
    # hips is that of the shorter one.
    behind = _AHEAD_RATIO * step_asymmetry_ratio * length_m / 2
    root[:, 0] = ahead * np.sin(2 * turns - 0.6) + behind * np.cos(turns)
    root[:, 2] = sway * np.sin(turns)
    gait = Gait(
        person=person,
        feet={side: footfall(person, side, stride) for side in SIDES},
        lag=0.5 - step_asymmetry_ratio / 2,
        pelvis=_pelvis(),
        root=periodic(root),
    )
    return gait.with_height(_height(gait))


def _pelvis() -> dict[str, Curve]:
    """Tilt forward, drop on the swinging side, turn with the swinging leg."""
    turns = 2 * np.pi * GRID
    return {
        "pelvis_tilt_deg": periodic(-9.0 - 1.0 * np.cos(2 * turns - 0.5)),
        "pelvis_list_deg": periodic(-4.5 * np.sin(turns + 0.35)),
        "pelvis_rotation_deg": periodic(4.5 * np.cos(turns)),
    }


def _height(gait: Gait) -> Array:
    """Find the height of the pelvis at which both knees come close to normal.

    Each leg on the floor asks for one height; they are averaged with weights that grow
    from contact on and fade when the other foot has landed, and rounded to four
    harmonics of the stride.
    """
    person, root = gait.person, gait.root(GRID)
    wanted, weights, highest = [], [], []
    for side in SIDES:
        phase = gait.of(side, GRID) % 1.0
        hip = root + gait.hip_offset(side, GRID)
        line = gait.feet[side].pose(phase).ankle_m - hip
        flat = line[:, 0] ** 2 + line[:, 2] ** 2
        length = leg_length(person, cyclic(_STANCE_KNEE)(phase))
        wanted.append(line[:, 1] + np.sqrt(np.maximum(length**2 - flat, 0.0)))
        limit = leg_length(person, 5.0) ** 2 - flat
        on_floor = phase <= _CONTACT_RATIO
        reach = line[:, 1] + np.sqrt(np.maximum(limit, 0.0))
        highest.append(np.where(on_floor, reach, np.inf))
        unloaded = 0.04 + (gait.lag if side == "left" else 1 - gait.lag)
        fade = np.clip(np.minimum(phase / 0.06, (unloaded - phase) / 0.12), 0.0, 1.0)
        weights.append(np.where(on_floor, fade, 0.0) + 1e-9)
    possible = np.minimum(
        np.average(wanted, axis=0, weights=weights), np.min(highest, axis=0)
    )
    spectrum = np.fft.rfft(possible)
    spectrum[5:] = 0.0
    height: Array = np.fft.irfft(spectrum, len(GRID))
    return height - max(0.0, float((height - np.min(highest, axis=0)).max()))


def _upper_body(phase: Array, swing: float) -> Angles:
    """Keep the trunk upright, counter-rotate it, swing the arms against the legs."""
    turns = 2 * np.pi * phase
    angles: Angles = {
        "lumbar_flexion_deg": np.full_like(phase, -8.0),
        "lumbar_rotation_deg": -4.0 * np.cos(turns),
        "lumbar_bend_deg": 4.0 * np.sin(turns + 0.35),
        "thorax_flexion_deg": 2.0 + 1.0 * np.cos(2 * turns),
        "thorax_rotation_deg": -5.0 * swing * np.cos(turns),
        "neck_flexion_deg": np.full_like(phase, -2.0),
        "neck_rotation_deg": (5.0 * swing - 0.5) * np.cos(turns),
    }
    for side, ahead in (("left", 0.0), ("right", np.pi)):
        forward = np.cos(turns + ahead - 0.3)
        angles |= arm_swing(
            side,
            flexion_deg=-3.0 + 19.0 * swing * forward,
            abduction_deg=7.0,
            rotation_deg=25.0,
        )
        angles |= {
            f"{side}_elbow_flexion_deg": 20.0 + 12.0 * swing * forward,
            f"{side}_forearm_pronation_deg": np.full_like(phase, 60.0),
            f"{side}_wrist_flexion_deg": np.full_like(phase, 8.0),
        }
    return angles


def _happenings(
    gait: Gait, stride_s: float, start_phase: float, duration_s: float
) -> list[Happening]:
    """List contacts and toe-offs of both feet."""
    count = np.arange(-2, int(duration_s / stride_s) + 3)
    found = []
    for side in SIDES:
        first = -start_phase - float(gait.of(side, 0.0))
        for event, later in (("initial_contact", 0.0), ("toe_off", _CONTACT_RATIO)):
            times = (count + first + later) * stride_s
            found += [Happening(event, float(t), side) for t in times]
    return found


def _truth(gait: Gait, speed_m_s: float, stride_s: float) -> dict[str, float]:
    """State what is true of every stride."""
    stride = gait.feet["right"].stride
    left_step_s = (1 - gait.lag) * stride_s
    right_step_s = gait.lag * stride_s
    return {
        "speed_m_s": speed_m_s,
        "stride_s": stride_s,
        "stride_length_m": stride.length_m,
        "cadence_spm": 120.0 / stride_s,
        "stance_pct": 100.0 * _CONTACT_RATIO,
        "left_step_s": left_step_s,
        "right_step_s": right_step_s,
        "left_step_length_m": speed_m_s * left_step_s,
        "right_step_length_m": speed_m_s * right_step_s,
        "step_width_m": stride.step_width_m,
    }
