"""Postures of the upper body over time, on legs that balance it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomech.synthetic.curves import Curve, Knots, State, chain, timeline
from biomech.synthetic.figure import Figure
from biomech.synthetic.leaping import Leap, Support
from biomech.synthetic.motion import Happening, Motion, perform, placed
from biomech.synthetic.reach import arm_swing
from biomech.synthetic.stepping import SIDES

Array = NDArray[np.float64]


class Posture(NamedTuple):
    """The upper body at one moment, in degrees; both arms alike."""

    pelvis_tilt: float
    lumbar_flexion: float
    thorax_flexion: float
    neck_flexion: float
    arm_flexion: float
    arm_abduction: float
    elbow_flexion: float


def standing(start_s: float, end_s: float, /) -> Support:
    """Keep both feet flat on the floor from one time to another."""
    flat = timeline({start_s: 0.0, end_s: 0.0})
    return Support(start_s, end_s, flat, flat)


def rolling(
    start_s: float,
    end_s: float,
    *,
    pushed: bool = False,
    landed: bool = False,
    heel_m: tuple[float, float] = (0.0, 0.0),
    rise: tuple[float, float] = (0.14, -52.0),
) -> Support:
    """Let the feet roll down after a landing and up before a take-off.

    Parameters
    ----------
    start_s, end_s
        When the feet are on the floor.
    pushed
        Whether they leave it at the end, over the toes.
    landed
        Whether they meet it at the start, toes first.
    heel_m
        Where the heels are, forward and up.
    rise
        How long before the end the heels begin to rise, and how far: s, degrees.

    Returns
    -------
    The support.
    """
    pitch: dict[float, float] = {}
    toes: dict[float, float] = {}
    if landed:
        pitch |= {start_s - 0.05: -46.0, start_s: -32.0, start_s + 0.08: 0.0}
        toes |= {start_s - 0.05: 0.0}
    if pushed:
        time_s, pitch_deg = rise
        pitch |= {end_s - time_s: 0.0, end_s - time_s / 2: pitch_deg / 4}
        pitch |= {end_s: pitch_deg, end_s + time_s / 2: 1.6 * pitch_deg}
        toes |= {end_s - 0.05: 0.0, end_s: -18.0, end_s + 0.05: -36.0}
    if not pitch:
        pitch = toes = {start_s: 0.0, end_s: 0.0}
    toes.setdefault(start_s - 0.1, 0.0)
    return Support(
        start_s,
        end_s,
        timeline(pitch, smoothing_s=0.008),
        timeline(toes, smoothing_s=0.008),
        heel_m,
    )


def put_together(
    person: Figure, postures: Mapping[float, Posture], supports: Sequence[Support]
) -> Leap:
    """Make a person of postures over time; the centre of mass comes later.

    Parameters
    ----------
    person
        The figure.
    postures
        What the upper body does when.
    supports
        When and where the feet are on the floor.

    Returns
    -------
    A `Leap` whose centre of mass has no path yet.
    """
    return Leap(
        person=person,
        upper=upper_body(postures),
        centre=lambda t: np.zeros((len(t), 2)),
        supports=supports,
        stance_width_m=0.14 * person.height_m,
        toe_out_deg=8.0,
    )


def upper_body(postures: Mapping[float, Posture], /) -> dict[str, Curve]:
    """Turn postures over time into curves of the angles of the upper body.

    Parameters
    ----------
    postures
        What the upper body does when.

    Returns
    -------
    Curves by the name of the angle.
    """

    def over_time(field: str) -> Curve:
        knots: Knots = {time: getattr(p, field) for time, p in postures.items()}
        return timeline(knots, smoothing_s=0.03)

    spine = ("pelvis_tilt", "lumbar_flexion", "thorax_flexion", "neck_flexion")
    curves = {f"{name}_deg": over_time(name) for name in spine}
    flexion, abduction = over_time("arm_flexion"), over_time("arm_abduction")
    elbow = over_time("elbow_flexion")
    for side in SIDES:
        for part in ("plane", "elevation", "rotation"):
            curves[f"{side}_shoulder_{part}_deg"] = _shoulder(
                side, part, flexion, abduction
            )
        curves[f"{side}_elbow_flexion_deg"] = elbow
        curves[f"{side}_forearm_pronation_deg"] = lambda t: np.full(np.shape(t), 60.0)
    return curves


def _shoulder(side: str, part: str, flexion: Curve, abduction: Curve) -> Curve:
    """Give one angle of a swinging arm; the shoulder blade helps above the head."""

    def curve(time_s: ArrayLike) -> Array:
        time = np.atleast_1d(np.asarray(time_s, float))
        angles = arm_swing(
            side, flexion_deg=flexion(time), abduction_deg=abduction(time)
        )
        return angles[f"{side}_shoulder_{part}_deg"]

    return curve


def performed(
    leap: Leap,
    height: Sequence[State],
    forward: Sequence[State],
    time_s: Array,
    /,
    *,
    happenings: Sequence[Happening],
    truth: Mapping[str, float],
    place: tuple[float, tuple[float, float, float], str, int],
) -> Motion:
    """Let the centre of mass follow its states, and make the motion.

    Parameters
    ----------
    leap
        The person.
    height, forward
        States of the centre of mass, up and ahead.
    time_s
        Time of every frame.
    happenings, truth
        What happens, and what is true of the motion.
    place
        Heading, start, clip and track of the motion.

    Returns
    -------
    The motion.
    """
    up, ahead = chain(height), chain(forward)
    leap = replace(leap, centre=lambda t: np.stack([ahead(t), up(t)], axis=-1))
    angles, root = leap.solve(time_s)
    heading_deg, start_m, clip_id, track_id = place
    motion = perform(
        leap.person,
        time_s,
        angles,
        root,
        happenings=happenings,
        truth=truth,
        clip_id=clip_id,
        track_id=track_id,
    )
    return placed(motion, heading_deg=heading_deg, offset_m=start_m)
