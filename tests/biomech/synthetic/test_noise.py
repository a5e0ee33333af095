import numpy as np
import polars as pl
import polars.selectors as cs
import pytest
from polars.testing import assert_frame_equal

from biomech.arrays import to_array
from biomech.errors import ConfigError, SchemaError, UnitError
from biomech.schema import POSES
from biomech.synthetic import (
    add_dropouts,
    add_noise,
    add_offsets,
    add_swaps,
    pendulum,
)

TRUTH = pendulum(n_frames=3000, rate_hz=60.0, dtype=pl.Float64)


def error(noisy, truth=TRUTH):
    return to_array(noisy).xyz - to_array(truth).xyz


def test_white_noise_has_the_asked_standard_deviation_and_no_memory():
    noise = error(add_noise(TRUTH, sd_px=4.0))

    assert noise.std() == pytest.approx(4.0, rel=0.01)
    assert abs((noise[1:] * noise[:-1]).mean() / 16.0) < 0.01


def test_correlated_noise_keeps_its_variance_and_forgets_as_asked():
    noise = error(add_noise(TRUTH, sd_px=4.0, correlation_s=0.1))

    assert noise.std() == pytest.approx(4.0, rel=0.05)
    assert noise[0].std() == pytest.approx(4.0, rel=0.3)
    after_a_tau = (noise[6:] * noise[:-6]).mean() / (noise**2).mean()
    assert after_a_tau == pytest.approx(np.exp(-1), abs=0.04)


def test_confidence_falls_with_the_error():
    noisy = add_noise(TRUTH, sd_px=4.0)

    size = np.linalg.norm(error(noisy), axis=-1).ravel()
    confidence = to_array(noisy).confidence.ravel()

    assert np.polyfit(size / 4.0, confidence, 1) == pytest.approx(
        [-0.05, 0.9], abs=0.005
    )


def test_noise_leaves_missing_points_missing():
    gone = TRUTH.with_columns(
        left_knee_x_px=None, left_knee_y_px=None, left_knee_confidence=0.0
    ).cast({cs.starts_with("left_knee"): pl.Float64})

    noisy = add_noise(gone, sd_px=4.0)

    assert noisy["left_knee_x_px"].null_count() == 3000
    assert noisy["left_knee_confidence"].max() == 0.0


def test_tracks_get_their_own_correlated_noise():
    both = pl.concat([TRUTH, TRUTH.with_columns(pl.lit(1, pl.Int32).alias("track_id"))])

    noisy = add_noise(both, sd_px=4.0, correlation_s=0.5)

    first, second = (
        noisy.filter(track_id=i)["left_knee_x_px"] - TRUTH["left_knee_x_px"]
        for i in (0, 1)
    )
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.4


@pytest.mark.parametrize(
    "layer",
    [
        lambda poses: add_noise(poses, sd_px=3.0, correlation_s=0.1),
        add_dropouts,
        lambda poses: add_swaps(poses).poses,
        lambda poses: add_offsets(poses, sd_px=3.0),
    ],
)
class TestEveryLayer:
    def test_gives_a_poses_table_of_the_same_types(self, layer):
        poses = pendulum()

        changed = layer(poses)

        POSES.validate(changed)
        assert changed.schema == poses.schema

    def test_keeps_its_input(self, layer):
        poses = pendulum()

        layer(poses)

        assert_frame_equal(poses, pendulum())

    def test_does_not_care_about_the_order_of_rows(self, layer):
        poses = pendulum()

        assert_frame_equal(layer(poses), layer(poses.sample(fraction=1, shuffle=True)))

    def test_accepts_no_rows_and_one_row(self, layer):
        assert layer(pendulum(n_frames=0)).is_empty()
        assert layer(pendulum(n_frames=1)).height == 1

    def test_refuses_another_table(self, layer):
        with pytest.raises(SchemaError):
            layer(pl.DataFrame({"a": [1]}))


def test_dropouts_have_the_asked_share_and_length():
    lossy = add_dropouts(TRUTH, fraction=0.05, max_burst_s=0.12)

    missing = np.isnan(to_array(lossy).xyz[..., 0])
    assert missing.mean() == pytest.approx(0.05, abs=0.004)
    edges = np.diff(np.pad(missing, ((1, 1), (0, 0))).astype(int), axis=0)
    for k in range(missing.shape[1]):
        length = np.flatnonzero(edges[:, k] < 0) - np.flatnonzero(edges[:, k] > 0)
        assert length.max() <= 7  # 0.12 s at 60 Hz is 7 frames
    assert (to_array(lossy).confidence[missing] == 0).all()


def test_swaps_exchange_the_legs_exactly_where_they_say():
    truth = pendulum(n_frames=20_000, rate_hz=60.0)

    swapped, intervals = add_swaps(truth, fraction=0.02, burst_frames=(2, 5))

    frames = np.concatenate(
        [
            np.arange(a, b)
            for a, b in intervals.select("start_frame", "end_frame").iter_rows()
        ]
    )
    inside = truth["frame"].is_in(frames.tolist())
    for ours, theirs in (("left_knee", "right_knee"), ("right_heel", "left_heel")):
        expected = truth.select(
            pl.when(inside).then(f"{theirs}_x_px").otherwise(f"{ours}_x_px")
        ).to_series()
        np.testing.assert_array_equal(swapped[f"{ours}_x_px"], expected)
    np.testing.assert_array_equal(swapped["left_wrist_x_px"], truth["left_wrist_x_px"])
    assert len(frames) / 20_000 == pytest.approx(0.02, abs=0.006)
    lengths = intervals["end_frame"] - intervals["start_frame"]
    assert (lengths.min(), lengths.max()) == (2, 5)
    np.testing.assert_allclose(
        intervals["end_s"] - intervals["start_s"], lengths / 60.0, atol=1e-9
    )


def test_offsets_are_constant_in_time_and_as_large_as_asked():
    offset = error(add_offsets(TRUTH, sd_px=10.0, seed=1))

    np.testing.assert_allclose(offset.std(axis=0), 0.0, atol=1e-9)
    assert 6.0 < offset[0].std() < 14.0


def test_the_unit_of_the_noise_must_be_that_of_the_table():
    with pytest.raises(UnitError, match="in px: give sd_px"):
        add_noise(TRUTH, sd_m=0.01)
    with pytest.raises(UnitError, match="in px: give sd_px"):
        add_offsets(TRUTH)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: add_noise(TRUTH, sd_px=-1.0),
        lambda: add_noise(TRUTH, sd_px=1.0, correlation_s=-1.0),
        lambda: add_dropouts(TRUTH, fraction=0.9),
        lambda: add_swaps(TRUTH, burst_frames=(5, 2)),
        lambda: add_swaps(TRUTH, part="ears"),
    ],
)
def test_impossible_knobs_are_refused(wrong):
    with pytest.raises(ConfigError, match="allowed are"):
        wrong()
