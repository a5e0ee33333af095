"""A stroke in time: striker, plane, hands and implement put together."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.synthetic.curves import Curve, timeline
from biomech.synthetic.figure import BONE_INDEX
from biomech.synthetic.mass import GRAVITY_M_S2
from biomech.synthetic.motion import Happening, Motion, perform, placed
from biomech.synthetic.reach import Angles
from biomech.synthetic.striking import Striker, StrokePlane, mirrored

Array = NDArray[np.float64]

#: Rate at which crossings and peaks are looked for.
_DENSE_HZ = 1000.0
#: Ball speed over the speed of the head, a driver's smash factor and a bat's alike.
_SMASH = 1.4


@dataclass(frozen=True)
class Stroke:
    """Everything that moves in a stroke by a right-hander, facing X.

    ``grip`` is a path of the implement's point of that name, ``turn`` its turn in the
    plane; ``names`` are those of grip and head. The ball flies freely for
    ``incoming_for_s`` before impact, arriving at ``incoming_m_s``, and after it.
    """

    striker: Striker
    plane: StrokePlane
    grip: Callable[[Array], Array]
    turn: Curve
    length_m: float
    names: tuple[str, str]
    ball: Array
    impact_s: float
    incoming_m_s: tuple[float, float, float] = (0.0, 0.0, 0.0)
    incoming_for_s: float = 0.0

    def held(self, time_s: Array, /) -> dict[str, Array]:
        """Place grip, head and ball."""
        grip = self.grip(time_s)
        head = self.plane.head(grip, self.length_m, self.turn(time_s))
        since = np.maximum(time_s - self.impact_s, 0.0)[:, None]
        fall = np.array([0.0, -GRAVITY_M_S2 / 2, 0.0]) * since**2
        leaving = _SMASH * self.head_velocity(self.impact_s)
        until = np.clip(time_s - self.impact_s, -self.incoming_for_s, 0.0)[:, None]
        drop = np.array([0.0, -GRAVITY_M_S2 / 2, 0.0]) * until**2
        ball = self.ball + np.array(self.incoming_m_s) * until + drop
        ball += leaving * since + fall
        return {self.names[0]: grip, self.names[1]: head, "ball": ball}

    def head_velocity(self, time_s: float, /) -> Array:
        """Differentiate the path of the head at one time."""
        step = 1e-4
        times = np.array([time_s - step, time_s + step])
        head = self.plane.head(self.grip(times), self.length_m, self.turn(times))
        velocity: Array = np.diff(head, axis=0)[0] / (2 * step)
        return velocity

    def pose(self, time_s: Array, /) -> tuple[Angles, Array, dict[str, Array]]:
        """Solve the whole body."""
        held = self.held(time_s)
        root = self.striker.root(time_s)
        angles, root = self.striker.legs(time_s, self.striker.trunk(time_s), root)
        grip, head = (held[name] for name in self.names)
        solved = self.striker.arms(angles, root, grip, head, -self.plane.normal)
        return solved, root, held

    def dense(self, start_s: float, end_s: float, /) -> Motion:
        """Record the stroke at a high rate, to look for moments in it."""
        time_s = np.arange(start_s, end_s, 1 / _DENSE_HZ)
        angles, root, held = self.pose(time_s)
        return perform(self.striker.person, time_s, angles, root, held=held)

    def at_impact(
        self, name: str, time_s: float, /, *, handedness: str
    ) -> dict[str, float]:
        """State speed and direction of the head at impact.

        Parameters
        ----------
        name
            What the head is called.
        time_s
            When.
        handedness
            Which way round the stroke will be recorded.

        Returns
        -------
        ``<name>_speed_m_s``, ``attack_angle_deg`` (upwards positive) and
        ``swing_direction_deg`` (to the right of the target).
        """
        vx, vy, vz = self.head_velocity(time_s)
        # A right-hander's right of the target (-Z) is towards the ball, +X.
        right = vx if handedness == "right" else -vx
        return {
            f"{name}_speed_m_s": float(np.sqrt(vx**2 + vy**2 + vz**2)),
            "attack_angle_deg": float(np.degrees(np.arctan2(vy, np.hypot(vx, vz)))),
            "swing_direction_deg": float(np.degrees(np.arctan2(right, -vz))),
        }


def path_curves(
    paths: Mapping[str, Mapping[float, tuple[float, float, float]]],
    scale: float,
    /,
    *,
    smoothing_s: float = 0.02,
    from_s: float = 0.0,
) -> dict[str, Curve]:
    """Draw curves through points over time.

    Parameters
    ----------
    paths
        By name: points (forward, up, to the right) by time.
    scale
        What all lengths are multiplied by.
    smoothing_s, from_s
        See `timeline`.

    Returns
    -------
    Curves named ``<name>_x_m`` and so on.
    """
    return {
        f"{name}_{axis}_m": timeline(
            {time: scale * point[i] for time, point in points.items()},
            smoothing_s=smoothing_s,
            from_s=from_s,
        )
        for name, points in paths.items()
        for i, axis in enumerate("xyz")
    }


def along(curves: Mapping[str, Curve], name: str, /) -> Callable[[Array], Array]:
    """Join the three curves of a point into one path."""
    return lambda t: np.stack([curves[f"{name}_{axis}_m"](t) for axis in "xyz"], -1)


def recorded(
    stroke: Stroke,
    time_s: Array,
    /,
    *,
    happenings: Sequence[Happening],
    truth: Mapping[str, float],
    handedness: str,
    start_m: tuple[float, float, float],
    key: tuple[str, int],
) -> Motion:
    """Record a stroke towards +X, mirrored for a left-hander.

    Parameters
    ----------
    stroke
        The stroke of a right-hander.
    time_s
        Time of every frame.
    happenings, truth
        What happens, and what is true.
    handedness
        "right" or "left".
    start_m
        Where the middle of the feet goes.
    key
        Clip and track.

    Returns
    -------
    The motion.
    """
    angles, root, held = stroke.pose(time_s)
    heading = -90.0
    if handedness == "left":
        mirror = np.array([1.0, 1.0, -1.0])
        angles, root, heading = mirrored(angles), root * mirror, 90.0
        held = {name: point * mirror for name, point in held.items()}
    motion = perform(
        stroke.striker.person,
        time_s,
        angles,
        root,
        happenings=happenings,
        truth=truth,
        held=held,
        clip_id=key[0],
        track_id=key[1],
    )
    return placed(motion, heading_deg=heading, offset_m=start_m)


def crossing_s(time_s: Array, values: Array, start_s: float, end_s: float, /) -> float:
    """Find the first time that values cross zero between two times.

    Parameters
    ----------
    time_s, values
        A dense record.
    start_s, end_s
        Where to look.

    Returns
    -------
    Seconds, on the cubic spline through the record.

    Raises
    ------
    ConfigError
        If they do not cross zero there.
    """
    roots = scipy.interpolate.CubicSpline(time_s, values).roots(extrapolate=False)
    found = roots[(roots >= start_s) & (roots <= end_s)]
    if len(found) == 0:
        msg = f"nothing is horizontal between {start_s:.3f} and {end_s:.3f} s"
        raise ConfigError(msg)
    return float(found[0])


def segment_peaks(stroke: Stroke, start_s: float, end_s: float, /) -> dict[str, float]:
    """Find size and time of the peak angular speed of every segment of the sequence.

    Parameters
    ----------
    stroke
        The stroke.
    start_s, end_s
        Where to look.

    Returns
    -------
    ``pelvis_peak_deg_s``, ``pelvis_peak_s`` and so on for ``thorax``, ``arm`` (lead
    shoulder to wrist) and ``club`` (grip to head). Pelvis and thorax are turned with
    all three axes; lines have no turn about themselves.
    """
    dense = stroke.dense(start_s - 0.02, end_s + 0.02)
    time = dense.time_s
    grip, head = (dense.points[name] for name in stroke.names)
    speeds = {
        "pelvis": _turn_speed(dense.bones[:, BONE_INDEX["pelvis"], :3, :3], time),
        "thorax": _turn_speed(dense.bones[:, BONE_INDEX["chest"], :3, :3], time),
        "arm": _line_speed(
            dense.points["left_wrist"] - dense.points["left_shoulder"], time
        ),
        "club": _line_speed(head - grip, time),
    }
    found = {}
    inside = (time >= start_s) & (time <= end_s)
    for name, speed in speeds.items():
        best = int(np.flatnonzero(inside)[np.argmax(speed[inside])])
        found[f"{name}_peak_deg_s"] = float(speed[best])
        found[f"{name}_peak_s"] = float(time[best])
    return found


def _turn_speed(rotations: Array, time_s: Array) -> Array:
    """Angular speed of a frame in degrees per second."""
    rate = np.gradient(rotations, time_s, axis=0)
    spin = rate @ rotations.swapaxes(-1, -2)
    vector = np.stack([spin[:, 2, 1], spin[:, 0, 2], spin[:, 1, 0]], axis=-1)
    speed: Array = np.degrees(np.linalg.norm(vector, axis=-1))
    return speed


def _line_speed(line: Array, time_s: Array) -> Array:
    """Angular speed of a line in degrees per second."""
    along = line / np.linalg.norm(line, axis=-1, keepdims=True)
    rate = np.gradient(along, time_s, axis=0)
    speed: Array = np.degrees(np.linalg.norm(np.cross(along, rate), axis=-1))
    return speed
