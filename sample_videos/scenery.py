"""Parts of scenes: trees, hedges, walls, lines, fences, furniture and clutter."""

from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from sample_videos.things import Colour, Kind, Thing, between, placed

WHITE: Colour = (0.90, 0.90, 0.88)
_BARK: Colour = (0.33, 0.26, 0.20)
_LEAVES: tuple[Colour, ...] = (
    (0.24, 0.36, 0.17),
    (0.30, 0.42, 0.20),
    (0.20, 0.31, 0.18),
    (0.36, 0.42, 0.22),
)
#: How far the ground goes, in metres.
_GROUND_M = 300.0


def ground(colour: Colour, texture: str, *, tile_m: float = 2.0) -> Thing:
    """Cover the ground with a texture that repeats every so many metres."""
    matrix = placed((0.0, 0.0, 0.0), (_GROUND_M, 1.0, _GROUND_M))
    n = _GROUND_M / tile_m
    return Thing("ground", matrix, colour, texture, (n, n), 0.0, "ground", shadow=False)


def patch(
    centre: ArrayLike,
    size_m: tuple[float, float],
    colour: Colour,
    texture: str = "plain",
    *,
    tile_m: float = 2.0,
    level: int = 1,
    yaw_deg: float = 0.0,
) -> Thing:
    """Lay a rectangle on the ground; patches of higher level cover lower ones."""
    x, z = np.asarray(centre, float)
    place = placed((x, 0.004 * level, z), (size_m[0], 1.0, size_m[1]), yaw_deg=yaw_deg)
    tiling = (size_m[0] / tile_m, size_m[1] / tile_m)
    return Thing("ground", place, colour, texture, tiling, 0.0, "ground", shadow=False)


def line(start: ArrayLike, end: ArrayLike, *, width_m: float = 0.08) -> Thing:
    """Paint a white line on the ground between two points (x, z)."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    along = b - a
    yaw = -float(np.degrees(np.arctan2(along[1], along[0])))
    size = (float(np.hypot(*along)) + width_m, width_m)
    return patch((a + b) / 2, size, WHITE, level=3, yaw_deg=yaw)


def rectangle(low: ArrayLike, high: ArrayLike, *, width_m: float = 0.08) -> list[Thing]:
    """Paint the outline of a rectangle with corners (x, z)."""
    (x0, z0), (x1, z1) = np.asarray(low, float), np.asarray(high, float)
    corners = [(x0, z0), (x1, z0), (x1, z1), (x0, z1), (x0, z0)]
    return [line(a, b, width_m=width_m) for a, b in pairwise(corners)]


def tree(rng: np.random.Generator, at: ArrayLike, *, height_m: float) -> list[Thing]:
    """Grow a tree at (x, z)."""
    x, z = np.asarray(at, float)
    leaves = _LEAVES[rng.integers(len(_LEAVES))]
    trunk = between((x, 0, z), (x, 0.5 * height_m, z), 0.035 * height_m)
    things = [Thing("cylinder", trunk, _BARK, "concrete", (1.0, 3.0), shadow=False)]
    for _ in range(3):
        size = height_m * rng.uniform(0.4, 0.65, 3) * [1.0, 0.8, 1.0]
        middle = np.array([x, 0.68 * height_m, z]) + rng.normal(0, 0.11, 3) * height_m
        crown = placed(middle, size, yaw_deg=rng.uniform(0, 360))
        n = max(1.0, round(height_m / 3.0))
        core = crown @ np.diag([0.85, 0.85, 0.85, 1.0])
        kinds: tuple[Kind, Kind] = ("cutout", "solid")
        for place, kind in zip((crown, core), kinds, strict=True):
            crown_part = Thing(
                "sphere", place, leaves, "foliage", (2 * n, n), 0.0, kind
            )
            things.append(crown_part._replace(shadow=False))
    return things


def tree_line(
    rng: np.random.Generator, *, distance_m: float, n_trees: int = 14
) -> list[Thing]:
    """Surround the scene with trees and bushes, at about a distance."""
    things: list[Thing] = []
    for turn in (np.arange(n_trees) + rng.uniform(0, 0.9, n_trees)) / n_trees:
        away = distance_m * rng.uniform(1.0, 1.8)
        at = away * np.array([np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)])
        things += tree(rng, at, height_m=float(rng.uniform(5.0, 12.0)))
    for turn in np.linspace(0.0, 1.0, 16, endpoint=False):
        at = (
            1.9
            * distance_m
            * np.array([np.cos(2 * np.pi * turn), np.sin(2 * np.pi * turn)])
        )
        leaves = _LEAVES[rng.integers(len(_LEAVES))]
        size = np.array([1.1, 0.16, 0.4]) * distance_m * rng.uniform(0.7, 1.3, 3)
        place = placed((at[0], 0.3 * size[1], at[1]), size, yaw_deg=90 - 360 * turn)
        things.append(
            Thing("sphere", place, leaves, "foliage", (10.0, 2.0), 0.0, shadow=False)
        )
    return things


def wall(
    start: ArrayLike,
    end: ArrayLike,
    height_m: float,
    colour: Colour,
    texture: str = "plain",
    *,
    tile_m: float = 2.0,
    thick_m: float = 0.1,
) -> Thing:
    """Raise a wall over the line between two points (x, z)."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    length = float(np.hypot(*(b - a)))
    yaw = -float(np.degrees(np.arctan2(*(b - a)[::-1])))
    x, z = (a + b) / 2
    place = placed((x, height_m / 2, z), (length, height_m, thick_m), yaw_deg=yaw)
    tiling = (max(length / tile_m, 1.0), max(height_m / tile_m, 1.0))
    return Thing("box", place, colour, texture, tiling, 0.02, shadow=False)


def fence(
    start: ArrayLike, end: ArrayLike, height_m: float, colour: Colour
) -> list[Thing]:
    """Build a fence of posts and rails between two points (x, z)."""
    a, b = np.asarray(start, float), np.asarray(end, float)
    n_posts = max(2, int(np.hypot(*(b - a)) / 2.5))
    posts = [a + (b - a) * t for t in np.linspace(0.0, 1.0, n_posts)]
    things = [
        Thing("cylinder", between((x, 0, z), (x, height_m, z), 0.03), colour)
        for x, z in posts
    ]
    for level in (0.4, 0.97):
        y = level * height_m
        rail = between((a[0], y, a[1]), (b[0], y, b[1]), 0.02)
        things.append(Thing("cylinder", rail, colour))
    return things


def room(
    half_m: tuple[float, float],
    height_m: float,
    colours: tuple[Colour, Colour],
    textures: tuple[str, str],
) -> list[Thing]:
    """Build four walls and a ceiling around the origin.

    Parameters
    ----------
    half_m
        Half of the extent along X and Z.
    height_m
        Height of the ceiling.
    colours, textures
        Of the walls along X, and of those along Z.
    """
    x, z = half_m
    walls = [
        wall((-x, -z), (x, -z), height_m, colours[0], textures[0]),
        wall((x, z), (-x, z), height_m, colours[0], textures[0]),
        wall((-x, z), (-x, -z), height_m, colours[1], textures[1]),
        wall((x, -z), (x, z), height_m, colours[1], textures[1]),
    ]
    ceiling = placed((0.0, height_m, 0.0), (2 * x, 0.1, 2 * z))
    walls.append(
        Thing("box", ceiling, (0.82, 0.82, 0.80), "tiles", (x, z), shadow=False)
    )
    for row in np.linspace(-0.6, 0.6, 3):
        lamp = placed((0.0, height_m - 0.06, row * z), (1.5 * x, 0.04, 0.25))
        walls.append(Thing("box", lamp, (0.98, 0.98, 0.95), kind="light", shadow=False))
    for a, b in (
        ((-x, -z), (x, -z)),
        ((x, z), (-x, z)),
        ((-x, z), (-x, -z)),
        ((x, -z), (x, z)),
    ):
        inner = wall(a, b, 0.12, (0.30, 0.30, 0.31), thick_m=0.13)
        walls.append(inner)
    return walls


def box(
    centre: ArrayLike,
    size: ArrayLike,
    colour: Colour,
    texture: str = "plain",
    *,
    yaw_deg: float = 0.0,
    tiling: tuple[float, float] = (1.0, 1.0),
) -> Thing:
    """Put down a box."""
    return Thing("box", placed(centre, size, yaw_deg=yaw_deg), colour, texture, tiling)


def bench(at: ArrayLike, *, yaw_deg: float = 0.0) -> list[Thing]:
    """Put down a bench at (x, z)."""
    x, z = np.asarray(at, float)
    turn = placed((x, 0.0, z), 1.0, yaw_deg=yaw_deg)
    parts = [((0.0, 0.45, 0.0), (1.5, 0.05, 0.4), (0.45, 0.33, 0.22))]
    parts += [
        ((s * 0.6, 0.22, 0.0), (0.06, 0.44, 0.36), (0.25, 0.25, 0.26)) for s in (-1, 1)
    ]
    return [Thing("box", turn @ placed(c, size), colour) for c, size, colour in parts]


def rack(at: ArrayLike, *, yaw_deg: float = 0.0) -> list[Thing]:
    """Put down a squat rack with a loaded bar at (x, z)."""
    x, z = np.asarray(at, float)
    turn = placed((x, 0.0, z), 1.0, yaw_deg=yaw_deg)
    steel: Colour = (0.16, 0.16, 0.17)
    parts = [
        Thing("box", turn @ placed((s * 0.55, 1.1, d), (0.07, 2.2, 0.07)), steel)
        for s in (-1, 1)
        for d in (-0.5, 0.5)
    ]
    parts += [
        Thing("box", turn @ placed((s * 0.55, 2.2, 0.0), (0.07, 0.07, 1.07)), steel)
        for s in (-1, 1)
    ]
    bar = turn @ between((-1.0, 1.25, 0.55), (1.0, 1.25, 0.55), 0.015)
    parts.append(Thing("cylinder", bar, (0.6, 0.6, 0.62), gloss=0.3))
    for s in (-1, 1):
        plate = turn @ between((s * 0.8, 1.25, 0.55), (s * 0.9, 1.25, 0.55), 0.22)
        parts.append(Thing("cylinder", plate, (0.13, 0.13, 0.14)))
    return parts


def cone(at: ArrayLike, colour: Colour = (0.85, 0.38, 0.12)) -> list[Thing]:
    """Put down a training marker at (x, z)."""
    x, z = np.asarray(at, float)
    return [
        Thing("cylinder", placed((x, 0.02, z), (0.22, 0.04, 0.22)), colour),
        Thing("sphere", placed((x, 0.05, z), (0.14, 0.16, 0.14)), colour),
    ]


def goal(at: ArrayLike, *, yaw_deg: float = 0.0) -> list[Thing]:
    """Put down a football goal at (x, z)."""
    x, z = np.asarray(at, float)
    turn = placed((x, 0.0, z), 1.0, yaw_deg=yaw_deg)
    ends = [
        ((0, 0, -3.66), (0, 2.44, -3.66)),
        ((0, 0, 3.66), (0, 2.44, 3.66)),
        ((0, 2.44, -3.66), (0, 2.44, 3.66)),
    ]
    return [Thing("cylinder", turn @ between(a, b, 0.06), WHITE) for a, b in ends]


def clutter(
    rng: np.random.Generator, *, near_m: float, far_m: float, n: int
) -> list[Thing]:
    """Scatter boxes, posts and balls of muted colours in a ring."""
    things = []
    for _ in range(n):
        turn, away = rng.uniform(0, 2 * np.pi), rng.uniform(near_m, far_m)
        x, z = away * np.cos(turn), away * np.sin(turn)
        grey = rng.uniform(0.12, 0.8)
        colour = tuple(np.clip(rng.normal(grey, 0.06, 3), 0.04, 0.95).tolist())
        texture = str(
            rng.choice(["plain", "weave", "clutter_1", "clutter_2", "planks"])
        )
        height = float(rng.uniform(0.2, 2.0))
        yaw = float(rng.uniform(0, 360))
        kind = rng.random()
        if kind < 0.6:
            size = (rng.uniform(0.1, 1.2), height, rng.uniform(0.1, 0.8))
            things.append(box((x, height / 2, z), size, colour, texture, yaw_deg=yaw))
        elif kind < 0.85:
            post = between((x, 0, z), (x, height, z), float(rng.uniform(0.02, 0.25)))
            things.append(Thing("cylinder", post, colour, texture))
        else:
            across = float(rng.uniform(0.2, 0.7))
            ball = placed((x, across / 2, z), across)
            things.append(Thing("sphere", ball, colour))
    return things
