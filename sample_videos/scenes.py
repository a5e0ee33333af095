"""Places where people move: pitch, track, gym, range, courts, lab, street.

People move around the origin, mostly along X; the ground is Y = 0. Every place has a
look of its own for each seed.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from sample_videos import lights
from sample_videos.lights import Light
from sample_videos.scenery import (
    WHITE,
    bench,
    box,
    clutter,
    cone,
    fence,
    goal,
    ground,
    line,
    patch,
    rack,
    rectangle,
    room,
    tree_line,
    wall,
)
from sample_videos.things import Colour, Thing, between, placed


class Scene(NamedTuple):
    """A place: what stands there, and its light."""

    things: list[Thing]
    light: Light
    indoors: bool = False


def pitch(rng: np.random.Generator) -> Scene:
    """Lay out a football pitch with mown stripes, lines, goals, trees and boards."""
    grass: Colour = (0.33 + rng.uniform(-0.03, 0.04), 0.43, 0.23)
    things = [ground(grass, "grass", tile_m=2.5)]
    stripe: Colour = (grass[0] * 0.88, grass[1] * 0.88, grass[2] * 0.88)
    things += [
        patch((x, 0), (5.0, 60.0), stripe, "grass", tile_m=2.5)
        for x in range(-25, 26, 10)
    ]
    things += rectangle((-40, -16), (40, 26), width_m=0.12)
    things.append(line((0, -16), (0, 26), width_m=0.12))
    things += goal((-40, 5)) + goal((40, 5))
    for x in range(-38, 40, 4):
        colour = lights_board(rng)
        things.append(box((x, 0.45, -19), (3.9, 0.9, 0.08), colour, "clutter_1"))
    things += tree_line(rng, distance_m=34.0, n_trees=12)
    return Scene(things, lights.any_outdoor(rng))


def lights_board(rng: np.random.Generator) -> Colour:
    """Draw the colour of an advertising board."""
    palette: list[Colour] = [(0.2, 0.3, 0.5), (0.75, 0.75, 0.73), (0.5, 0.2, 0.2)]
    return palette[rng.integers(len(palette))]


def track(rng: np.random.Generator) -> Scene:
    """Lay out the straight of a running track, with its lanes along X."""
    surfaces: list[Colour] = [
        (0.60, 0.30, 0.24),
        (0.64, 0.33, 0.25),
        (0.28, 0.38, 0.52),
    ]
    things = [ground((0.35, 0.43, 0.25), "grass", tile_m=2.5)]
    tartan = surfaces[rng.integers(len(surfaces))]
    things.append(patch((0, 0), (120.0, 9.8), tartan, "granules", tile_m=1.0))
    for lane in range(9):
        z = -4.88 + 1.22 * lane
        things.append(line((-60, z), (60, z), width_m=0.05))
    things += fence((-50, -8), (50, -8), 1.05, (0.75, 0.76, 0.77))
    things.append(
        wall((-40, -16), (40, -16), 5.0, (0.48, 0.48, 0.50), "crowd", tile_m=4.0)
    )
    things += tree_line(rng, distance_m=30.0, n_trees=10)
    return Scene(things, lights.any_outdoor(rng))


def driving_range(rng: np.random.Generator) -> Scene:
    """Lay out a practice tee; balls fly along +X."""
    green: Colour = (0.35, 0.44, 0.24)
    things = [ground(green, "grass", tile_m=3.0)]
    things.append(patch((0, 0), (3.0, 3.0), (0.29, 0.41, 0.23), "grass", tile_m=1.0))
    light: Colour = (0.39, 0.47, 0.27)
    for x in (30, 60, 90):
        things.append(patch((x, rng.uniform(-20, 20)), (12, 9), light, "grass"))
        pole = between((x, 0, 0), (x, 2.5, 0), 0.03)
        things.append(Thing("cylinder", pole, WHITE))
        flag = placed((x, 2.3, 0.3), (0.02, 0.4, 0.6))
        things.append(Thing("box", flag, (0.75, 0.15, 0.15)))
    things += tree_line(rng, distance_m=38.0, n_trees=18)
    if rng.random() < 0.5:
        things += bench((-2.5, -2.6), yaw_deg=float(rng.uniform(-20, 20)))
    return Scene(things, lights.any_outdoor(rng))


def tennis_court(rng: np.random.Generator) -> Scene:
    """Lay out a hard court; the baseline is near the origin, the net along +X."""
    inner: Colour = [(0.22, 0.36, 0.55), (0.24, 0.42, 0.34), (0.58, 0.34, 0.26)][
        rng.integers(3)
    ]
    outer: Colour = (0.27, 0.45, 0.36) if inner[2] > 0.5 else (0.35, 0.38, 0.42)
    things = [ground(outer, "granules", tile_m=1.5)]
    things.append(patch((12.1, 0), (23.77, 10.97), inner, "granules", tile_m=1.5))
    things += rectangle((0.22, -5.48), (23.98, 5.48), width_m=0.09)
    for z in (-4.11, 4.11):
        things.append(line((0.22, z), (23.98, z), width_m=0.06))
    for x in (5.7, 18.5):
        things.append(line((x, -4.11), (x, 4.11), width_m=0.06))
    things.append(line((5.7, 0), (18.5, 0), width_m=0.06))
    net = Thing(
        "box", placed((12.1, 0.46, 0), (0.02, 0.92, 12.8)), (0.2, 0.2, 0.2), "weave"
    )
    things += [net, box((12.1, 0.93, 0), (0.03, 0.06, 12.8), WHITE)]
    for corners in (((-7, -9), (31, -9)), ((31, 9), (-7, 9)), ((-7, 9), (-7, -9))):
        things += fence(*corners, 3.0, (0.20, 0.25, 0.22))
        screen = wall(*corners, 1.9, (0.16, 0.30, 0.24), "weave", tile_m=1.0)
        things.append(screen)
    things += tree_line(rng, distance_m=36.0, n_trees=10)
    return Scene(things, lights.any_outdoor(rng))


def diamond(rng: np.random.Generator) -> Scene:
    """Lay out a baseball field around home plate; the pitcher is towards +X."""
    things = [ground((0.33, 0.43, 0.23), "grass", tile_m=2.5)]
    dirt: Colour = (0.58, 0.42, 0.29)
    things.append(patch((0, 0), (8.0, 8.0), dirt, "concrete", yaw_deg=45.0))
    things.append(patch((0, 0), (7.0, 7.0), dirt, "concrete", level=2))
    things.append(patch((18.4, 0), (4.0, 4.0), dirt, "concrete", yaw_deg=45.0))
    for sign in (-1, 1):
        z = sign * 0.95
        things += rectangle((-0.9, z - 0.6), (0.9, z + 0.6), width_m=0.07)
        things.append(line((1.2, sign * 1.2), (28, sign * 28), width_m=0.1))
    things.append(patch((0, 0), (0.43, 0.43), WHITE, level=4))
    things += fence((-6, -14), (-6, 14), 3.5, (0.35, 0.38, 0.36))
    things.append(wall((-6, 12), (-6, -12), 1.0, (0.18, 0.26, 0.42), "plain"))
    things.append(
        wall((-12, 14), (-12, -14), 6.0, (0.55, 0.55, 0.57), "crowd", tile_m=4.0)
    )
    things.append(
        wall((4, -20), (40, -20), 2.6, (0.20, 0.33, 0.26), "clutter_1", tile_m=5.0)
    )
    things.append(
        wall((40, 20), (4, 20), 2.6, (0.20, 0.33, 0.26), "clutter_2", tile_m=5.0)
    )
    things += tree_line(rng, distance_m=34.0, n_trees=10)
    return Scene(things, lights.any_outdoor(rng))


def gym(rng: np.random.Generator) -> Scene:
    """Fit out a gym: rubber floor, painted walls, racks, benches, mats."""
    floors: list[tuple[Colour, str]] = [
        ((0.24, 0.24, 0.25), "granules"),
        ((0.38, 0.38, 0.40), "concrete"),
        ((0.62, 0.47, 0.32), "planks"),
    ]
    colour, texture = floors[rng.integers(len(floors))]
    things = [ground(colour, texture, tile_m=1.5)]
    tone = float(rng.uniform(0.55, 0.8))
    paint: Colour = (tone, tone, tone)
    accent = lights_board(rng)
    half = (float(rng.uniform(6.0, 9.0)), float(rng.uniform(5.0, 7.0)))
    things += room(half, 3.6, (paint, accent), ("plain", "bricks"))
    for x in np.linspace(-half[0] + 1.5, half[0] - 1.5, 4):
        if rng.random() < 0.7:
            things += rack((x, -half[1] + 1.0))
        if rng.random() < 0.6:
            things += bench((x, half[1] - 1.2), yaw_deg=float(rng.uniform(-30, 30)))
    things.append(patch((0, 0), (3.0, 2.2), (0.20, 0.30, 0.42), "weave", tile_m=0.5))
    return Scene(things, lights.any_indoor(rng), indoors=True)


def laboratory(rng: np.random.Generator) -> Scene:
    """Fit out a movement laboratory: grey walkway along X, force plates, bare walls."""
    things = [ground((0.55, 0.55, 0.56), "tiles", tile_m=2.0)]
    runway: Colour = [(0.30, 0.38, 0.50), (0.35, 0.35, 0.37), (0.48, 0.42, 0.36)][
        rng.integers(3)
    ]
    things.append(patch((0, 0), (11.0, 1.2), runway, "granules", tile_m=1.0))
    things += [
        patch((x, 0), (0.6, 0.4), (0.68, 0.68, 0.70), level=2) for x in (-0.35, 0.35)
    ]
    white: Colour = (0.78, 0.78, 0.76)
    blue: Colour = (0.42, 0.50, 0.60)
    things += room((8.0, 5.0), 3.4, (white, blue), ("plain", "plain"))
    for x in (-6.5, -3.0, 3.0, 6.5):
        pole = between((x, 0, -4.4), (x, 2.6, -4.4), 0.025)
        things.append(Thing("cylinder", pole, (0.18, 0.18, 0.19)))
        things.append(box((x, 2.55, -4.35), (0.12, 0.12, 0.16), (0.10, 0.10, 0.11)))
    things.append(
        box((5.5, 0.75, -4.2), (1.4, 0.05, 0.7), (0.62, 0.50, 0.38), "planks")
    )
    things.append(box((5.5, 1.05, -4.3), (0.6, 0.4, 0.05), (0.08, 0.08, 0.10)))
    return Scene(things, lights.any_indoor(rng), indoors=True)


def street(rng: np.random.Generator) -> Scene:
    """Lay out a paved place between buildings and trees."""
    paving: list[tuple[Colour, str]] = [
        ((0.52, 0.51, 0.49), "tiles"),
        ((0.36, 0.36, 0.37), "granules"),
        ((0.50, 0.45, 0.38), "concrete"),
    ]
    colour, texture = paving[rng.integers(len(paving))]
    things = [ground(colour, texture, tile_m=2.0)]
    for turn in np.linspace(0, 2 * np.pi, 8, endpoint=False):
        away = rng.uniform(14, 30)
        size = (rng.uniform(8, 18), rng.uniform(5, 14), 6.0)
        at = (away * np.cos(turn), size[1] / 2, away * np.sin(turn))
        tone = rng.uniform(0.4, 0.75)
        paint: Colour = (tone * 1.05, tone, tone * 0.92)
        yaw = 90 - float(np.degrees(turn)) + float(rng.normal(0, 8))
        skin = str(rng.choice(["facade", "bricks", "facade"]))
        span = 6.0 if skin == "facade" else 3.0
        tiling = (round(size[0] / span), round(size[1] / span))
        building = box(at, size, paint, skin, yaw_deg=yaw, tiling=tiling)
        things.append(building._replace(shadow=False))
    things += tree_line(rng, distance_m=12.0, n_trees=7)
    things += clutter(rng, near_m=6.0, far_m=14.0, n=5)
    return Scene(things, lights.any_outdoor(rng))


def hall(rng: np.random.Generator) -> Scene:
    """Fit out any room: living room, school hall, garage, with things about."""
    floors = ["planks", "tiles", "concrete", "weave"]
    tone = np.clip(rng.normal(0.5, 0.12) + rng.normal(0, 0.04, 3), 0.15, 0.85)
    floor: Colour = (float(tone[0]), float(tone[1]), float(tone[2]))
    things = [ground(floor, floors[rng.integers(4)], tile_m=float(rng.uniform(1, 3)))]
    looks = [
        "plain",
        "bricks",
        "plain",
        "clutter_1",
        "clutter_2",
        "clutter_3",
        "planks",
    ]
    paints = np.clip(
        rng.normal(0.62, 0.14, (2, 1)) + rng.normal(0, 0.05, (2, 3)), 0.1, 0.9
    )
    first, second = (tuple(p.tolist()) for p in paints)
    textures = (looks[rng.integers(len(looks))], looks[rng.integers(len(looks))])
    half = (float(rng.uniform(4, 10)), float(rng.uniform(4, 10)))
    things += room(half, float(rng.uniform(2.6, 6.0)), (first, second), textures)
    things += clutter(
        rng, near_m=2.2, far_m=min(half) - 0.3, n=int(rng.integers(3, 14))
    )
    return Scene(things, lights.any_indoor(rng), indoors=True)


def park(rng: np.random.Generator) -> Scene:
    """Lay out a meadow or a training ground with trees and cones."""
    greens: list[Colour] = [(0.35, 0.43, 0.25), (0.42, 0.45, 0.26), (0.55, 0.48, 0.34)]
    colour = greens[rng.integers(3)]
    things = [ground(colour, "grass", tile_m=float(rng.uniform(1.5, 4.0)))]
    things += tree_line(rng, distance_m=float(rng.uniform(12, 35)), n_trees=14)
    for _ in range(rng.integers(0, 7)):
        things += cone(rng.uniform(-6, 6, 2))
    things += clutter(rng, near_m=5.0, far_m=18.0, n=int(rng.integers(0, 6)))
    return Scene(things, lights.any_outdoor(rng))


#: All places by name.
SCENES: dict[str, Callable[[np.random.Generator], Scene]] = {
    "pitch": pitch,
    "track": track,
    "driving_range": driving_range,
    "tennis_court": tennis_court,
    "diamond": diamond,
    "gym": gym,
    "laboratory": laboratory,
    "street": street,
    "hall": hall,
    "park": park,
}
