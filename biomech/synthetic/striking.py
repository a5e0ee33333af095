"""Strokes: hands that carry an implement whose head moves on an exact plane.

Positions here are relative to a person who stands with the middle of the feet at the
origin and faces X; a right-hander strikes towards -Z, the left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomech.synthetic.curves import Curve
from biomech.synthetic.figure import Figure, bone_frame
from biomech.synthetic.foot import FootPose, heel_about_toe, rolled_foot
from biomech.synthetic.landmarks import sites
from biomech.synthetic.reach import Angles, arm_swing, reach_arm, reach_leg
from biomech.synthetic.rotations import axes, decompose, rotation, unit
from biomech.synthetic.stepping import SIDES, Side

Array = NDArray[np.float64]


#: Angle between a shaft and the line from wrist to knuckles of the hand that holds it.
_GRIP_DEG = 40.0
#: A foot may be lifted this much by a straight leg; then the hips sink.
_LIFTED_M = 0.003
#: Shoulder blades of arms that reach forward.
_PROTRACTED = np.array([14.0])


@dataclass(frozen=True)
class StrokePlane:
    """A plane through a point, rising towards the striker.

    ``slope_deg`` is 0 for flat ground and 90 for a vertical plane; ``direction_deg``
    turns its line on the ground to the right of the target of a right-hander.
    """

    through_m: Array
    slope_deg: float
    direction_deg: float = 0.0

    @property
    def target(self) -> Array:
        """Direction of the plane's level line, towards the target."""
        level: Array = rotation(1, -self.direction_deg) @ [0.0, 0.0, -1.0]
        return level

    @property
    def normal(self) -> Array:
        """Upward normal."""
        s = np.radians(self.slope_deg)
        tilted: Array = rotation(1, -self.direction_deg) @ [np.sin(s), np.cos(s), 0.0]
        return tilted

    @property
    def down(self) -> Array:
        """Direction of steepest descent."""
        return np.cross(self.target, self.normal)

    def head(self, grip_m: Array, length_m: float, turn_deg: ArrayLike, /) -> Array:
        """Place the head of an implement held at some point.

        Parameters
        ----------
        grip_m
            Where it is held, shape (frames, 3), not farther from the plane than the
            implement is long.
        length_m
            Distance of the head from there.
        turn_deg
            Direction of the implement in the plane: 0 downwards, 90 at the target.

        Returns
        -------
        Points of the plane, shape (frames, 3).
        """
        off = (grip_m - self.through_m) @ self.normal
        radius = np.sqrt(np.maximum(length_m**2 - off**2, 0.0))[:, None]
        turn = np.radians(np.asarray(turn_deg, float))[:, None]
        spoke = np.cos(turn) * self.down + np.sin(turn) * self.target
        placed: Array = grip_m - off[:, None] * self.normal + radius * spoke
        return placed

    def turn_to(self, grip_m: Array, head_m: Array, /) -> float:
        """Find the turn at which the head is nearest to a point."""
        line = head_m - grip_m
        return float(np.degrees(np.arctan2(line @ self.target, line @ self.down)))


class Hold(NamedTuple):
    """How a hand holds: which one, and how far along the implement from the grip."""

    side: Side
    along_m: float


@dataclass(frozen=True)
class Striker:
    """A person, curves of its trunk and feet, and what it holds.

    The curves are: ``hip_x_m, hip_y_m, hip_z_m`` (middle of the hips), ``lean_deg``
    (trunk forward), ``side_deg`` (trunk to the right), ``pelvis_deg``, ``thorax_deg``
    and ``gaze_deg`` (turns to the left about the leaning trunk), ``nod_deg`` and
    ``curl_deg`` (flexion of neck and spine), ``left_heel_deg`` and ``right_heel_deg``
    (heels up), ``left_spin_deg`` and ``right_spin_deg`` (feet inwards about the toes);
    with a free arm, its ``arm_deg`` (upper arm forward), ``aside_deg`` and
    ``elbow_deg``.
    """

    person: Figure
    curves: Mapping[str, Curve]
    holds: tuple[Hold, ...]
    heels_m: Mapping[Side, tuple[float, float]]
    toe_out_deg: Mapping[Side, float]
    free_arm: Side | None = None

    def root(self, time_s: Array, /) -> Array:
        """Place the middle of the hips."""
        return np.stack([self.curves[f"hip_{axis}_m"](time_s) for axis in "xyz"], -1)

    def trunk(self, time_s: Array, /) -> Angles:
        """Turn pelvis, spine and head."""
        at = {
            name: np.atleast_1d(c(time_s))
            for name, c in self.curves.items()
            if name.endswith("_deg")
        }
        pelvis = (
            rotation(2, -at["lean_deg"])
            @ rotation(0, at["side_deg"])
            @ rotation(1, at["pelvis_deg"])
        )
        turn, bend, tilt = decompose(pelvis, (1, 0, 2)).T
        between = at["thorax_deg"] - at["pelvis_deg"]
        look = at["gaze_deg"] - at["thorax_deg"]
        free: Angles = {}
        if self.free_arm is not None:
            free = arm_swing(
                self.free_arm,
                flexion_deg=at["arm_deg"],
                abduction_deg=at["aside_deg"],
            )
            free[f"{self.free_arm}_elbow_flexion_deg"] = at["elbow_deg"]
        return {
            **free,
            "pelvis_rotation_deg": np.degrees(np.unwrap(np.radians(turn))),
            "pelvis_list_deg": bend,
            "pelvis_tilt_deg": tilt,
            "lumbar_flexion_deg": 0.4 * at["curl_deg"],
            "lumbar_rotation_deg": 0.4 * between,
            "thorax_flexion_deg": 0.6 * at["curl_deg"],
            "thorax_rotation_deg": 0.6 * between,
            "neck_rotation_deg": np.clip(look, -80.0, 80.0),
            "neck_flexion_deg": at["nod_deg"],
            **{f"{h.side}_clavicle_protraction_deg": _PROTRACTED for h in self.holds},
        }

    def legs(
        self, time_s: Array, angles: Angles, root: Array, /
    ) -> tuple[Angles, Array]:
        """Keep the feet on the floor, heels raised as asked; hips sink if they must."""
        feet = {side: self._foot(time_s, side) for side in SIDES}
        sinks = [self._out_of_reach(angles, root, s, feet[s].ankle_m) for s in SIDES]
        root = root - np.max(sinks, axis=0)[:, None] * [0.0, 1.0, 0.0]
        for side, foot in feet.items():
            angles = reach_leg(
                self.person,
                angles,
                root,
                side=side,
                ankle_m=foot.ankle_m,
                foot_rotation=foot.rotation,
                tolerance_m=2 * _LIFTED_M,
            )
            angles[f"{side}_toe_extension_deg"] = foot.toe_extension_deg
        return angles, root

    def _foot(self, time_s: Array, side: Side) -> FootPose:
        """Place a foot on the floor, turned about its toes."""
        forward, sideways = self.heels_m[side]
        toe_out = self.toe_out_deg[side]
        spin = np.atleast_1d(self.curves[f"{side}_spin_deg"](time_s))
        heel = heel_about_toe(
            self.person,
            (forward, 0.0, sideways),
            side=side,
            toe_out_deg=toe_out,
            spin_deg=spin,
        )
        return rolled_foot(
            self.person,
            side=side,
            heel_m=heel,
            pitch_deg=-np.atleast_1d(self.curves[f"{side}_heel_deg"](time_s)),
            toe_out_deg=toe_out - spin,
        )

    def _out_of_reach(
        self, angles: Angles, root: Array, side: Side, ankle_m: Array
    ) -> Array:
        """Measure by how much a hip is too high for its foot."""
        _, hip = bone_frame(self.person, angles, root, f"{side}_thigh")
        forward, up, across = np.moveaxis(hip - ankle_m, -1, 0)
        longest = self.person.leg_m + _LIFTED_M
        highest = np.sqrt(np.maximum(longest**2 - forward**2 - across**2, 0.0))
        too_high: Array = np.maximum(up - highest, 0.0)
        return too_high

    def arms(
        self, angles: Angles, root: Array, grip_m: Array, head_m: Array, under: Array, /
    ) -> Angles:
        """Bring the hands to the implement; ``under`` points down from its plane."""
        along = unit(head_m - grip_m)
        for hold in self.holds:
            side, sign = hold.side, -1.0 if hold.side == "left" else 1.0
            chest, _ = bone_frame(self.person, angles, root, "chest")
            _, shoulder = bone_frame(self.person, angles, root, f"{side}_upper_arm")
            palm = grip_m + hold.along_m * along
            hand = _gripping(unit(palm - shoulder) + under, along, sign)
            local = sites(self.person)[f"{side}_palm"][1]
            angles = reach_arm(
                self.person,
                angles,
                root,
                side=side,
                wrist_m=palm - hand @ local,
                elbow_direction=chest @ [-0.3, -1.0, 0.45 * sign],
                hand_rotation=hand,
                tolerance_m=0.05,
            )
        return angles


def _gripping(arm: Array, along: Array, sign: float) -> Array:
    """Turn a hand round a shaft, towards the arm.

    The thumb lies along the shaft, which leaves the line of the hand at an angle.
    """
    across = unit(arm - along * np.sum(arm * along, axis=-1, keepdims=True))
    c, s = np.cos(np.radians(_GRIP_DEG)), np.sin(np.radians(_GRIP_DEG))
    knuckles, thumb = c * along + s * across, s * along - c * across
    x = sign * np.cross(along, across)
    return axes(x, -knuckles, sign * thumb)


def mirrored(angles: Mapping[str, Array], /) -> Angles:
    """Exchange left and right in a set of angles.

    Parameters
    ----------
    angles
        Degrees by name.

    Returns
    -------
    The angles of the mirror image in the plane Z = 0.
    """
    swapped: Angles = {}
    for name, angle in angles.items():
        for side, other in (("left_", "right_"), ("right_", "left_")):
            if name.startswith(side):
                swapped[other + name.removeprefix(side)] = angle
                break
        else:
            unpaired = name.endswith(("_rotation_deg", "_bend_deg", "_list_deg"))
            swapped[name] = -angle if unpaired else angle
    return swapped
