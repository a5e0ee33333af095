"""What a camera and a codec do to a picture: blur, noise, colour, compression."""

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]

#: How far scattered light reaches from its source, in parts of the picture.
_VEIL_SPREAD = 0.35


class Film(NamedTuple):
    """How a picture is taken.

    Attributes
    ----------
    blur_px
        Standard deviation of the focus blur in pixels of the result.
    smear_px, smear_deg
        Length and direction of a camera shake.
    noise
        Standard deviation of sensor noise in grey levels.
    gain, contrast, saturation
        Factors; 1 leaves the picture as it is.
    balance
        Factors on red, green and blue.
    veil, veil_at
        Light that a low sun scatters in the lens: how much of the picture it covers
        where it is brightest, and where that is, in parts of width and height.
    jpeg_quality
        From 1 to 100; 0 leaves the picture uncompressed.
    """

    blur_px: float = 0.0
    smear_px: float = 0.0
    smear_deg: float = 0.0
    noise: float = 0.0
    gain: float = 1.0
    contrast: float = 1.0
    saturation: float = 1.0
    balance: tuple[float, float, float] = (1.0, 1.0, 1.0)
    veil: float = 0.0
    veil_at: tuple[float, float] = (0.5, 0.0)
    jpeg_quality: int = 0


def random_film(rng: np.random.Generator) -> Film:
    """Draw what a telephone or a camcorder does on an ordinary day."""
    return Film(
        blur_px=float(rng.uniform(0.4, 1.3)) if rng.random() < 0.3 else 0.0,
        smear_px=float(rng.uniform(2.0, 7.0)) if rng.random() < 0.12 else 0.0,
        smear_deg=float(rng.uniform(0.0, 180.0)),
        noise=float(rng.uniform(1.0, 8.0)) if rng.random() < 0.6 else 0.0,
        gain=float(np.exp(rng.normal(0.0, 0.13))),
        contrast=float(np.exp(rng.normal(0.0, 0.12))),
        saturation=float(rng.uniform(0.55, 1.1)),
        balance=tuple(np.exp(rng.normal(0.0, 0.035, 3))),
        veil=float(rng.uniform(0.15, 0.7)) if rng.random() < 0.15 else 0.0,
        veil_at=(float(rng.uniform(0.0, 1.0)), float(rng.uniform(-0.1, 0.7))),
        jpeg_quality=int(rng.uniform(35, 96)),
    )


def develop(
    image: Pixels, size_px: tuple[int, int], film: Film, rng: np.random.Generator
) -> Pixels:
    """Scale a drawn RGB picture down and film it.

    Parameters
    ----------
    image
        RGB, larger than the result so that edges become smooth.
    size_px
        Width and height of the result.
    film
        What to do.
    rng
        Source of the noise.

    Returns
    -------
    BGR, as OpenCV has it.
    """
    scaled = cv2.resize(
        np.ascontiguousarray(image), size_px, interpolation=cv2.INTER_AREA
    )
    light = scaled.astype(np.float32)
    if film.smear_px > 1.0:
        light = cv2.filter2D(light, -1, _streak(film.smear_px, film.smear_deg))
    if film.blur_px > 0.0:
        light = cv2.GaussianBlur(light, (0, 0), film.blur_px)
    grey = light.mean(axis=2, keepdims=True)
    light = grey + film.saturation * (light - grey)
    light = 128.0 + film.contrast * (
        light * film.gain * np.array(film.balance, np.float32) - 128.0
    )
    if film.veil > 0.0:
        light = _veiled(light, film)
    if film.noise > 0.0:
        noise = rng.standard_normal(light.shape, np.float32)
        light = light + film.noise * cv2.GaussianBlur(noise, (0, 0), 0.6) * 1.6
    result = np.clip(light, 0, 255).astype(np.uint8)[..., ::-1]
    if film.jpeg_quality > 0:
        options = [cv2.IMWRITE_JPEG_QUALITY, film.jpeg_quality]
        packed = cv2.imencode(".jpg", np.ascontiguousarray(result), options)[1]
        result = cv2.imdecode(packed, cv2.IMREAD_COLOR)
    return np.ascontiguousarray(result)


def _veiled(light: NDArray[np.float32], film: Film) -> NDArray[np.float32]:
    """Let scattered light wash a picture out, most around its source."""
    height, width = light.shape[:2]
    x, y = film.veil_at
    right = (np.arange(width, dtype=np.float32) / width - x)[None, :]
    down = (np.arange(height, dtype=np.float32) / height - y)[:, None]
    glow = 0.4 + 0.6 * np.exp(-(right**2 + down**2) / (2 * _VEIL_SPREAD**2))
    share = (film.veil * glow)[..., None]
    return np.asarray(light * (1 - share) + 250.0 * share, np.float32)


def _streak(length_px: float, angle_deg: float) -> NDArray[np.float32]:
    half = int(np.ceil(length_px / 2))
    kernel = np.zeros((2 * half + 1, 2 * half + 1), np.float32)
    reach = (
        length_px
        / 2
        * np.array([np.cos(np.radians(angle_deg)), np.sin(np.radians(angle_deg))])
    )
    start, end = (np.array([half, half]) + s * reach for s in (-1, 1))
    cv2.line(
        kernel,
        tuple(start.round().astype(int).tolist()),
        tuple(end.round().astype(int).tolist()),
        1.0,
    )
    return np.asarray(kernel / kernel.sum(), np.float32)
