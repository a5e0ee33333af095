import numpy as np
import polars as pl
import pytest

import biomech as bm
from biomech.anthropometry import SEGMENTS
from biomech.synthetic import counter_movement_jump, to_poses


def centre(poses, **knobs):
    return bm.centre_of_mass(poses, **knobs)


@pytest.mark.parametrize("which", [0, 1])
def test_masses_add_up_to_one_body(which):
    total = sum(s.mass[which] * (2 if s.paired else 1) for s in SEGMENTS.values())

    assert total == pytest.approx(1.0, abs=2e-4)


def test_centre_of_mass_falls_freely_in_a_jump():
    motion = counter_movement_jump()
    signals = centre(to_poses(motion, dtype=pl.Float64), sex=motion.figure.sex)
    time = signals["time_s"].to_numpy()
    events = dict(motion.events.select("event", "time_s").iter_rows())
    flight = (time > events["take_off"] + 0.02) & (time < events["landing"] - 0.02)

    fall = np.polyfit(time[flight], signals["centre_of_mass_y_m"].to_numpy()[flight], 2)

    assert 2 * fall[0] == pytest.approx(-9.81, rel=0.01)


def test_two_points_of_equal_bodies_balance_in_the_middle(frames):
    """Everything at one place: the centre is there, whatever the table."""
    names = [
        *(
            f"{s}_{p}"
            for s in ("left", "right")
            for p in ("shoulder", "elbow", "wrist")
        ),
        *(f"{s}_{p}" for s in ("left", "right") for p in ("hip", "knee", "ankle")),
    ]
    poses = frames.with_columns(
        *(pl.lit(3.0).alias(f"{n}_x_m") for n in names),
        *(pl.lit(1.5).alias(f"{n}_y_m") for n in names),
    )

    signals = centre(poses)

    assert signals["centre_of_mass_x_m"].to_list() == pytest.approx([3.0] * 3)
    assert signals["centre_of_mass_y_m"].to_list() == pytest.approx([1.5] * 3)
    assert signals["mass_seen_pct"].item(0) == pytest.approx(93.2, abs=0.1)


def test_trunk_counts_from_the_shoulders(frames):
    at = {"shoulder": 1.0, "hip": 0.0, "elbow": 1.0, "wrist": 1.0}
    at |= {"knee": 0.0, "ankle": 0.0}
    poses = frames.with_columns(
        pl.lit(value).alias(f"{side}_{name}_{axis}_m")
        for name, y in at.items()
        for side in ("left", "right")
        for axis, value in (("x", 0.0), ("y", y))
    )

    height = centre(poses, sex="male")["centre_of_mass_y_m"].item(0)

    arms = 2 * (0.0271 + 0.0162 + 0.0061)
    trunk = 0.4346 * (1 - 0.4310)
    seen = 1.0 - 0.0694
    assert height == pytest.approx((arms + trunk) / seen, abs=1e-3)


def test_too_little_mass_gives_null():
    poses = to_poses(counter_movement_jump()).drop(pl.col("^.*_(knee)_.*$"))

    signals = centre(poses)

    assert signals["centre_of_mass_y_m"].null_count() == signals.height
    assert signals["mass_seen_pct"].max() < 85.0


def test_unknown_sex_is_refused():
    with pytest.raises(bm.ConfigError, match="unknown sex 'other'"):
        centre(to_poses(counter_movement_jump()), sex="other")
