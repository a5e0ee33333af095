"""Tileable textures made from noise and simple patterns.

Every texture is a square RGB image whose mean is about one half: a surface multiplies
it by twice its own colour, so that one lawn serves every green.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]

#: Edge of a texture in pixels.
SIZE_PX = 256


def noise(
    rng: np.random.Generator, *, roughness: float = 1.0, stretch: float = 1.0
) -> Floats:
    """Return tileable noise with a power-law spectrum, mean 0 and deviation 1.

    Parameters
    ----------
    rng
        Source of the phases.
    roughness
        Exponent of the fall of amplitude with spatial frequency: 0 is white, 2 smooth.
    stretch
        How many times longer the features are along the first axis than the second.
    """
    along = np.fft.fftfreq(SIZE_PX)[:, None] * stretch
    across = np.fft.rfftfreq(SIZE_PX)[None, :]
    frequency = np.hypot(along, across)
    frequency[0, 0] = np.inf
    phase = rng.uniform(0.0, 2 * np.pi, frequency.shape)
    spectrum = frequency ** -(roughness + 0.5) * np.exp(1j * phase)
    image = np.fft.irfft2(spectrum, s=(SIZE_PX, SIZE_PX))
    return np.asarray(image / image.std(), np.float32)


def _plain(rng: np.random.Generator) -> Floats:
    return 0.5 + 0.01 * noise(rng)


def _concrete(rng: np.random.Generator) -> Floats:
    return 0.5 + 0.05 * noise(rng, roughness=1.0) + 0.02 * noise(rng, roughness=0.2)


def _granules(rng: np.random.Generator) -> Floats:
    return 0.5 + 0.10 * noise(rng, roughness=0.0) + 0.04 * noise(rng, roughness=1.2)


def _grass(rng: np.random.Generator) -> Floats:
    blades = noise(rng, roughness=0.25, stretch=0.35)
    patches = noise(rng, roughness=1.3)
    light = 0.5 + 0.11 * blades + 0.06 * patches
    yellow = 0.012 * noise(rng, roughness=1.0)
    return np.stack([light + yellow, light, light - yellow], -1)


def _foliage(rng: np.random.Generator) -> Floats:
    leaves = np.tanh(1.3 * noise(rng, roughness=0.8))
    image: Floats = 0.5 + 0.28 * leaves + 0.05 * noise(rng, roughness=0.0)
    return image


def _planks(rng: np.random.Generator) -> Floats:
    rows = np.arange(SIZE_PX) * 8 // SIZE_PX
    tone = 0.5 + 0.05 * rng.standard_normal(8)[rows]
    seam = np.where(np.arange(SIZE_PX) % (SIZE_PX // 8) == 0, 0.75, 1.0)
    grain = 0.03 * noise(rng, roughness=0.9, stretch=12.0)
    return (tone * seam)[None, :] + grain


def _bricks(rng: np.random.Generator) -> Floats:
    image = np.full((SIZE_PX, SIZE_PX), 0.68, np.float32)
    for row in range(16):
        for column in range(5):
            shift = (row % 2) * SIZE_PX // 8
            low = (column * SIZE_PX // 4 - shift + 1, row * 16 + 1)
            high = (low[0] + SIZE_PX // 4 - 3, low[1] + 13)
            cv2.rectangle(image, low, high, float(rng.normal(0.47, 0.05)), -1)
    return image + 0.03 * noise(rng, roughness=0.4)


def _tiles(rng: np.random.Generator) -> Floats:
    image = 0.5 + 0.02 * np.kron(rng.standard_normal((4, 4)), np.ones((64, 64)))
    for start in range(2):
        image[start::64] = image[:, start::64] = 0.28
    return image + 0.015 * noise(rng, roughness=0.8)


def _facade(rng: np.random.Generator) -> Floats:
    image = np.full((SIZE_PX, SIZE_PX), 0.58, np.float32)
    for row in range(4):
        for column in range(4):
            low = (column * 64 + 14, row * 64 + 12)
            high = (low[0] + 36, low[1] + 40)
            cv2.rectangle(image, low, high, float(rng.uniform(0.15, 0.6)), -1)
            cv2.rectangle(image, low, high, 0.75, 2)
    return image + 0.02 * noise(rng, roughness=1.0)


def _clouds(rng: np.random.Generator) -> Floats:
    return 0.5 + 0.2 * np.tanh(noise(rng, roughness=1.25, stretch=1.5))


def _weave(rng: np.random.Generator) -> Floats:
    threads = np.sin(np.arange(SIZE_PX) * np.pi / 2)
    return 0.5 + 0.03 * np.add.outer(threads, threads) + 0.02 * noise(rng)


def _strings(rng: np.random.Generator) -> Floats:
    """Draw one mesh of a net: bright strings on black, for cut-outs."""
    image = 0.2 + 0.01 * noise(rng)
    image[:36] = image[:, :36] = 0.62
    return image


def _crowd(rng: np.random.Generator) -> Floats:
    image = np.full((SIZE_PX, SIZE_PX, 3), 0.25, np.float32)
    for row in range(0, SIZE_PX + 16, 16):
        for column in range(0, SIZE_PX, 12):
            at = (int(column + rng.integers(-2, 3)), int(row + rng.integers(-2, 3)))
            grey = rng.uniform(0.1, 0.9)
            shirt = np.clip(rng.normal(grey, 0.08, 3), 0, 1).tolist()
            skin = (np.array([0.85, 0.62, 0.5]) * rng.uniform(0.4, 1.0)).tolist()
            cv2.ellipse(image, (at[0], at[1] + 9), (5, 6), 0, 0, 360, shirt, -1)
            cv2.circle(image, at, 3, skin, -1, cv2.LINE_AA)
    return image


def _digit(value: int) -> Callable[[np.random.Generator], Floats]:
    """Return a painter of a white digit on black, for the back of a shirt."""

    def paint(rng: np.random.Generator) -> Floats:
        image = np.zeros((SIZE_PX, SIZE_PX), np.uint8)
        font = cv2.FONT_HERSHEY_DUPLEX
        cv2.putText(image, str(value), (45, 225), font, 8.0, 255, 34, cv2.LINE_AA)
        return np.asarray(image / 255.0 + 0.0 * rng.random(), np.float32)

    return paint


def _clutter(rng: np.random.Generator) -> Floats:
    """Overlapping plain shapes of muted colours: a background of things."""
    image = np.full((SIZE_PX, SIZE_PX, 3), rng.uniform(0.3, 0.7), np.float32)
    for _ in range(150):
        size = 3.0 / (rng.random() + 0.03)
        box = (rng.integers(0, SIZE_PX, 2).tolist(), (size, size * rng.uniform(0.2, 3)))
        corners = cv2.boxPoints((box[0], box[1], float(rng.choice([0, 0, 90, 37]))))
        grey = rng.uniform(0.1, 0.9)
        colour = np.clip(grey + rng.normal(0, 0.12, 3), 0, 1).tolist()
        cv2.fillPoly(image, [corners.astype(np.int32)], colour, cv2.LINE_AA)
    return image


#: How each texture is drawn, in the order of the layers.
_PAINTERS: dict[str, Callable[[np.random.Generator], Floats]] = {
    "plain": _plain,
    "concrete": _concrete,
    "granules": _granules,
    "grass": _grass,
    "foliage": _foliage,
    "planks": _planks,
    "bricks": _bricks,
    "tiles": _tiles,
    "facade": _facade,
    "clouds": _clouds,
    "weave": _weave,
    "crowd": _crowd,
    "strings": _strings,
    "clutter_1": _clutter,
    "clutter_2": _clutter,
    "clutter_3": _clutter,
    **{f"digit_{value}": _digit(value) for value in range(10)},
}

#: Layer of each texture in `texture_layers`.
LAYERS = {name: layer for layer, name in enumerate(_PAINTERS)}


def texture_layers(seed: int = 0) -> NDArray[np.uint8]:
    """Paint all textures.

    Returns
    -------
    RGB images (layers, rows, columns, 3), in the order of `LAYERS`.
    """
    images = []
    for layer, paint in enumerate(_PAINTERS.values()):
        image = paint(np.random.default_rng((seed, layer)))
        if image.ndim == 2:
            image = np.repeat(image[..., None], 3, axis=-1)
        images.append(np.clip(image * 255.0, 0, 255).astype(np.uint8))
    return np.stack(images)
