import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

import biomech as bm


def make(frames, unit="px", dims=2):
    xyz = np.arange(3 * 2 * dims, dtype=float).reshape(3, 2, dims)
    xyz[1, 0] = np.nan
    confidence = np.array([[0.5, 1.0], [0.0, 1.0], [0.25, 1.0]])
    return bm.from_array(
        frames,
        xyz=xyz,
        keypoints=["nose", "left_knee"],
        unit=unit,
        confidence=confidence,
    ), xyz


@pytest.mark.parametrize(("unit", "dims"), [("px", 2), ("m", 2), ("m", 3)])
def test_arrays_survive_the_way_through_a_table(frames, unit, dims):
    poses, xyz = make(frames, unit, dims)

    back = bm.to_array(poses)

    assert back.unit == unit
    assert back.keypoints == ("nose", "left_knee")
    np.testing.assert_allclose(back.xyz, xyz)
    np.testing.assert_allclose(back.confidence[:, 0], [0.5, 0.0, 0.25])


def test_missing_is_null_in_tables_and_nan_in_arrays(frames):
    poses, _ = make(frames)

    assert poses["nose_x_px"].is_null().to_list() == [False, True, False]
    assert not poses["nose_x_px"].is_nan().any()
    assert np.isnan(bm.to_array(poses).point("nose")[1]).all()


def test_asking_for_absent_keypoints_names_them(frames):
    poses, _ = make(frames)

    with pytest.raises(bm.SkeletonError, match=r"lack: \['left_heel'\]"):
        bm.to_array(poses, keypoints=["nose", "left_heel"])


def test_no_confidence_columns_mean_unknown_confidence(frames):
    poses, _ = make(frames)

    array = bm.to_array(poses.drop(pl.col("^.*_confidence$")))

    assert np.isnan(array.confidence).all()


def test_long_form_and_back_is_the_same_table(frames):
    poses, _ = make(frames, "m", 3)

    assert_frame_equal(bm.from_long(bm.to_long(poses)), poses, check_column_order=False)


def test_a_keypoint_twice_in_a_frame_is_refused(frames):
    tall = bm.to_long(make(frames)[0])

    with pytest.raises(bm.SchemaError, match="occurs twice"):
        bm.from_long(pl.concat([tall, tall]))


def test_wrong_shapes_and_units_are_refused(frames):
    with pytest.raises(bm.SchemaError, match=r"shape \(2, 1, 2\)"):
        bm.from_array(frames, xyz=np.zeros((2, 1, 2)), keypoints=["nose"], unit="px")
    with pytest.raises(bm.SchemaError, match="unknown unit of poses 'cm'"):
        bm.from_array(frames, xyz=np.zeros((3, 1, 2)), keypoints=["nose"], unit="cm")
    with pytest.raises(bm.SkeletonError, match="tail"):
        bm.from_array(frames, xyz=np.zeros((3, 1, 2)), keypoints=["tail"], unit="px")


def test_no_frames_give_no_rows(frames):
    array = bm.to_array(make(frames)[0].clear())

    assert array.xyz.shape == (0, 2, 2)
