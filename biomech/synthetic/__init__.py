"""Motions with known answers, the figure that performs them, and noise layers."""

from biomech.synthetic.figure import (
    ANGLES,
    BIND_POSE,
    BONE_INDEX,
    BONES,
    Figure,
    bone_frames,
    figure,
    rest_joints,
)
from biomech.synthetic.landmarks import keypoints, points, sites
from biomech.synthetic.reach import reach_arm, reach_leg

__all__ = [
    "ANGLES",
    "BIND_POSE",
    "BONES",
    "BONE_INDEX",
    "Figure",
    "bone_frames",
    "figure",
    "keypoints",
    "points",
    "reach_arm",
    "reach_leg",
    "rest_joints",
    "sites",
]
