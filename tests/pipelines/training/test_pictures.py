import numpy as np
import pytest

from biomech.errors import FormatError
from biomech.skeletons import HALPE26
from pipelines.training.augment import Augmentation, augmented, mirrored_order
from pipelines.training.batches import Batches, Source, collate
from pipelines.training.pictures import Picture, find_shards, read_shard, write_shard

NAMES = HALPE26.keypoints
#: Pictures as they are, only scaled to the size of the network.
UNCHANGED = Augmentation(
    whole_share=1.0,
    shift=0.0,
    mirror_share=0.0,
    colour_share=0.0,
    grey_share=0.0,
    blur_share=0.0,
    noise_share=0.0,
    cut_out_share=0.0,
)


def somebody(size=64, n_people=1):
    keypoints = np.zeros((n_people, 26, 3), np.float32)
    keypoints[..., 0] = np.linspace(20, 40, 26)
    keypoints[..., 1] = np.linspace(10, 50, 26)
    keypoints[..., 2] = 2
    boxes = np.tile(np.float32([18, 8, 42, 52]), (n_people, 1))
    image = np.zeros((size, size, 3), np.uint8)
    image[8:52, 18:42] = (40, 90, 200)
    return Picture(image, boxes, keypoints)


def people_of(picture):
    pairs = zip(picture.boxes, picture.keypoints, strict=True)
    return [{"box": box, "keypoints": points} for box, points in pairs]


def changed(picture, *, how, size_px=(64, 64), seed=0):
    rng = np.random.default_rng(seed)
    return augmented(
        picture, size_px=size_px, rng=rng, how=how, twins=mirrored_order(NAMES)
    )


def test_a_shard_comes_back_as_it_was_written(tmp_path):
    pictures = [somebody(), somebody(n_people=0), somebody(n_people=2)]

    write_shard(tmp_path / "s", ((p.image, people_of(p)) for p in pictures))
    shard = read_shard(tmp_path / "s")

    assert [len(shard[i].boxes) for i in range(3)] == [1, 0, 2]
    for i, picture in enumerate(pictures):
        np.testing.assert_array_equal(shard[i].image, picture.image)
        np.testing.assert_array_equal(shard[i].keypoints, picture.keypoints)


def test_a_shard_that_is_being_written_is_not_found(tmp_path):
    picture = somebody()
    for name in ("a", "b.part"):
        write_shard(tmp_path / name, [(picture.image, people_of(picture))])

    assert [path.name for path in find_shards(tmp_path)] == ["a"]


def test_a_damaged_shard_is_refused(tmp_path):
    picture = somebody()
    write_shard(tmp_path / "a", [(picture.image, people_of(picture))])
    (tmp_path / "a" / "labels.npz").write_bytes(b"no labels")

    with pytest.raises(FormatError, match=r"not a shard"):
        read_shard(tmp_path / "a")


def test_a_shard_without_pictures_is_refused_and_leaves_nothing(tmp_path):
    with pytest.raises(FormatError, match=r"no picture"):
        write_shard(tmp_path / "a", [])

    assert not list(tmp_path.iterdir())


def test_without_variation_the_picture_stays():
    picture = somebody()

    same = changed(picture, how=UNCHANGED)

    np.testing.assert_array_equal(same.image, picture.image)
    np.testing.assert_allclose(same.boxes, picture.boxes, atol=1e-5)
    np.testing.assert_allclose(same.keypoints, picture.keypoints, atol=1e-5)


def test_twice_the_size_doubles_the_labels():
    picture = somebody()

    double = changed(picture, how=UNCHANGED, size_px=(128, 128))

    np.testing.assert_allclose(double.boxes, 2 * picture.boxes, atol=1e-4)
    np.testing.assert_allclose(
        double.keypoints[..., :2], 2 * picture.keypoints[..., :2], atol=1e-4
    )


def test_the_mirror_exchanges_left_and_right():
    how = Augmentation(
        whole_share=1.0,
        shift=0.0,
        mirror_share=1.0,
        colour_share=0.0,
        grey_share=0.0,
        blur_share=0.0,
        noise_share=0.0,
        cut_out_share=0.0,
    )
    picture = somebody()

    mirrored = changed(picture, how=how)

    left, right = NAMES.index("left_wrist"), NAMES.index("right_wrist")
    before, after = picture.keypoints[0], mirrored.keypoints[0]
    np.testing.assert_allclose(after[left, 0], 64 - before[right, 0], atol=1e-4)
    np.testing.assert_allclose(after[left, 1], before[right, 1], atol=1e-4)
    np.testing.assert_allclose(mirrored.boxes, [[22, 8, 46, 52]], atol=1e-4)


@pytest.mark.parametrize("seed", range(8))
def test_labels_stay_on_the_person(seed):
    how = Augmentation(
        colour_share=0.0,
        grey_share=0.0,
        blur_share=0.0,
        noise_share=0.0,
        cut_out_share=0.0,
    )
    picture = somebody()

    varied = changed(picture, how=how, size_px=(96, 128), seed=seed)

    on_person = varied.image[..., 2].astype(int) - varied.image[..., 0] > 80
    for x, y, visibility in varied.keypoints.reshape(-1, 3):
        assert visibility == 0 or on_person[int(y), int(x)]


def test_keypoints_cut_off_are_not_labelled():
    how = Augmentation(heights=(3.0, 3.0), whole_share=0.0, shift=0.0, mirror_share=0.0)

    varied = changed(somebody(), how=how)

    gone = varied.keypoints[0, :, 2] == 0
    assert 0 < gone.sum() < 26
    assert (varied.keypoints[0, gone, :2] == 0).all()
    assert (varied.boxes >= 0).all()
    assert (varied.boxes <= 64).all()


def test_a_batch_is_in_parts_of_the_picture():
    batch = collate([somebody(n_people=0), somebody(n_people=2)])

    assert batch["img"].shape == (2, 3, 64, 64)
    assert batch["batch_idx"].tolist() == [1.0, 1.0]
    np.testing.assert_allclose(batch["bboxes"][0], np.array([30, 30, 24, 44]) / 64)
    assert batch["keypoints"][0, 0].tolist() == [20 / 64, 10 / 64, 2.0]


def test_a_folder_without_pictures_is_refused(tmp_path):
    with pytest.raises(FormatError, match=r"no labelled pictures"):
        Batches([Source(tmp_path)], seed=0, how=UNCHANGED)


def test_the_same_seed_draws_the_same_batch(tmp_path):
    picture = somebody()
    write_shard(tmp_path / "a", [(picture.image, people_of(picture))] * 3)

    first, second = (
        Batches([Source(tmp_path)], seed=4, how=Augmentation()).draw(
            3, size_px=(64, 96)
        )
        for _ in range(2)
    )

    assert first["img"].shape == (3, 3, 96, 64)
    np.testing.assert_array_equal(first["img"], second["img"])
