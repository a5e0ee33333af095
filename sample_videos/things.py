"""Things in a scene: simple solids, placed, painted and drawn many at a time."""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sample_videos.textures import LAYERS

Array = NDArray[np.float64]
Floats = NDArray[np.float32]
Shape = Literal["box", "cylinder", "sphere", "ring", "ground"]
Kind = Literal["solid", "cutout", "ground", "light"]

_KINDS: dict[Kind, float] = {"solid": 0.0, "cutout": 1.0, "ground": 2.0, "light": 3.0}
Colour = tuple[float, float, float]


class Thing(NamedTuple):
    """One solid: a unit shape, where it is, and what it looks like.

    Attributes
    ----------
    shape
        Unit box, cylinder and sphere (diameter 1, centred), ring (diameter 1 in the
        XY plane, thickness 0.04), or ground (a unit square facing up).
    place
        Matrix (4, 4) from the unit shape to the world, metres.
    colour
        Display red, green and blue, 0 to 1.
    texture, tiling
        Name of the texture and how often it repeats along each direction.
    gloss
        Strength of the highlight, 0 to 1.
    kind
        Solid; cut-out (leaves, nets); ground (shaded under feet); or light.
    shadow
        Whether it throws a shadow.
    """

    shape: Shape
    place: Array
    colour: Colour
    texture: str = "plain"
    tiling: tuple[float, float] = (1.0, 1.0)
    gloss: float = 0.03
    kind: Kind = "solid"
    shadow: bool = True


def linear(colour: ArrayLike) -> Floats:
    """Turn display colours into linear light (the gamma of 2.2 of the shaders)."""
    return np.asarray(np.asarray(colour, float) ** 2.2, np.float32)


def placed(
    centre: ArrayLike, size: ArrayLike, *, yaw_deg: float = 0.0, roll_deg: float = 0.0
) -> Array:
    """Place a unit shape: scale, roll about X, turn about Y, move.

    Parameters
    ----------
    centre
        Where its middle goes, metres.
    size
        Its extent along X, Y and Z before turning, metres.
    """
    yaw, roll = np.radians([yaw_deg, roll_deg])
    c, s, d, t = np.cos(yaw), np.sin(yaw), np.cos(roll), np.sin(roll)
    turn = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    lean = np.array([[1, 0, 0], [0, d, -t], [0, t, d]])
    matrix = np.eye(4)
    matrix[:3, :3] = turn @ lean @ np.diag(np.broadcast_to(size, 3))
    matrix[:3, 3] = centre
    return matrix


def between(start: ArrayLike, end: ArrayLike, radius_m: float) -> Array:
    """Place a unit cylinder with its axis from one point to another."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    length = max(float(np.linalg.norm(b - a)), 1e-6)
    along = (b - a) / length
    aside = np.cross(along, [1.0, 0.0, 0.0] if abs(along[0]) < 0.9 else [0.0, 1.0, 0.0])
    aside /= np.linalg.norm(aside)
    matrix = np.eye(4)
    matrix[:3, 0] = aside * 2 * radius_m
    matrix[:3, 1] = along * length
    matrix[:3, 2] = np.cross(aside, along) * 2 * radius_m
    matrix[:3, 3] = (a + b) / 2
    return matrix


#: Layout of one drawn copy: matrix 16, colour 3, layer 1, tiling 2, gloss 1, kind 1.
COPY_FLOATS = 24


def copies(things: list[Thing]) -> Floats:
    """Lay out things of one shape for the graphics card, (things, `COPY_FLOATS`)."""
    rows = np.zeros((len(things), COPY_FLOATS), np.float32)
    for row, thing in zip(rows, things, strict=True):
        row[:16] = thing.place.T.ravel()
        row[16:19] = linear(thing.colour)
        row[19] = LAYERS[thing.texture]
        row[20:22] = thing.tiling
        row[22:] = thing.gloss, _KINDS[thing.kind]
    return rows


def shapes() -> dict[Shape, Floats]:
    """Triangulate every unit shape.

    Returns
    -------
    Rows of position 3, normal 3, texture coordinates 2; three rows per triangle.
    """
    ring_around = np.linspace(0.0, 2 * np.pi, 33)
    return {
        "box": _box(),
        "cylinder": _cylinder(),
        "sphere": _grid(
            _sphere, np.linspace(0, 2 * np.pi, 19), np.linspace(0, np.pi, 10)
        ),
        "ring": _grid(_ring, ring_around, np.linspace(0.0, 2 * np.pi, 9)),
        "ground": _ground(),
    }


def _grid(surface: object, u: Array, v: Array) -> Floats:
    """Triangulate a parametric surface ``(u, v) -> position, normal``."""
    uu, vv = np.meshgrid(u, v, indexing="ij")
    position, normal = surface(uu, vv)  # type: ignore[operator]
    at = np.stack([uu / u[-1], vv / v[-1]], -1)
    rows = np.concatenate([position, normal, at], -1).astype(np.float32)
    corners = rows[:-1, :-1], rows[1:, :-1], rows[1:, 1:], rows[:-1, 1:]
    order = [corners[i] for i in (0, 1, 2, 0, 2, 3)]
    return np.stack(order, axis=2).reshape(-1, 8)


def _sphere(u: Array, v: Array) -> tuple[Array, Array]:
    normal = np.stack([np.sin(v) * np.cos(u), np.cos(v), np.sin(v) * np.sin(u)], -1)
    return 0.5 * normal, normal


def _ring(u: Array, v: Array) -> tuple[Array, Array]:
    outward = np.stack([np.cos(u), np.sin(u), np.zeros_like(u)], -1)
    normal = np.cos(v)[..., None] * outward
    normal = normal + np.sin(v)[..., None] * np.array([0.0, 0.0, 1.0])
    return 0.48 * outward + 0.02 * normal, normal


def _cylinder() -> Floats:
    def side(u: Array, v: Array) -> tuple[Array, Array]:
        normal = np.stack([np.cos(u), 0 * u, np.sin(u)], -1)
        return 0.5 * normal + np.array([0.0, 1.0, 0.0]) * (v[..., None] - 0.5), normal

    around = np.linspace(0.0, 2 * np.pi, 25)
    parts = [_grid(side, around, np.array([0.0, 1.0]))]
    for up in (-0.5, 0.5):

        def cap(u: Array, v: Array, up: float = up) -> tuple[Array, Array]:
            flat = np.stack([v * np.cos(u) / 2, 0 * u + up, v * np.sin(u) / 2], -1)
            return flat, np.broadcast_to([0.0, 2 * up, 0.0], flat.shape)

        parts.append(_grid(cap, around, np.array([0.0, 1.0])))
    return np.concatenate(parts)


def _box() -> Floats:
    parts = []
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, -1], [1, 1], [-1, 1]]) / 2
    for axis in range(3):
        for sign in (-1.0, 1.0):
            across = [i for i in range(3) if i != axis]
            rows = np.zeros((6, 8), np.float32)
            rows[:, across] = square
            rows[:, axis] = sign / 2
            rows[:, 3 + axis] = sign
            horizontal = 1 if axis == 0 else 0
            rows[:, 6] = square[:, horizontal] + 0.5
            rows[:, 7] = 0.5 - square[:, 1 - horizontal]
            parts.append(rows)
    return np.concatenate(parts)


def _ground() -> Floats:
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, -1], [1, 1], [-1, 1]]) / 2
    rows = np.zeros((6, 8), np.float32)
    rows[:, [0, 2]] = square
    rows[:, 4] = 1.0
    rows[:, 6:] = square
    return rows
