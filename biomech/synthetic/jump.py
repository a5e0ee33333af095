"""Jumps whose height, flight and events are known in closed form."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.synthetic.curves import State
from biomech.synthetic.figure import Figure, figure
from biomech.synthetic.leaping import Leap
from biomech.synthetic.mass import GRAVITY_M_S2
from biomech.synthetic.motion import Happening, Motion, clock
from biomech.synthetic.postures import Posture, performed, put_together, rolling

Array = NDArray[np.float64]

#: Knees when standing, at take-off and at landing, degrees of flexion.
QUIET_KNEE_DEG, OFF_KNEE_DEG, ON_KNEE_DEG = 8.0, 14.0, 18.0
#: How much lower the centre of mass is at landing than at take-off, in body heights, to
#: begin with (5 cm in Yamashita et al. 2020).
DROP_BH = 0.035
#: A movement from rest to a speed over a distance takes this many times distance/speed
#: (2 at constant acceleration; less because the push fades before take-off).
PUSH = 1.7
#: Standing up after a landing takes this long.
RISE_S = 0.9
#: Where the centre of mass is over the foot, as a share of its length from the heel:
#: quiet stance, and take-off and landing.
QUIET_OVER, BALL_OVER = 0.42, 0.62

QUIET = Posture(-5.0, -2.0, 0.0, -2.0, 2.0, 8.0, 10.0)
_CROUCH = Posture(-38.0, 8.0, 8.0, -30.0, -55.0, 14.0, 15.0)
_PUSHING = Posture(-26.0, 4.0, 4.0, -22.0, 20.0, 12.0, 25.0)
TAKE_OFF = Posture(-7.0, -4.0, -3.0, 5.0, 148.0, -8.0, 30.0)
_FLYING = Posture(-4.0, -3.0, 0.0, 3.0, 150.0, -8.0, 25.0)
_LANDING = Posture(-12.0, 2.0, 3.0, -6.0, 95.0, 0.0, 30.0)
_ABSORBING = Posture(-28.0, 6.0, 6.0, -20.0, 35.0, 22.0, 35.0)


class Flight(NamedTuple):
    """One flight of the centre of mass: leaving and meeting the floor."""

    off_s: float
    on_s: float
    speed_m_s: float

    @property
    def height_m(self) -> float:
        """How far the centre of mass rises."""
        return self.speed_m_s**2 / (2 * GRAVITY_M_S2)


def counter_movement_jump(
    *,
    jump_height_m: float = 0.35,
    depth_m: float = 0.32,
    height_m: float = 1.75,
    person: Figure | None = None,
    quiet_s: float = 0.6,
    duration_s: float = 3.5,
    rate_hz: float = 120.0,
    arm_swing_ratio: float = 1.0,
    heading_deg: float = 0.0,
    start_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    clip_id: str = "counter_movement_jump",
    track_id: int = 0,
) -> Motion:
    """Stand, bend, jump up, land and stand again.

    In flight the centre of mass (de Leva, see `mass_centre`) is in free fall. It lands
    lower than it took off, as people do, so that the flight is longer than the height
    from take-off speed explains.

    Parameters
    ----------
    jump_height_m
        Rise of the centre of mass after take-off, 0.02 to 1.2.
    depth_m
        How far the centre of mass goes down before.
    height_m
        Body height, unless `person` is given.
    person
        The figure that jumps.
    quiet_s
        Time of standing still before the movement.
    duration_s, rate_hz
        Length of the recording and frames per second.
    arm_swing_ratio
        Size of the arm swing: 1 is full, 0 leaves the arms hanging.
    heading_deg, start_m
        Direction the person faces, as a turn to the left from X, and where it stands.
    clip_id, track_id
        Key of the tables made from the motion.

    Returns
    -------
    The motion, with the events ``movement_onset``, ``lowest``, ``take_off`` and
    ``landing``, and the truth ``jump_height_m``, ``take_off_speed_m_s``, ``flight_s``,
    ``flight_time_height_m`` (what g T^2 / 8 gives), ``depth_m`` and
    ``time_to_take_off_s``.

    Raises
    ------
    ConfigError
        If a knob is impossible, or the legs cannot do it.

    References
    ----------
    Linthorne NP (2001) Analysis of standing vertical jumps using a force platform.
    Am J Phys 69:1198, doi:10.1119/1.1397460.
    """
    refuse(jump_height_m, depth_m)
    person = person or figure(height_m=height_m)
    plan = _plan(person, (jump_height_m, depth_m), quiet_s, duration_s, arm_swing_ratio)
    onset, _, off, _ = (happening.time_s for happening in plan.happenings)
    return performed(
        plan.leap,
        plan.height,
        plan.forward,
        clock(duration_s, rate_hz),
        happenings=plan.happenings,
        truth={
            **flight_truth(plan.flight),
            "depth_m": depth_m,
            "time_to_take_off_s": off - onset,
        },
        place=(heading_deg, start_m, clip_id, track_id),
    )


class Plan(NamedTuple):
    """Who does what when: the states are those of the centre of mass."""

    leap: Leap
    height: list[State]
    forward: list[State]
    flight: Flight
    happenings: list[Happening]


def _plan(
    person: Figure,
    size_m: tuple[float, float],
    quiet_s: float,
    duration_s: float,
    arms: float,
) -> Plan:
    """Lay out a jump of so much height and depth."""
    jump_m, depth_m = size_m
    speed = float(np.sqrt(2 * GRAVITY_M_S2 * jump_m))
    onset, lowest = quiet_s, quiet_s + 0.5
    off = lowest + PUSH * (depth_m + 0.07 * person.height_m) / speed
    quiet_x, ball_x = QUIET_OVER * person.foot_m, BALL_OVER * person.foot_m
    drop_m = DROP_BH * person.height_m
    # How low the body is at landing follows from its posture then, and when that is
    # follows from how low it is: three rounds settle it to a micrometre.
    for _ in range(4):
        on = off + fall_time_s(speed, drop_m)
        absorbed = on + PUSH * (0.9 * depth_m + 0.04 * person.height_m) / speed
        leap = _leap(person, (onset, lowest, off, on, absorbed), duration_s, arms)
        top = leap.height_at(off, ball_x, OFF_KNEE_DEG)
        drop_m = top - leap.height_at(on, ball_x, ON_KNEE_DEG)
    quiet = leap.height_at(0.0, quiet_x, QUIET_KNEE_DEG)
    brake, risen = 1.2 * speed / (off - lowest), absorbed + RISE_S
    height = [
        State(onset, quiet),
        State(lowest, quiet - depth_m, 0.0, brake),
        State(off, top, speed, -GRAVITY_M_S2),
        fallen(State(off, top, speed), on),
        State(absorbed, quiet - 0.75 * depth_m, 0.0, 1.5),
        State(risen, quiet),
    ]
    times = (lowest, off, on, risen)
    over = (quiet_x, ball_x, ball_x, quiet_x)
    forward = [State(time, x) for time, x in zip(times, over, strict=True)]
    names = ("movement_onset", "lowest", "take_off", "landing")
    happenings = [
        Happening(name, time)
        for name, time in zip(names, (onset, lowest, off, on), strict=True)
    ]
    return Plan(leap, height, forward, Flight(off, on, speed), happenings)


def _leap(
    person: Figure, times: tuple[float, ...], duration_s: float, arms: float
) -> Leap:
    """Give postures and supports to the times of the jump."""
    onset, lowest, off, on, absorbed = times
    risen = absorbed + RISE_S
    postures = {
        onset + 0.05: QUIET,
        lowest - 0.05: _CROUCH,
        (lowest + off) / 2: _PUSHING,
        off: TAKE_OFF,
        **flying(off, on),
        **absorbing(absorbed, risen),
    }
    supports = [
        rolling(-1.0, off, pushed=True),
        rolling(on, duration_s + risen, landed=True),
    ]
    return put_together(person, _scaled(postures, arms), supports)


def refuse(jump_height_m: float, depth_m: float, /) -> None:
    """Refuse jumps that nobody does."""
    if not 0.02 <= jump_height_m <= 1.2 or not 0.02 <= depth_m <= 0.8:
        msg = "allowed are jump_height_m 0.02 to 1.2 and depth_m 0.02 to 0.8; found "
        raise ConfigError(msg + f"{jump_height_m} and {depth_m}")


def fall_time_s(speed_m_s: float, drop_m: float, /) -> float:
    """Time from leaving upwards until being lower by so much."""
    g = GRAVITY_M_S2
    return float((speed_m_s + np.sqrt(speed_m_s**2 + 2 * g * drop_m)) / g)


def fallen(off: State, time_s: float, /) -> State:
    """Give the state of a free fall at a later time."""
    g, since = GRAVITY_M_S2, time_s - off.time_s
    height = off.value + off.speed * since - g * since**2 / 2
    return State(time_s, height, off.speed - g * since, -g)


def flying(off_s: float, on_s: float, /) -> dict[float, Posture]:
    """Give the postures of a flight, up to the landing."""
    return {(off_s + on_s) / 2: _FLYING, on_s: _LANDING}


def absorbing(lowest_s: float, risen_s: float, /) -> dict[float, Posture]:
    """Give the postures of a landing, back to standing."""
    return {
        lowest_s: _ABSORBING,
        # The trunk is upright a little before the legs are.
        risen_s - 0.2: QUIET,
    }


def flight_truth(flight: Flight, /) -> dict[str, float]:
    """State what is true of a flight."""
    flight_s = flight.on_s - flight.off_s
    return {
        "jump_height_m": flight.height_m,
        "take_off_speed_m_s": flight.speed_m_s,
        "flight_s": flight_s,
        "flight_time_height_m": GRAVITY_M_S2 * flight_s**2 / 8,
    }


def _scaled(postures: Mapping[float, Posture], arms: float) -> dict[float, Posture]:
    """Make the arm swing smaller or larger."""
    rest = QUIET.arm_flexion
    return {
        time: p._replace(arm_flexion=rest + arms * (p.arm_flexion - rest))
        for time, p in postures.items()
    }
