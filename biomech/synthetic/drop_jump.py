"""Drop jumps: from a box, off the floor at once, and up."""

import numpy as np

from biomech.errors import ConfigError
from biomech.synthetic.curves import State
from biomech.synthetic.figure import Figure, figure
from biomech.synthetic.jump import (
    BALL_OVER,
    DROP_BH,
    OFF_KNEE_DEG,
    ON_KNEE_DEG,
    PUSH,
    QUIET,
    QUIET_KNEE_DEG,
    QUIET_OVER,
    RISE_S,
    TAKE_OFF,
    Flight,
    Plan,
    absorbing,
    fall_time_s,
    fallen,
    flight_truth,
    flying,
    refuse,
)
from biomech.synthetic.leaping import Leap
from biomech.synthetic.mass import GRAVITY_M_S2
from biomech.synthetic.motion import Happening, Motion, clock
from biomech.synthetic.postures import Posture, performed, put_together, rolling

_EVENTS = ("take_off", "landing", "lowest", "take_off", "landing")
#: Knees when stepping off the box.
_EDGE_KNEE_DEG = 30.0


def drop_jump(
    *,
    box_m: float = 0.30,
    jump_height_m: float = 0.30,
    contact_s: float = 0.30,
    height_m: float = 1.75,
    person: Figure | None = None,
    quiet_s: float = 0.5,
    duration_s: float = 3.2,
    rate_hz: float = 120.0,
    heading_deg: float = 0.0,
    start_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    clip_id: str = "drop_jump",
    track_id: int = 0,
) -> Motion:
    """Drop from a box, jump up at once, land and stand.

    Parameters
    ----------
    box_m
        Height of the box, 0.1 to 0.8.
    jump_height_m
        Rise of the centre of mass after take-off, 0.02 to 1.2.
    contact_s
        Time on the floor between drop and jump.
    height_m
        Body height, unless `person` is given.
    person
        The figure that jumps.
    quiet_s
        Time of standing on the box before the drop.
    duration_s, rate_hz
        Length of the recording and frames per second.
    heading_deg, start_m
        Direction the person faces, as a turn to the left from X, and where it lands.
    clip_id, track_id
        Key of the tables made from the motion.

    Returns
    -------
    The motion, with ``take_off`` (from box and floor) and ``landing`` (twice) and
    ``lowest`` events, and the truth ``jump_height_m``, ``take_off_speed_m_s``,
    ``flight_s``, ``flight_time_height_m``, ``contact_s``,
    ``reactive_strength_ratio`` (height over contact time, m/s) and ``box_m``.

    Raises
    ------
    ConfigError
        If a knob is impossible, or the legs cannot do it.
    """
    refuse(jump_height_m, 0.2)
    if not 0.1 <= box_m <= 0.8 or not 0.12 <= contact_s <= 0.8:
        msg = "allowed are box_m 0.1 to 0.8 and contact_s 0.12 to 0.8; found "
        raise ConfigError(msg + f"{box_m} and {contact_s}")
    person = person or figure(height_m=height_m)
    plan = _plan(person, box_m, jump_height_m, contact_s, quiet_s)
    return performed(
        plan.leap,
        plan.height,
        plan.forward,
        clock(duration_s, rate_hz),
        happenings=plan.happenings,
        truth={
            **flight_truth(plan.flight),
            "contact_s": contact_s,
            "reactive_strength_ratio": jump_height_m / contact_s,
            "box_m": box_m,
        },
        place=(heading_deg, start_m, clip_id, track_id),
    )


def _plan(
    person: Figure, box_m: float, jump_m: float, contact_s: float, quiet_s: float, /
) -> Plan:
    """Lay out the states of the centre of mass from the box to the end."""
    g, foot = GRAVITY_M_S2, person.foot_m
    speed, step = float(np.sqrt(2 * g * jump_m)), quiet_s + 0.55
    edge = (-0.10 - foot, box_m)
    start_x, leave_x = edge[0] + QUIET_OVER * foot, edge[0] + 0.9 * foot
    meet_x, ball_x = 0.5 * foot, BALL_OVER * foot
    fall_m, drop_m = box_m + 0.05 * person.height_m, DROP_BH * person.height_m
    # Both falls end when the body is as low as its posture then; see the other jump.
    for _ in range(4):
        touch = step + float(np.sqrt(2 * fall_m / g))
        off = touch + contact_s
        on = off + fall_time_s(speed, drop_m)
        absorbed = on + PUSH * (0.22 + 0.06 * person.height_m) / speed
        leap = _leap(person, (quiet_s, step, touch, off, on, absorbed), edge)
        leaves = leap.height_at(step, leave_x, _EDGE_KNEE_DEG)
        top = leap.height_at(off, ball_x, OFF_KNEE_DEG)
        fall_m = leaves - leap.height_at(touch, meet_x, ON_KNEE_DEG)
        drop_m = top - leap.height_at(on, ball_x, ON_KNEE_DEG)
    quiet, risen = leap.height_at(0.0, start_x, QUIET_KNEE_DEG), absorbed + RISE_S
    edge_state, off_state = State(step, leaves, 0.0, -g), State(off, top, speed, -g)
    meets = fallen(edge_state, touch)
    lowest = _lowest(meets, off_state)
    glide = (meet_x - leave_x) / (touch - step)
    height = [State(quiet_s, quiet), edge_state, meets, lowest, off_state]
    height += [
        fallen(off_state, on),
        State(absorbed, quiet - box_m - 0.22, 0.0, 1.5),
        State(risen, quiet - box_m),
    ]
    forward = [State(quiet_s, start_x), State(step, leave_x, glide)]
    forward += [State(touch, meet_x, glide), State(off, ball_x)]
    forward += [State(on, ball_x), State(risen, QUIET_OVER * foot)]
    times = (step, touch, lowest.time_s, off, on)
    happenings = [Happening(n, t) for n, t in zip(_EVENTS, times, strict=True)]
    return Plan(leap, height, forward, Flight(off, on, speed), happenings)


def _lowest(meets: State, off: State) -> State:
    """Find the turning point of a contact from the speeds at its ends.

    Down and up take 1.75 times distance over speed, and share the time between them.
    """
    contact_s, rise_m = off.time_s - meets.time_s, off.value - meets.value
    down_s = (off.speed * contact_s - 1.75 * rise_m) / (off.speed - meets.speed)
    low = meets.value + meets.speed * down_s / 1.75
    brake = 0.6 * (off.speed / (contact_s - down_s) - meets.speed / down_s)
    return State(meets.time_s + down_s, low, 0.0, brake)


def _leap(person: Figure, times: tuple[float, ...], edge: tuple[float, float]) -> Leap:
    """Give postures and supports to the times of the jump."""
    quiet_s, step, touch, off, on, absorbed = times
    risen = absorbed + RISE_S
    postures = {
        quiet_s: QUIET,
        step: Posture(-6.0, 0.0, 0.0, -12.0, -10.0, 14.0, 25.0),
        touch: Posture(-10.0, 2.0, 2.0, -12.0, -25.0, 25.0, 30.0),
        touch + 0.45 * (off - touch): Posture(
            -22.0, 4.0, 4.0, -18.0, -20.0, 18.0, 30.0
        ),
        off: TAKE_OFF._replace(arm_flexion=125.0),
        **flying(off, on),
        **absorbing(absorbed, risen),
    }
    supports = [
        rolling(-1.0, step, pushed=True, heel_m=edge, rise=(0.35, -38.0)),
        rolling(touch, off, pushed=True, landed=True),
        rolling(on, risen + 100.0, landed=True),
    ]
    return put_together(person, postures, supports)
