"""biomech: from pose tables to biomechanics, with the uncertainty of every number.

Tables are polars frames; every function takes a table and returns a table.
"""

from biomech import expr, namespace
from biomech.activity import activity
from biomech.anthropometry import centre_of_mass
from biomech.arrays import from_array, from_long, keypoints_of, to_array, to_long
from biomech.bands import BANDS
from biomech.calibration import body_scale, ground_line, length_scale, to_metres
from biomech.cleaning import Cleaning, clean, cleaning
from biomech.cycles import cycles, ensemble
from biomech.definitions import definition, explain
from biomech.errors import (
    BiomechError,
    ConfigError,
    FormatError,
    ModelError,
    SchemaError,
    SkeletonError,
    UnitError,
    VideoError,
)
from biomech.facing import facing
from biomech.filters import (
    fill_gaps,
    lowpass,
    mask_low_confidence,
    reject_outliers,
    resample,
)
from biomech.gait import gait_metrics
from biomech.gait_events import gait_events
from biomech.ground import ground_plane, ground_positions
from biomech.ground_speed import ground_metrics, ground_speed
from biomech.interchange import to_pandas, to_xarray
from biomech.io.formats import (
    formats,
    read_events,
    read_file,
    read_forces,
    read_markers,
    read_signals,
)
from biomech.io.mot import write_mot
from biomech.io.parquet import (
    read_meta,
    read_poses,
    read_table,
    scan_poses,
    write_table,
)
from biomech.io.trc import write_trc
from biomech.jump import jump_events, jump_metrics, jumps
from biomech.kinematics import (
    JOINT_ANGLES,
    SEGMENT_ANGLES,
    joint_angles,
    segment_angles,
)
from biomech.marker_maps import marker_maps, to_poses
from biomech.norms import gait_variable_scores, normal_curves
from biomech.repetitions import (
    repetition_events,
    repetition_metrics,
    repetitions,
)
from biomech.running import running_metrics
from biomech.running_events import running_events
from biomech.schema import FRAME, SCHEMAS, TRACK
from biomech.skeletons import KEYPOINTS, SKELETONS, Skeleton
from biomech.smoothing import smooth
from biomech.sports2d import SPORTS2D_ANGLES, sports2d_angles
from biomech.strides import strides
from biomech.summary import summary
from biomech.swaps import fix_swaps, swap_intervals
from biomech.swing import (
    kinematic_sequence,
    swing_events,
    swing_metrics,
    swing_plane,
    swings,
)
from biomech.tracks import stitch_tracks, track_quality
from biomech.units import unit_of
from biomech.velocities import (
    angular_accelerations,
    angular_velocities,
    keypoint_accelerations,
    keypoint_velocities,
)
from biomech.view import camera_view

__all__ = [
    "BANDS",
    "FRAME",
    "JOINT_ANGLES",
    "KEYPOINTS",
    "SCHEMAS",
    "SEGMENT_ANGLES",
    "SKELETONS",
    "SPORTS2D_ANGLES",
    "TRACK",
    "BiomechError",
    "Cleaning",
    "ConfigError",
    "FormatError",
    "ModelError",
    "SchemaError",
    "Skeleton",
    "SkeletonError",
    "UnitError",
    "VideoError",
    "activity",
    "angular_accelerations",
    "angular_velocities",
    "body_scale",
    "camera_view",
    "centre_of_mass",
    "clean",
    "cleaning",
    "cycles",
    "definition",
    "ensemble",
    "explain",
    "expr",
    "facing",
    "fill_gaps",
    "fix_swaps",
    "formats",
    "from_array",
    "from_long",
    "gait_events",
    "gait_metrics",
    "gait_variable_scores",
    "ground_line",
    "ground_metrics",
    "ground_plane",
    "ground_positions",
    "ground_speed",
    "joint_angles",
    "jump_events",
    "jump_metrics",
    "jumps",
    "keypoint_accelerations",
    "keypoint_velocities",
    "keypoints_of",
    "kinematic_sequence",
    "length_scale",
    "lowpass",
    "marker_maps",
    "mask_low_confidence",
    "namespace",
    "normal_curves",
    "read_events",
    "read_file",
    "read_forces",
    "read_markers",
    "read_meta",
    "read_poses",
    "read_signals",
    "read_table",
    "reject_outliers",
    "repetition_events",
    "repetition_metrics",
    "repetitions",
    "resample",
    "running_events",
    "running_metrics",
    "scan_poses",
    "segment_angles",
    "smooth",
    "sports2d_angles",
    "stitch_tracks",
    "strides",
    "summary",
    "swap_intervals",
    "swing_events",
    "swing_metrics",
    "swing_plane",
    "swings",
    "to_array",
    "to_long",
    "to_metres",
    "to_pandas",
    "to_poses",
    "to_xarray",
    "track_quality",
    "unit_of",
    "write_mot",
    "write_table",
    "write_trc",
]
