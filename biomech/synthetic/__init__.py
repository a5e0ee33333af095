"""Motions with known answers, the figure that performs them, and noise layers."""

from biomech.synthetic.baseball import baseball_swing
from biomech.synthetic.camera import Camera, ParallelCamera
from biomech.synthetic.drop_jump import drop_jump
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
from biomech.synthetic.golf import golf_swing
from biomech.synthetic.jump import counter_movement_jump
from biomech.synthetic.landmarks import keypoints, points, sites
from biomech.synthetic.match import Match, match
from biomech.synthetic.motion import (
    Motion,
    placed,
    sagittal_angles,
    to_poses,
    to_signals,
)
from biomech.synthetic.noise import add_dropouts, add_noise, add_offsets, add_swaps
from biomech.synthetic.pendulum import pendulum
from biomech.synthetic.random_pose import Pose, random_pose
from biomech.synthetic.reach import reach_arm, reach_leg
from biomech.synthetic.runner import runner
from biomech.synthetic.serve import tennis_serve
from biomech.synthetic.squat import squat
from biomech.synthetic.walker import walker

__all__ = [
    "ANGLES",
    "BIND_POSE",
    "BONES",
    "BONE_INDEX",
    "Camera",
    "Figure",
    "Match",
    "Motion",
    "ParallelCamera",
    "Pose",
    "add_dropouts",
    "add_noise",
    "add_offsets",
    "add_swaps",
    "baseball_swing",
    "bone_frames",
    "counter_movement_jump",
    "drop_jump",
    "figure",
    "golf_swing",
    "keypoints",
    "match",
    "pendulum",
    "placed",
    "points",
    "random_pose",
    "reach_arm",
    "reach_leg",
    "rest_joints",
    "runner",
    "sagittal_angles",
    "sites",
    "squat",
    "tennis_serve",
    "to_poses",
    "to_signals",
    "walker",
]
