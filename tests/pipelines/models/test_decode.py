import numpy as np
import pytest

from biomech.errors import ModelError
from pipelines.models.decode import Head, decode, hide_unseen, suppress_doubles
from pipelines.models.letterbox import Letterbox
from pipelines.models.protocol import Detections

# Picture of 200 x 100 px in an input of half the size, no padding.
HALF = Letterbox(image=(100, 200), network=(50, 100), inner=(50, 100), offset=(0, 0))
ONE_POINT = Head(n_classes=1, person=0, n_keypoints=1, n_dims=3, end_to_end=False)


def anchors(*columns):
    return np.array(columns, np.float32).T


def test_box_and_keypoint_come_out_in_pixels_of_the_picture():
    output = anchors([20, 10, 8, 4, 0.9, 21, 11, 0.7])

    people = decode(output, head=ONE_POINT, letterbox=HALF)

    np.testing.assert_allclose(people.boxes, [[32, 16, 48, 24]])
    np.testing.assert_allclose(people.scores, [0.9])
    np.testing.assert_allclose(people.keypoints, [[[42, 22, 0.7]]])


def test_weaker_box_of_the_same_person_goes_and_a_neighbour_stays():
    output = anchors(
        [20, 10, 8, 8, 0.6, 0, 0, 0],
        [20.5, 10, 8, 8, 0.9, 0, 0, 0],
        [40, 10, 8, 8, 0.3, 0, 0, 0],
    )

    people = decode(output, head=ONE_POINT, letterbox=HALF)

    np.testing.assert_allclose(people.scores, [0.9, 0.3])


def test_box_that_was_removed_removes_no_other():
    boxes = np.array([[0, 0, 10, 10], [0, 2, 10, 12], [0, 4, 10, 14]], np.float32)

    # Neighbours share 8 of 12 rows (0.67), the outer two 6 of 14 (0.43).
    kept = suppress_doubles(boxes, np.array([0.9, 0.8, 0.7]), max_overlap=0.6)

    assert kept.tolist() == [0, 2]


def test_people_below_the_least_score_are_dropped():
    output = anchors([20, 10, 8, 4, 0.2, 0, 0, 0])

    assert len(decode(output, head=ONE_POINT, letterbox=HALF, min_score=0.25)) == 0
    assert len(decode(output, head=ONE_POINT, letterbox=HALF, min_score=0.15)) == 1


def test_box_ends_at_the_edge_of_the_picture():
    output = anchors([2, 2, 10, 10, 0.9, 1, 1, 0.5])

    people = decode(output, head=ONE_POINT, letterbox=HALF)

    np.testing.assert_allclose(people.boxes, [[0, 0, 14, 14]])


@pytest.mark.parametrize("point", [(-0.1, 5), (5, 100.5), (0, 0), (250, 5)])
def test_keypoint_that_nobody_sees_is_nan_and_keeps_its_confidence(point):
    keypoints = np.array([[[*point, 0.2], [10, 0, 0.9]]], np.float32)

    hide_unseen(keypoints, width_px=200, height_px=100)

    assert np.isnan(keypoints[0, 0, :2]).all()
    np.testing.assert_allclose(keypoints[0, :, 2], [0.2, 0.9])
    np.testing.assert_allclose(keypoints[0, 1, :2], [10, 0])


def test_only_the_class_person_counts():
    head = Head(n_classes=2, person=1, n_keypoints=0, n_dims=3, end_to_end=False)
    output = anchors([20, 10, 8, 4, 0.9, 0.3], [40, 10, 8, 4, 0.1, 0.8])

    people = decode(output, head=head, letterbox=HALF, min_score=0.5)

    np.testing.assert_allclose(people.scores, [0.8])


def test_without_confidences_the_score_of_the_person_stands_in():
    head = Head(n_classes=1, person=0, n_keypoints=1, n_dims=2, end_to_end=False)

    people = decode(anchors([20, 10, 8, 4, 0.6, 21, 11]), head=head, letterbox=HALF)

    np.testing.assert_allclose(people.keypoints, [[[42, 22, 0.6]]])


def test_end_to_end_rows_are_read_as_corners_and_not_merged():
    head = Head(n_classes=2, person=0, n_keypoints=1, n_dims=3, end_to_end=True)
    rows = np.array(
        [
            [10, 10, 20, 20, 0.5, 0, 12, 12, 0.4],
            [10, 10, 20, 21, 0.8, 0, 13, 12, 0.4],
            [10, 10, 20, 21, 0.9, 1, 13, 12, 0.4],
            [0, 0, 0, 0, 0.0, 0, 0, 0, 0.0],
        ],
        np.float32,
    )

    people = decode(rows, head=head, letterbox=HALF)

    np.testing.assert_allclose(people.scores, [0.8, 0.5])
    np.testing.assert_allclose(people.boxes[0], [20, 20, 40, 42])
    np.testing.assert_allclose(people.keypoints[0], [[26, 24, 0.4]])


def test_nobody_gives_arrays_of_the_right_shape():
    output = anchors([20, 10, 8, 4, 0.01, 21, 11, 0.5])

    people = decode(output, head=ONE_POINT, letterbox=HALF)

    assert len(people) == 0
    assert people.boxes.shape == (0, 4)
    assert people.keypoints.shape == (0, 1, 3)


def test_arrays_of_different_people_are_refused():
    with pytest.raises(ModelError, match=r"\(2,\).*allowed are"):
        Detections(
            np.zeros((1, 4), np.float32),
            np.zeros(2, np.float32),
            np.zeros((1, 17, 3), np.float32),
        )
