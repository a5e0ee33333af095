"""Feet on the floor and in the air, with the centre of mass where it has to be."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from biomech.skeletons import HALPE26
from biomech.synthetic.curves import Curve, clamped
from biomech.synthetic.figure import Figure, bone_frame, bone_frames
from biomech.synthetic.foot import FootPose, rolled_foot
from biomech.synthetic.landmarks import keypoints
from biomech.synthetic.mass import mass_centre
from biomech.synthetic.reach import Angles, reach_leg
from biomech.synthetic.stepping import SIDES, Side, knee_flexion_deg, leg_length

Array = NDArray[np.float64]
Path = Callable[[Array], Array]

#: Times this far from an edge tell the speed with which a flight begins and ends.
_TINY_S = 1e-4
#: How far a foot may miss its place on the floor.
_TOLERANCE_M = 0.002
#: How near the centre of mass must come to its path, and rounds to get there.
_SETTLED_M, _ROUNDS = 1e-8, 14
#: Knees in the air are all but straight, from so long after take-off to before landing.
_AIR_KNEE_DEG, _AIR_S = 6.0, 0.06
#: Knees neither snap straight nor give way faster than this in the air.
_FASTEST_KNEE_DEG_S = 350.0


@dataclass(frozen=True)
class Support:
    """A time in which both feet are on the floor.

    ``heel_m`` is forward position and height of the floor below the heels; foot and
    toe pitch are curves over time, negative with the heels up.
    """

    start_s: float
    end_s: float
    pitch: Curve
    toe_pitch: Curve
    heel_m: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Leap:
    """A person, what its upper body does, and where its feet may stand.

    ``upper`` holds angles of pelvis, trunk, head and arms as curves over time;
    ``centre`` gives forward position and height of the centre of mass over time.
    """

    person: Figure
    upper: Mapping[str, Curve]
    centre: Path
    supports: Sequence[Support]
    stance_width_m: float
    toe_out_deg: float

    def solve(self, time_s: Array, /) -> tuple[Angles, Array]:
        """Place pelvis and legs so that the centre of mass follows its path.

        On the floor the feet stay where they are and the legs give way; in the air the
        legs pass smoothly from how they left the floor to how they will meet it.

        Parameters
        ----------
        time_s
            Times of the frames.

        Returns
        -------
        All angles, and the middle of the hips, shape (frames, 3).

        Raises
        ------
        ConfigError
            If a foot cannot reach the floor.
        """
        edges = [
            edge
            for before, after in pairwise(self.supports)
            for edge in (
                before.end_s - _TINY_S,
                before.end_s,
                after.start_s,
                after.start_s + _TINY_S,
            )
        ]
        times = np.concatenate([time_s, edges])
        upper = {
            name: np.atleast_1d(curve(times)) for name, curve in self.upper.items()
        }
        target, root = self.centre(times), np.zeros((len(times), 3))
        root[:, :2] = target
        # Moving the hips by a metre moves the centre of mass by 0.8 to 1 m, so that
        # every round leaves at most a fifth of the error.
        for _ in range(_ROUNDS):
            angles = self._legs(times, upper, root, np.inf)
            error = target - self.centre_of(angles, root)
            root[:, :2] += error
            if np.abs(error).max() < _SETTLED_M:
                break
        angles = self._legs(times, upper, root, _TOLERANCE_M)
        n_frames = len(time_s)
        return {name: a[:n_frames] for name, a in angles.items()}, root[:n_frames]

    def height_at(self, time_s: float, forward_m: float, knee_deg: float, /) -> float:
        """Find how high the centre of mass is when the knees are bent so much.

        Parameters
        ----------
        time_s
            When; the upper body is as it is then, the feet as on the last support.
        forward_m
            Where the centre of mass is, forward.
        knee_deg
            Flexion of both knees.

        Returns
        -------
        Height of the centre of mass in metres.
        """
        time = np.array([time_s])
        upper = {name: np.atleast_1d(curve(time)) for name, curve in self.upper.items()}
        length = float(leg_length(self.person, knee_deg))
        root, centre = np.array([[forward_m, 1.0, 0.0]]), np.zeros((1, 2))
        starts = [s.start_s for s in self.supports if s.start_s <= time_s]
        support = self.supports[len(starts) - 1]
        ankle = self._standing("right", support, time).ankle_m
        for _ in range(_ROUNDS):
            _, hip = bone_frame(self.person, upper, root, "right_thigh")
            across = (ankle - hip)[0, [0, 2]]
            up = np.sqrt(np.maximum(length**2 - across @ across, 0.0))
            root[:, 1] += ankle[:, 1] + up - hip[:, 1]
            angles = self._legs(time, upper, root, np.inf, airborne=False)
            centre = self.centre_of(angles, root)
            root[:, 0] += forward_m - centre[:, 0]
            if abs(forward_m - centre[0, 0]) < _SETTLED_M:
                break
        return float(centre[0, 1])

    def centre_of(self, angles: Angles, root: Array, /) -> Array:
        """Find forward position and height of the centre of mass."""
        bones = bone_frames(self.person, angles, root)
        body = np.moveaxis(keypoints(self.person, bones), 1, 0)
        points = dict(zip(HALPE26.keypoints, body, strict=True))
        return mass_centre(self.person, points)[:, :2]

    def _legs(
        self,
        times: Array,
        upper: Angles,
        root: Array,
        tolerance_m: float,
        *,
        airborne: bool = True,
    ) -> Angles:
        """Solve both legs for a path of the hips."""
        angles = upper
        for side in SIDES:
            _, hip = bone_frame(self.person, upper, root, f"{side}_thigh")
            foot = self._foot(side, times, hip, airborne=airborne)
            angles = reach_leg(
                self.person,
                angles,
                root,
                side=side,
                ankle_m=foot.ankle_m,
                foot_rotation=foot.rotation,
                knee_direction=foot.rotation[..., 0] * [1, 0, 1] + [1e-6, 0.0, 0.0],
                tolerance_m=tolerance_m,
            )
            angles[f"{side}_toe_extension_deg"] = foot.toe_extension_deg
        return angles

    def _foot(
        self, side: Side, times: Array, hip: Array, *, airborne: bool
    ) -> FootPose:
        """Pose a foot at all times, on whatever support or in the air."""
        poses = [self._standing(side, support, times) for support in self.supports]
        ankle, turn, toes = (np.array(part) for part in zip(*poses, strict=True))
        starts = np.array([support.start_s for support in self.supports])
        now = np.maximum(np.searchsorted(starts, times, side="right") - 1, 0)
        row = np.arange(len(times))
        found = FootPose(ankle[now, row], turn[now, row], toes[now, row])
        for flight in pairwise(self.supports) if airborne else ():
            found = self._airborne(side, flight, times, hip, found)
        return found

    def _standing(self, side: Side, support: Support, times: Array) -> FootPose:
        """Pose a foot as if it stood on one support all the time."""
        within = np.clip(times, support.start_s, support.end_s)
        outwards = -1.0 if side == "left" else 1.0
        forward, up = support.heel_m
        return rolled_foot(
            self.person,
            side=side,
            heel_m=(forward, up, outwards * self.stance_width_m / 2),
            pitch_deg=support.pitch(within),
            toe_pitch_deg=support.toe_pitch(within),
            toe_out_deg=self.toe_out_deg,
        )

    def _airborne(
        self,
        side: Side,
        flight: tuple[Support, Support],
        times: Array,
        hip: Array,
        feet: FootPose,
    ) -> FootPose:
        """Replace the poses between two supports."""
        before, after = flight
        off, on = before.end_s, after.start_s
        edges = [off - _TINY_S, off, on, on + _TINY_S]
        at = [int(np.flatnonzero(times == edge)[-1]) for edge in edges]
        line = feet.ankle_m[at] - hip[at]
        knee = knee_flexion_deg(self.person, np.linalg.norm(line, axis=-1))
        direction = np.degrees(np.arctan2(line[:, 0], -line[:, 1]))
        bend = np.clip(
            np.diff(knee)[[0, 2]] / _TINY_S, -_FASTEST_KNEE_DEG_S, _FASTEST_KNEE_DEG_S
        )
        swing = np.diff(direction)[[0, 2]] / _TINY_S

        air = np.flatnonzero((times > off) & (times < on))
        now = times[air]
        knots = [off, off + _AIR_S, on - _AIR_S, on]
        bent = [knee[1], _AIR_KNEE_DEG, _AIR_KNEE_DEG, knee[2]]
        length = leg_length(
            self.person, np.maximum(clamped(knots, bent, *bend)(now), 1.0)
        )
        turn = np.radians(clamped([off, on], direction[1:3], *swing)(now))
        share = ((now - off) / (on - off))[:, None]
        across = feet.ankle_m[at[1], 2] * (1 - share) + feet.ankle_m[at[2], 2] * share
        down = np.sqrt(length**2 - (across[:, 0] - hip[air, 2]) ** 2)
        ankle = feet.ankle_m.copy()
        ankle[air] = np.stack(
            [
                hip[air, 0] + down * np.sin(turn),
                hip[air, 1] - down * np.cos(turn),
                across[:, 0],
            ],
            axis=-1,
        )
        rotation, toes = feet.rotation.copy(), feet.toe_extension_deg.copy()
        rotation[air] = self._air_rotation(side, before, after, now)
        fade = np.clip(np.stack([(now - off) / 0.15, (on - now) / 0.15]), 0.0, 1.0)
        weight = (1 + np.cos(np.pi * fade)) / 2
        toes[air] = weight[0] * toes[at[1]] + weight[1] * toes[at[2]]
        return FootPose(ankle, rotation, toes)

    def _air_rotation(
        self, side: Side, before: Support, after: Support, now: Array
    ) -> Array:
        """Turn the foot from its pitch at take-off to that at landing."""
        off, on = before.end_s, after.start_s
        ends = [float(before.pitch(off)), float(after.pitch(on))]
        pointed = Support(off, on, clamped([off, on], ends, 0.0, 0.0), np.zeros_like)
        return self._standing(side, pointed, now).rotation
