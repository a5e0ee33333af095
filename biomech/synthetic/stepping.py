"""A cycle of steps: feet that roll on the floor and swing, legs by inverse kinematics.

Phases count strides: a foot touches the floor at phase 0 and leaves it at the contact
ratio. Everything here is relative to a point that travels with the mean speed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from biomech.synthetic.curves import GRID, Curve, Knots, clamped, cyclic, periodic
from biomech.synthetic.figure import Figure, bone_frame
from biomech.synthetic.foot import FootPose, rolled_foot, sole_depth
from biomech.synthetic.reach import Angles, reach_leg
from biomech.synthetic.rotations import rotation

Array = NDArray[np.float64]
Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")

#: Least height of the sole in the middle of the swing (normal toe clearance is 1 to
#: 2 cm), and how softly it is kept.
_CLEARANCE_M, _SOFTNESS_M = 0.015, 0.006


@dataclass(frozen=True)
class Stride:
    """How feet and knees move in one stride; knots are phase: degrees.

    Attributes
    ----------
    length_m, stride_s
        Length and duration of the stride.
    contact_ratio
        Share of the stride for which the foot is on the floor.
    reach_m
        Distance of the heel in front of the travelling point at contact.
    pitch, toe_pitch
        Foot and toes above the floor over the whole stride.
    swing_knee
        Knee flexion between toe-off and contact.
    landing_knee_deg
        Change of knee flexion just before contact, degrees per stride.
    landing_m_s
        Forward speed of the ankle over the floor just before contact.
    toe_out_deg, step_width_m
        Turn of the feet, and distance of the heels across.
    """

    length_m: float
    stride_s: float
    contact_ratio: float
    reach_m: float
    pitch: Knots
    toe_pitch: Knots
    swing_knee: Knots
    landing_knee_deg: float
    landing_m_s: float
    toe_out_deg: float
    step_width_m: float


@dataclass(frozen=True)
class Footfall:
    """A foot that rolls on a floor running backward with the travelling point."""

    person: Figure
    side: Side
    stride: Stride
    pitch: Curve
    toe_pitch: Curve

    def pose(self, phase: ArrayLike, /) -> FootPose:
        """Pose the foot at its own phases; in the swing only its rotation counts."""
        phase = np.atleast_1d(np.asarray(phase, float)) % 1.0
        outwards = -1.0 if self.side == "left" else 1.0
        heel = np.zeros((len(phase), 3))
        heel[:, 0] = self.stride.reach_m - self.stride.length_m * phase
        heel[:, 2] = outwards * self.stride.step_width_m / 2
        floor = rolled_foot(
            self.person,
            side=self.side,
            heel_m=heel,
            pitch_deg=self.pitch(phase),
            toe_pitch_deg=self.toe_pitch(phase),
            toe_out_deg=self.stride.toe_out_deg,
        )
        return floor._replace(toe_extension_deg=self._toes(phase))

    def _toes(self, phase: Array) -> Array:
        """Extend the toes while the heel rises; let go early in the swing."""
        start = self.stride.contact_ratio
        on_floor = np.minimum(phase, start)
        pitch, toes = self.pitch(on_floor), self.toe_pitch(on_floor)
        extension = np.where(pitch > 0, 0.0, toes - pitch)
        since = np.clip((phase - start) / 0.15, 0.0, 1.0)
        relaxed: Array = extension * (1 + np.cos(np.pi * since)) / 2
        return relaxed


def footfall(person: Figure, side: Side, stride: Stride, /) -> Footfall:
    """Prepare the curves of a foot."""
    return Footfall(
        person, side, stride, cyclic(stride.pitch), cyclic(stride.toe_pitch)
    )


@dataclass(frozen=True)
class Leg:
    """One leg's way through the stride, to be evaluated at any phase of its own."""

    foot: Footfall
    knee: Curve
    direction: Curve
    sideways: Curve

    def pose(self, phase: ArrayLike, hip_m: Array, /) -> FootPose:
        """Pose the foot, given where its hip is."""
        phase = np.atleast_1d(np.asarray(phase, float)) % 1.0
        floor, off = self.foot.pose(phase), self.foot.stride.contact_ratio
        late = np.maximum(phase, off)
        across = self.sideways(late)
        length = leg_length(self.foot.person, self.knee(late))
        below = np.sqrt(length**2 - (across - hip_m[:, 2]) ** 2)
        angle = np.radians(self.direction(late))
        height = hip_m[:, 1] - below * np.cos(angle)
        in_air = np.stack(
            [
                hip_m[:, 0] + below * np.sin(angle),
                self._clear(late, height, floor),
                across,
            ],
            axis=-1,
        )
        swings = (phase > off)[:, None]
        return floor._replace(ankle_m=np.where(swings, in_air, floor.ankle_m))

    def _clear(self, phase: Array, height: Array, foot: FootPose) -> Array:
        """Lift the ankle where the sole would come too near to the floor."""
        off = self.foot.stride.contact_ratio
        swell = np.sin(np.pi * (phase - off) / (1.0 - off))
        least = _CLEARANCE_M * swell + sole_depth(self.foot.person, foot)
        softness = _SOFTNESS_M * np.maximum(swell, 1e-3)
        lifted: Array = least + softness * np.logaddexp(
            0.0, (height - least) / softness
        )
        return lifted


def leg(foot: Footfall, hip: Curve, /) -> Leg:
    """Join the last and the first moment on the floor by a swing.

    Parameters
    ----------
    foot
        The foot on the floor.
    hip
        Where the hip is at the phases of this leg, relative to the travelling point.

    Returns
    -------
    The leg. At toe-off knee and leg turn on at the same rate; at contact the foot
    comes down with the landing rates of the stride.
    """
    person, stride = foot.person, foot.stride
    off, tiny = stride.contact_ratio, 1e-4
    phases = np.array([off - tiny, off, 0.0])
    ankle, hips = foot.pose(phases).ankle_m, hip(phases)
    line = ankle - hips
    knee = knee_flexion_deg(person, np.linalg.norm(line, axis=-1))
    direction = np.degrees(np.arctan2(line[:, 0], -line[:, 1]))
    hip_shift = float(hip(tiny)[0] - hip(-tiny)[0]) / (2 * tiny)
    shift = stride.landing_m_s * stride.stride_s - stride.length_m - hip_shift
    landing_turn = np.degrees(shift / np.linalg.norm(line[2]))
    turns, bends = np.diff(direction[:2])[0] / tiny, np.diff(knee[:2])[0] / tiny

    at = [off, *sorted(stride.swing_knee), 1.0]
    bent = [knee[1], *(stride.swing_knee[p] for p in at[1:-1]), knee[2]]
    return Leg(
        foot,
        knee=clamped(at, bent, bends, stride.landing_knee_deg),
        direction=clamped([off, 1.0], direction[1:], turns, landing_turn),
        sideways=clamped([off, 1.0], ankle[1:, 2], 0.0, 0.0),
    )


def leg_length(person: Figure, knee_deg: ArrayLike, /) -> Array:
    """Distance from hip to ankle for a knee flexion."""
    a, b = person.thigh_m, person.shank_m
    cosine = np.cos(np.radians(np.asarray(knee_deg, float)))
    length: Array = np.sqrt(a * a + b * b + 2 * a * b * cosine)
    return length


def knee_flexion_deg(person: Figure, length_m: ArrayLike, /) -> Array:
    """Knee flexion for a distance from hip to ankle; 0 where that is too far."""
    a, b = person.thigh_m, person.shank_m
    cosine = (np.asarray(length_m, float) ** 2 - a * a - b * b) / (2 * a * b)
    flexion: Array = np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0)))
    return flexion


@dataclass(frozen=True)
class Gait:
    """Both legs and the pelvis through a stride, phases counted for the right leg.

    ``lag`` is the phase of the left leg when the right foot touches the floor, 0.5 in
    symmetry. ``pelvis`` gives angles by name, ``root`` the middle of the hips relative
    to the travelling point.
    """

    person: Figure
    feet: Mapping[Side, Footfall]
    lag: float
    pelvis: Mapping[str, Curve]
    root: Curve

    def of(self, side: Side, phase: ArrayLike, /) -> Array:
        """Turn phases of the right leg into those of one leg."""
        return np.asarray(phase, float) + (self.lag if side == "left" else 0.0)

    def pelvis_angles(self, phase: ArrayLike, /) -> Angles:
        """Evaluate the angles of the pelvis."""
        return {
            name: np.atleast_1d(curve(phase)) for name, curve in self.pelvis.items()
        }

    def hip_offset(self, side: Side, phase: ArrayLike, /) -> Array:
        """Place a hip relative to the middle of the hips."""
        angles = self.pelvis_angles(phase)
        _, offset = bone_frame(self.person, angles, np.zeros(3), f"{side}_thigh")
        return offset

    def legs(self) -> dict[Side, Leg]:
        """Work out the swing of both legs."""
        found: dict[Side, Leg] = {}
        for side in SIDES:
            # The hip on the grid of this leg's own phases.
            own = GRID - self.of(side, 0.0)
            hip = periodic(self.root(own) + self.hip_offset(side, own))
            found[side] = leg(self.feet[side], hip)
        return found

    def angles(self, phase: Array, legs: Mapping[Side, Leg], /) -> Angles:
        """Solve pelvis and legs at phases of the right leg."""
        root, angles = self.root(phase), self.pelvis_angles(phase)
        for side in SIDES:
            hip = root + self.hip_offset(side, phase)
            pose = legs[side].pose(self.of(side, phase), hip)
            angles = reach_leg(
                self.person,
                angles,
                root,
                side=side,
                ankle_m=pose.ankle_m,
                foot_rotation=pose.rotation,
                knee_direction=self._knee_direction(side),
                tolerance_m=0.003,
            )
            angles[f"{side}_toe_extension_deg"] = pose.toe_extension_deg
        return angles

    def _knee_direction(self, side: Side) -> Array:
        """Point the knees half as far outwards as the toes."""
        outwards = 1.0 if side == "left" else -1.0
        turn = rotation(1, outwards * self.feet[side].stride.toe_out_deg / 2)
        return turn @ [1.0, 0.0, 0.0]

    def with_height(self, height_m: Array, /) -> "Gait":
        """Give the root another height, one per phase of `GRID`."""
        root = self.root(GRID)
        root[:, 1] = height_m
        return replace(self, root=periodic(root))
