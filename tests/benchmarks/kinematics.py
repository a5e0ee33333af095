"""Measure filters and velocities against movement and Kinetics Toolkit, and Sports2D.

Run ``python -m tests.benchmarks.kinematics --peers PYTHON --sports2d PYTHON`` with
interpreters that have ``movement`` and ``kineticstoolkit``, and ``sports2d`` installed.

Every variant runs in a process of its own, all in turn, several times; the least
processor time of each is its figure, since neighbours on the machine only ever add.
Every process works on a few frames first, so that imports and compilers do not count.
Timed is the way from one table or array of Float32 in memory to the next; "velocity"
is both components and the speed of every keypoint. Without ``--peers`` only our own
are measured.

Measured on idle cores (10 people, 20,000 frames): Savitzky-Golay and velocity 1.6 times
as fast as movement (0.051 and 0.080 s, of which scipy's filter takes 0.035), median 156
times, Butterworth 4.1 times as fast as Kinetics Toolkit; 10,000 frames of TRC 199 times
as fast as with Sports2D.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from tests.benchmarks import sports2d

N_KEYPOINTS = 17
RATE_HZ = 60.0

_CLOCK = """
import sys, time
from pathlib import Path
def memory(key):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(key)) / 1024
def measure(function):
    function(few)
    times = []
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest memory so far
    before = memory("VmRSS")
    for _ in range(3):
        start = time.process_time()
        function(all_of_it)
        times.append(time.process_time() - start)
    print(min(times), memory("VmHWM") - before)
path = sys.argv[1]
"""

_OURS = """
import polars as pl
import biomech as bm
all_of_it = pl.read_parquet(path + "/poses.parquet")
few = all_of_it.head(100)
def savitzky_golay(poses):
    smooth = bm.smooth(poses, method="savitzky_golay", window_s=11/60, polyorder=2)
    return bm.keypoint_velocities(smooth, method="central")
def median(poses):
    return bm.smooth(poses, method="median", window_s=5/60)
def butterworth(poses):
    return bm.lowpass(poses, cutoff_hz=6.0, convention="per_pass")
"""

_MOVEMENT = """
import numpy as np, xarray as xr
from movement.filtering import rolling_filter, savgol_filter
from movement.kinematics import compute_velocity
from movement.utils.vector import compute_norm
xyz = np.load(path + "/xyz.npy")
time_s = np.arange(len(xyz)) / 60
all_of_it = xr.DataArray(
    xyz, dims=("time", "space", "keypoint", "individual"),
    coords={"time": time_s, "space": ["x", "y"],
            "keypoint": [f"k{i}" for i in range(xyz.shape[2])],
            "individual": [f"i{i}" for i in range(xyz.shape[3])]})
few = all_of_it[:100]
def savitzky_golay(data):
    velocity = compute_velocity(savgol_filter(data, window=11, polyorder=2))
    return velocity, compute_norm(velocity)
def median(data):
    return rolling_filter(data, window=5, statistic="median")
"""

_KINETICS = """
import numpy as np
import kineticstoolkit as ktk
xyz = np.load(path + "/xyz.npy")
def people(xyz):
    series = []
    for i in range(xyz.shape[3]):
        ts = ktk.TimeSeries(time=np.arange(len(xyz)) / 60)
        for k in range(xyz.shape[2]):
            ts.data[f"k{k}"] = xyz[:, :, k, i]
        series.append(ts)
    return series
all_of_it, few = people(xyz), people(xyz[:100])
def butterworth(series):
    return [ktk.filters.butter(ts, fc=6.0, order=2) for ts in series]
"""

#: Name: (who, source, function, the peer it is compared with and the ratio to reach).
VARIANTS = {
    "savitzky_golay+velocity": ("savitzky_golay", "movement", _MOVEMENT, 4.0),
    "median of 5": ("median", "movement", _MOVEMENT, 100.0),
    "butterworth 6 Hz": ("butterworth", "kineticstoolkit", _KINETICS, 5.0),
}


def make_data(folder: Path, *, n_frames: int, n_people: int) -> None:
    """Write random walks as a poses table and as an array, both in Float32."""
    import biomech as bm
    from biomech.skeletons import COCO17

    rng = np.random.default_rng(0)
    shape = (n_frames, 2, N_KEYPOINTS, n_people)
    xyz = rng.normal(size=shape).cumsum(axis=0).astype(np.float32)
    np.save(folder / "xyz.npy", xyz)
    frames = pl.DataFrame(
        {
            "clip_id": pl.repeat("a", n_frames * n_people, eager=True),
            "track_id": np.repeat(np.arange(n_people, dtype=np.int32), n_frames),
            "frame": np.tile(np.arange(n_frames, dtype=np.int32), n_people),
            "time_s": np.tile(np.arange(n_frames) / RATE_HZ, n_people),
        }
    )
    rows = xyz.transpose(3, 0, 2, 1).reshape(-1, N_KEYPOINTS, 2)
    poses = bm.from_array(frames, xyz=rows, keypoints=COCO17.keypoints, unit="px")
    poses.write_parquet(folder / "poses.parquet")


def run_variant(
    python: str, source: str, function: str, folder: Path
) -> tuple[float, float]:
    """Run one function in a fresh process: least seconds, and megabytes on top."""
    code = f"{_CLOCK}\n{source}\nmeasure({function})"
    command = [python, "-c", code, str(folder)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds, megabytes = (float(x) for x in done.stdout.split()[-2:])
    return seconds, megabytes


def main() -> None:
    """Measure, print a table and, if asked, write JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peers", help="python with movement and kineticstoolkit")
    parser.add_argument("--sports2d", help="python with sports2d")
    parser.add_argument("--frames", type=int, default=20_000)
    parser.add_argument("--people", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    results = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_data(folder, n_frames=options.frames, n_people=options.people)
        for title, (function, peer, source, goal) in VARIANTS.items():
            runs: dict[str, list[tuple[float, float]]] = {"biomech": [], peer: []}
            for _ in range(options.rounds):
                runs["biomech"].append(
                    run_variant(sys.executable, _OURS, function, folder)
                )
                if options.peers:
                    runs[peer].append(
                        run_variant(options.peers, source, function, folder)
                    )
            best = {who: min(r) for who, r in runs.items() if r}
            results[title] = best
            line = ", ".join(f"{w} {s:.3f} s {m:.0f} MB" for w, (s, m) in best.items())
            if peer in best:
                ratio = best[peer][0] / best["biomech"][0]
                line += f": {ratio:.1f} times as fast (goal {goal:g})"
            print(f"{title}: {line}")
        if options.sports2d:
            print(sports2d.compare(options.sports2d, folder))
    if options.json:
        options.json.write_text(json.dumps(results, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
