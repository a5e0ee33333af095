"""From a file of pixels to files of angles: Sports2D and this library, side by side.

Both read a TRC file in pixels, fill gaps in a straight line, reject outliers, filter
points and angles with a zero-lag Butterworth of 6 Hz per pass, and write the points as
TRC and 24 angles as MOT. The peer also decodes a tiny video, which it cannot do
without, and it fills, rejects and filters in its own way: only the angles say whether
both did the same work.
"""

import subprocess
import time
from pathlib import Path

import numpy as np
import polars as pl

import biomech as bm
from biomech.kernels.geometry import wrap
from biomech.skeletons import HALPE26
from biomech.synthetic import (
    ParallelCamera,
    add_dropouts,
    add_noise,
    to_poses,
    walker,
)

CUTOFF_HZ = 6.0
#: The peer joins gaps of less than this many frames.
MOST_FRAMES = 100

_PEER = """
import sys, time
from pathlib import Path
import cv2, numpy as np
folder, n = Path(sys.argv[1]), int(sys.argv[2])
video = cv2.VideoWriter(str(folder / "walk.mp4"), cv2.VideoWriter_fourcc(*"mp4v"),
                        60, (64, 64))
for _ in range(n):
    video.write(np.zeros((64, 64, 3), np.uint8))
video.release()
from Sports2D import Sports2D
config = {
    "base": {
        "video_input": "walk.mp4", "video_dir": str(folder),
        "result_dir": str(folder / "peer"), "load_trc_px": str(folder / "walk_px.trc"),
        "nb_persons_to_detect": 1, "person_ordering_method": "highest_likelihood",
        "visible_side": ["right"], "show_realtime_results": False,
        "save_vid": False, "save_img": False},
    "px_to_meters_conversion": {
        "to_meters": False, "make_c3d": False, "save_calib": False},
    "post-processing": {"show_graphs": False, "save_graphs": False}}
start = time.process_time()
Sports2D.process(config)
print("seconds", time.process_time() - start)
"""


def make_walk(folder: Path, *, n_frames: int) -> None:
    """Write a noisy walk with gaps as TRC in pixels."""
    motion = walker(duration_s=n_frames / 60, rate_hz=60.0, treadmill=True)
    seen = to_poses(
        motion, camera=ParallelCamera(yaw_deg=20.0), names=HALPE26.keypoints
    )
    poses = add_noise(seen.head(n_frames), sd_px=1.0, seed=1)
    bm.write_trc(add_dropouts(poses, seed=1), folder / "walk_px.trc")


def ours(folder: Path) -> float:
    """Do the work of the peer; processor seconds."""
    start = time.process_time()
    poses = bm.read_file(folder / "walk_px.trc", unit="px")
    step_s = poses["time_s"][1] - poses["time_s"][0]
    whole = bm.fill_gaps(poses, max_gap_s=MOST_FRAMES * step_s, method="linear")
    kept = bm.fill_gaps(
        bm.reject_outliers(whole), max_gap_s=MOST_FRAMES * step_s, method="linear"
    )
    smooth = bm.lowpass(kept, cutoff_hz=CUTOFF_HZ, convention="per_pass")
    bm.write_trc(smooth, folder / "ours_px.trc")
    angles = bm.sports2d_angles(kept, cutoff_hz=CUTOFF_HZ)
    bm.write_mot(angles, folder / "ours.mot")
    return time.process_time() - start


def theirs(python: str, folder: Path, *, n_frames: int) -> float:
    """Let the peer do it; processor seconds without imports."""
    command = [python, "-c", _PEER, str(folder), str(n_frames)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return float(done.stdout.rsplit("seconds", 1)[1])


def differences(folder: Path) -> pl.DataFrame:
    """Compare the angles of both: median and 95th percentile, degrees."""
    found = bm.read_signals(folder / "ours.mot")
    wanted = bm.read_signals(next((folder / "peer").rglob("*angles*.mot")))
    inside = slice(60, min(found.height, wanted.height) - 60)
    rows = []
    for name in wanted.columns[4:]:
        if (column := f"sports2d_{name}") in found.columns:
            off = np.abs(wrap((found[column] - wanted[name]).to_numpy()[inside]))
            rows.append((name, *np.nanquantile(off, [0.5, 0.95])))
    return pl.DataFrame(rows, ["angle", "median_deg", "p95_deg"], orient="row")


def compare(python: str, folder: Path, *, n_frames: int = 10_000) -> str:
    """Measure both on one file, and say how their angles differ."""
    make_walk(folder, n_frames=n_frames)
    seconds = min(ours(folder) for _ in range(3))
    peer = theirs(python, folder, n_frames=n_frames)
    apart = differences(folder)
    worst = apart.sort("median_deg").tail(3).rows()
    return (
        f"{n_frames} frames file to file: biomech {seconds:.2f} s, Sports2D {peer:.1f} "
        f"s: {peer / seconds:.0f} times as fast (goal 50)\n{apart.height} angles, "
        f"median difference {apart['median_deg'].median():.2f} degrees; most: {worst}"
    )
