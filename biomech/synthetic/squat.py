"""Squats: repetitions of known depth and times."""

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.synthetic.curves import State
from biomech.synthetic.figure import Figure, figure
from biomech.synthetic.motion import Happening, Motion, clock
from biomech.synthetic.postures import Posture, performed, put_together, standing

Array = NDArray[np.float64]

_EVENTS = ("repetition_start", "deepest", "repetition_end")
_UP = Posture(-5.0, -2.0, 0.0, -2.0, 10.0, 8.0, 10.0)
#: The deepest posture at 110 degrees of knee flexion; shallower ones in proportion.
_DOWN = Posture(-32.0, 8.0, 6.0, -24.0, 122.0, 6.0, 8.0)
_FULL_KNEE_DEG, _QUIET_KNEE_DEG = 110.0, 6.0
#: Where the centre of mass is over the foot, as a share of its length from the heel.
_OVER = 0.42


def squat(
    *,
    n_repetitions: int = 5,
    peak_knee_deg: float = 105.0,
    repetition_s: float = 2.4,
    pause_s: float = 0.5,
    height_m: float = 1.75,
    person: Figure | None = None,
    rate_hz: float = 60.0,
    heading_deg: float = 0.0,
    start_m: tuple[float, float, float] = (0.0, 0.0, 0.0),
    clip_id: str = "squat",
    track_id: int = 0,
) -> Motion:
    """Squat several times with flat feet and raised arms.

    Every repetition goes down and up on a polynomial of degree five, the knees equally
    bent at its start and end, and bent by ``peak_knee_deg`` in its middle.

    Parameters
    ----------
    n_repetitions
        How many, 1 to 100.
    peak_knee_deg
        Knee flexion at the lowest point, 30 to 125.
    repetition_s
        Duration of a repetition.
    pause_s
        Time of standing before the first, between two, and after the last.
    height_m
        Body height, unless `person` is given.
    person
        The figure that squats.
    rate_hz
        Frames per second.
    heading_deg, start_m
        Direction the person faces, as a turn to the left from X, and where it stands.
    clip_id, track_id
        Key of the tables made from the motion.

    Returns
    -------
    The motion, with ``repetition_start``, ``deepest`` and ``repetition_end`` events,
    and the truth ``n_repetitions``, ``peak_knee_deg``, ``repetition_s`` and
    ``depth_m`` (of the centre of mass).

    Raises
    ------
    ConfigError
        If a knob is impossible, or the legs cannot do it.
    """
    _refuse(n_repetitions, peak_knee_deg, repetition_s, pause_s)
    person = person or figure(height_m=height_m)
    depth = peak_knee_deg / _FULL_KNEE_DEG
    down = Posture(*(u + depth * (d - u) for u, d in zip(_UP, _DOWN, strict=True)))
    starts = pause_s + np.arange(n_repetitions) * (repetition_s + pause_s)
    times = starts[:, None] + np.array([0.0, repetition_s / 2, repetition_s])
    duration_s = float(times[-1, 2]) + pause_s
    postures = {0.0: _UP} | {
        float(time): posture
        for row in times
        for time, posture in zip(row, (_UP, down, _UP), strict=True)
    }
    leap = put_together(person, postures, [standing(-1.0, duration_s + 1.0)])
    over = _OVER * person.foot_m
    top = leap.height_at(0.0, over, _QUIET_KNEE_DEG)
    bottom = leap.height_at(float(times[0, 1]), over, peak_knee_deg)
    return performed(
        leap,
        _heights(times, top, bottom),
        [State(0.0, over), State(duration_s, over)],
        clock(duration_s, rate_hz),
        happenings=[
            Happening(event, float(time))
            for event, column in zip(_EVENTS, times.T, strict=True)
            for time in column
        ],
        truth={
            "n_repetitions": float(n_repetitions),
            "peak_knee_deg": peak_knee_deg,
            "repetition_s": repetition_s,
            "depth_m": top - bottom,
        },
        place=(heading_deg, start_m, clip_id, track_id),
    )


def _refuse(n: int, peak_knee_deg: float, repetition_s: float, pause_s: float) -> None:
    """Refuse squats that nobody does."""
    if not 1 <= n <= 100 or not 30 <= peak_knee_deg <= 125:
        msg = "allowed are n_repetitions 1 to 100 and peak_knee_deg 30 to 125; found "
        raise ConfigError(msg + f"{n} and {peak_knee_deg}")
    if repetition_s <= 0.2 or pause_s < 0.1:
        msg = "allowed are repetition_s above 0.2 and pause_s from 0.1; found "
        raise ConfigError(msg + f"{repetition_s} and {pause_s}")


def _heights(times: Array, top: float, bottom: float) -> list[State]:
    """Give the centre of mass at the start, middle and end of every repetition."""
    # At the bottom the body is pushed up as hard as a cosine of that depth would be.
    push = 2 * (top - bottom) * (np.pi / (times[0, 2] - times[0, 0])) ** 2
    return [
        state
        for start, middle, end in times
        for state in (
            State(float(start), top),
            State(float(middle), bottom, 0.0, push),
            State(float(end), top),
        )
    ]
