import numpy as np
import pytest

from pipelines.models.letterbox import PADDING_GREY, Letterbox


def test_full_hd_takes_360_of_384_rows_at_640_px():
    fitted = Letterbox.fit((1080, 1920), network=(640, 640), stride=32)

    assert fitted.network == (384, 640)
    assert fitted.inner == (360, 640)
    assert fitted.offset == (12, 0)


def test_without_stride_the_whole_square_is_kept():
    fitted = Letterbox.fit((1080, 1920), network=(640, 640), stride=None)

    assert fitted.network == (640, 640)
    assert fitted.offset == (140, 0)


@pytest.mark.parametrize("image", [(491, 353), (994, 1768), (31, 997), (640, 640)])
def test_corners_of_the_picture_come_back_exactly(image):
    fitted = Letterbox.fit(image, network=(320, 320), stride=32)
    (top, left), (height, width) = fitted.offset, fitted.inner
    corners = np.array([[left, top], [left + width, top + height]], np.float32)

    back = fitted.to_image(corners)

    np.testing.assert_allclose(back, [[0, 0], image[::-1]], rtol=1e-6)


def test_both_axes_have_scales_of_their_own():
    # 491 x 353 shrinks by 320 / 491 to 320 x 230.06: rounded to 230 columns.
    fitted = Letterbox.fit((491, 353), network=(320, 320), stride=32)

    middle = fitted.to_image(np.array([[13 + 115, 160]], np.float32))

    assert fitted.offset == (0, 13)
    np.testing.assert_allclose(middle, [[176.5, 245.5]], rtol=1e-6)


def test_picture_of_the_right_size_is_copied_bit_by_bit():
    frame = np.random.default_rng(0).integers(0, 255, (64, 96, 3), dtype=np.uint8)
    fitted = Letterbox.fit((64, 96), network=(96, 96), stride=None)
    (target,) = fitted.blank(1)

    fitted.place(frame, into=target)

    np.testing.assert_array_equal(target[16:80], frame)
    assert (target[:16] == PADDING_GREY).all()
    assert (target[80:] == PADDING_GREY).all()


def test_scaled_picture_lands_in_its_place_and_nowhere_else():
    frame = np.full((100, 50, 3), 200, np.uint8)
    fitted = Letterbox.fit((100, 50), network=(64, 64), stride=None)
    (target,) = fitted.blank(1)

    fitted.place(frame, into=target)

    assert (target[:, 16:48] == 200).all()
    assert (target[:, :16] == PADDING_GREY).all()
    assert (target[:, 48:] == PADDING_GREY).all()
