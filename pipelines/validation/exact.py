"""Movements made in the computer, whose truth is exact: planes, sequences, jumps."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

import biomech as bm
from biomech.schema import Poses
from biomech.synthetic import (
    Camera,
    add_noise,
    counter_movement_jump,
    golf_swing,
    to_poses,
)
from pipelines.validation.conditions import BODY_PX, CORRELATION_S
from pipelines.validation.study import Recording, Row, Study
from pipelines.validation.tables import MADE

Array = NDArray[np.float64]

#: Club heads on half a circle of 1 m, as methods for swing planes are compared.
_N_ARCS, _ARC_NOISE_M = 200, 0.02
_JUMP_M, _HEIGHT_M, _FAR_M = 0.35, 1.75, 8.0
#: 7 px on a person of 800 px for sequences, in metres, and 4 px for jumps.
_SEQUENCE_NOISE_M, _JUMP_NOISE_PX = 7.0 / BODY_PX * _HEIGHT_M, 4.0
_SEGMENTS = ("pelvis", "thorax", "club")


def exact_studies(*, quick: bool) -> Iterator[Study]:
    """Measure movements that were made.

    Parameters
    ----------
    quick
        Fewer repetitions of the noise.

    Yields
    ------
    Studies of swing planes, kinematic sequences and jumps.
    """
    yield _planes(_N_ARCS // 5 if quick else _N_ARCS)
    yield _sequence(1 if quick else 10)
    yield _jump(1 if quick else 10)


def _planes(n: int) -> Study:
    about = Recording("made/arcs", "golf", 240.0, 25 / 240, MADE)
    rng = np.random.default_rng(1)
    rows: list[Row] = []
    for condition, noise_m in (("arc", 0.0), ("arc 2 cm", _ARC_NOISE_M)):
        for slope, direction in rng.uniform((35.0, -15.0), (65.0, 15.0), (n, 2)):
            path = _arc(slope, direction) + rng.normal(0.0, noise_m, (25, 3))
            points = pl.DataFrame(path, schema=["x_m", "y_m", "z_m"])
            time = pl.Series("time_s", np.arange(25) / 240.0)
            found = bm.swing_plane(points.with_columns(time))
            for name, true in (("slope", slope), ("direction", direction)):
                value = found[f"{name}_deg"].item()
                rows.append(about.value(condition, f"swing_plane_{name}", true, value))
    return about.study([], rows)


def _arc(slope_deg: float, direction_deg: float) -> Array:
    """Place 25 points on half a circle, its line along the direction."""
    slope, turn = np.radians([slope_deg, direction_deg])
    level = np.array([np.cos(turn), 0.0, np.sin(turn)])
    side = np.array([-np.sin(turn), 0.0, np.cos(turn)])
    rising = np.cos(slope) * side + np.sin(slope) * np.array([0.0, 1.0, 0.0])
    angle = np.radians(np.linspace(-90.0, 90.0, 25))[:, None]
    points: Array = np.sin(angle) * level - np.cos(angle) * rising
    return points


def _noisy(
    poses: Poses, size: float, n: int, activity: str
) -> Iterator[tuple[str, Poses]]:
    """Give what noise of pose models makes of poses, cleaned as the pipeline does."""
    sd = {f"sd_{bm.to_array(poses).unit}": size}
    for kind, memory_s in (("white", 0.0), ("correlated", CORRELATION_S)):
        for seed in range(n):
            noisy = add_noise(poses, correlation_s=memory_s, seed=seed, **sd)
            yield kind, bm.clean(noisy, activity=activity)


def _sequence(n: int) -> Study:
    motion = golf_swing(rate_hz=240.0)
    poses = to_poses(motion)
    about = Recording.of(poses, name="made/golf_swing", activity="golf", truth=MADE)
    swings = bm.swings(bm.swing_events(poses))
    rows: list[Row] = []
    for condition, seen in (
        ("exact", poses),
        *_noisy(poses, _SEQUENCE_NOISE_M, n, "golf"),
    ):
        found = bm.kinematic_sequence(seen, swings, axis="trunk")
        own = {row["segment"]: row for row in found.iter_rows(named=True)}
        for name in _SEGMENTS:
            true = motion.truth[f"{name}_peak_deg_s"], motion.truth[f"{name}_peak_s"]
            peak, at_s = own[name]["peak_deg_s"], own[name]["peak_time_s"]
            rows += [
                about.value(condition, "peak_speed", true[0], peak),
                about.value(condition, "peak_time", true[1], at_s),
            ]
        for metric, column in (("peak_order", "peak_time_s"), ("told_order", "order")):
            order = [own[name][column] for name in _SEGMENTS]
            is_right = float(order == sorted(order))
            rows.append(about.value(condition, metric, 1.0, is_right))
    return about.study([], rows)


def _jump(n: int) -> Study:
    motion = counter_movement_jump(jump_height_m=_JUMP_M, rate_hz=60.0)
    camera = Camera(
        position_m=(0.0, 1.0, _FAR_M),
        target_m=(0.0, 1.0, 0.0),
        focal_px=BODY_PX / _HEIGHT_M * _FAR_M,
        width_px=1920,
        height_px=1600,
    )
    poses = to_poses(motion, camera=camera)
    about = Recording.of(poses, name="made/jump", activity="jump", truth=MADE)
    true = {
        "jump_height_com": motion.truth["jump_height_m"],
        "jump_height_flight": motion.truth["flight_time_height_m"],
    }
    rows: list[Row] = []
    for condition, seen in (
        ("exact", poses),
        *_noisy(poses, _JUMP_NOISE_PX, n, "jump"),
    ):
        found = bm.jump_metrics(seen, height_m=_HEIGHT_M)
        rows += [about.metric(condition, m, v, found) for m, v in true.items()]
    return about.study([], rows)
