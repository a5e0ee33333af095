import numpy as np
import pytest

from pipelines.models.protocol import Detections
from pipelines.models.second_look import seen_again, views_of
from pipelines.models.ultralytics import load_yolo

FRAME = np.arange(400 * 800 * 3, dtype=np.int64).reshape(400, 800, 3).astype(np.uint8)
SIZES = {"imgsz": 400, "size_px": 200}


def people(*boxes, points=((0.0, 0.0),)):
    boxes = np.array(boxes, np.float32).reshape(-1, 4)
    one = np.column_stack([np.array(points, np.float32), np.ones(len(points))])
    keypoints = np.repeat(one[None].astype(np.float32), len(boxes), axis=0)
    return Detections(boxes, np.ones(len(boxes), np.float32), keypoints)


def test_only_people_whom_it_enlarges_are_looked_at_again():
    # The picture is halved in the first look; 150 of 200 px are the person's.
    small, large = (100, 100, 180, 390), (300, 80, 500, 385)

    views = views_of([FRAME], [people(small, large)], **SIZES)

    assert [(view.picture, view.person) for view in views] == [(0, 0)]
    assert views[0].image.shape == (200, 200, 3)


def test_the_person_lies_in_the_middle_of_the_cut_out():
    (view,) = views_of([FRAME], [people((100, 100, 140, 200))], **SIZES)

    assert view.gain == pytest.approx(1.5)
    assert view.gain * np.array([120, 150]) + view.corner == pytest.approx([100, 100])


def test_around_the_picture_lies_the_grey_that_networks_ignore():
    (view,) = views_of([FRAME], [people((0, 0, 50, 100))], **SIZES)

    assert (view.image[:20, :20] == 114).all()


def test_keypoints_of_the_second_look_come_back_to_their_place():
    first = people((100, 100, 140, 200), points=[(120, 110), (130, 190)])
    views = views_of([FRAME], [first], **SIZES)
    # The same box in the cut-out, and points of which one is outside of the picture.
    closer = people((70, 25, 130, 175), points=[(100, 40), (-200, 40)])

    (again,) = seen_again([FRAME], [first], views, [closer])

    assert again.keypoints[0, 0] == pytest.approx([120, 110, 1])
    assert np.isnan(again.keypoints[0, 1, :2]).all()
    assert (again.boxes == first.boxes).all()


@pytest.mark.parametrize("closer", [people(), people((0, 0, 60, 60))])
def test_the_first_look_counts_where_the_second_finds_nobody_there(closer):
    first = people((100, 100, 140, 200), points=[(120, 110)])
    views = views_of([FRAME], [first], **SIZES)

    (again,) = seen_again([FRAME], [first], views, [closer])

    assert (again.keypoints == first.keypoints).all()


def test_a_network_looks_twice_only_if_asked_to(source, pictures):
    once, twice = (
        load_yolo(source, min_score=0.3, second_look=look) for look in (None, True)
    )

    before, after = once(pictures), twice(pictures)

    assert (once.info.second_look, twice.info.second_look) == (False, True)
    for one, other in zip(before, after, strict=True):
        assert (one.boxes == other.boxes).all()
        assert (one.scores == other.scores).all()
    once.close()
    twice.close()
