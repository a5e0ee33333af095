"""Training pictures of anybody, anywhere, doing anything."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.camera import Camera
from biomech.synthetic.figure import BONE_INDEX
from biomech.synthetic.motion import placed
from sample_videos.implements import held
from sample_videos.people import Look, look, person, skin_of
from sample_videos.poses import random_angles, standing
from sample_videos.renderer import Actor
from sample_videos.scenery import clutter
from sample_videos.scenes import SCENES, Scene
from sample_videos.shots import COARSENESS, Job, Shot
from sample_videos.takes import any_rehearsal
from sample_videos.things import Thing, between
from sample_videos.things import placed as fitted

Array = NDArray[np.float64]

#: How many looks a place has, so that building them is seldom work.
_SCENE_LOOKS = 40
#: Share of people who are in the middle of a movement of the clips.
_ATHLETES = 0.3
#: Shares of people without a shirt and without shoes.
_BARE_CHESTED, _BAREFOOT = 0.25, 0.15
#: Shares of cameras that look down steeply, as from a wall, and that lean to a side.
_STEEP, _LEANING = 0.2, 0.25


@lru_cache(maxsize=512)
def place(name: str, seed: int) -> Scene:
    """Build a place once per look."""
    return SCENES[name](np.random.default_rng((77, seed)))


def wide_shot(rng: np.random.Generator, job: Job) -> Shot:
    """Compose a random shot."""
    names = list(SCENES)
    scene = place(names[rng.integers(len(names))], int(rng.integers(_SCENE_LOOKS)))
    n_people = int(rng.choice([1, 2, 3, 4, 5], p=[0.42, 0.25, 0.16, 0.10, 0.07]))
    spots = _spots(rng, n_people)
    cast = [
        _athlete(rng, job, spot)
        if rng.random() < _ATHLETES
        else _anybody(rng, job.people, spot)
        for spot in spots
    ]
    actors = [actor for actor, _ in cast]
    camera = _camera(rng, scene, actors, job.size_px)
    things = _clear_of(scene.things, camera)
    things += [thing for _, props in cast for thing in props]
    if rng.random() < 0.25:
        things += _occluders(rng, camera)
    if rng.random() < 0.3:
        things += clutter(rng, near_m=1.2, far_m=5.0, n=int(rng.integers(1, 5)))
        things = _clear_of(things, camera)
    return Shot(camera, scene, things, actors)


def _spots(rng: np.random.Generator, n_people: int) -> list[Array]:
    """Choose where people stand, (x, z): the first at the origin, none in another."""
    spots = [np.zeros(2)]
    while len(spots) < n_people:
        close = rng.random() < 0.3
        away = rng.uniform(0.55, 1.1) if close else rng.uniform(1.0, 6.0)
        turn = rng.uniform(0, 2 * np.pi)
        spot = away * np.array([np.cos(turn), np.sin(turn)])
        if min(np.hypot(*(spot - other)) for other in spots) > 0.5:
            spots.append(spot)
    return spots


def _anybody(
    rng: np.random.Generator, people: range, spot: Array
) -> tuple[Actor, list[Thing]]:
    """Draw a person in some pose, in the clothes of the day, perhaps with a prop."""
    number = int(people[rng.integers(len(people))])
    someone, mesh = person(number), skin_of(number, COARSENESS)
    angles = random_angles(rng)
    angles["pelvis_rotation_deg"] = float(rng.uniform(0, 360))
    lift = float(rng.uniform(0.05, 0.6)) if rng.random() < 0.12 else 0.0
    bones = standing(someone.figure, angles, lift_m=lift)
    bones[:, [0, 2], 3] += spot
    female = someone.figure.sex == "female"
    colours = someone.look if rng.random() < 0.25 else look(rng, female=female)
    colours = _bared(rng, colours, female=female)
    if rng.random() < 0.55:
        return Actor(mesh, colours, bones), []
    side = ("left", "right")[rng.integers(2)]
    props = _held(rng, bones[BONE_INDEX[f"{side}_hand"]]) if rng.random() < 0.65 else []
    return Actor(mesh, colours, bones, "fist"), props


def _athlete(
    rng: np.random.Generator, job: Job, spot: Array
) -> tuple[Actor, list[Thing]]:
    """Draw a person in the middle of one of the movements of the clips."""
    take = any_rehearsal(rng, job)
    role = int(rng.integers(len(take.actors)))
    actor, motion = take.actors[role], take.motions[role]
    frame = int(rng.integers(len(motion.time_s)))
    here = motion.root_m[frame]
    floor = min(motion.points[f"{side}_heel"][:, 1].min() for side in ("left", "right"))
    start = -here * [1.0, 0.0, 1.0] - [0.0, max(float(floor) - 0.03, 0.0), 0.0]
    moved = placed(motion, offset_m=start)
    turned = placed(
        moved, heading_deg=float(rng.uniform(0, 360)), offset_m=(spot[0], 0.0, spot[1])
    )
    female = actor.skin.figure.sex == "female"
    if rng.random() < 0.6:
        actor = actor._replace(look=look(rng, female=female))
    actor = actor._replace(look=_bared(rng, actor.look, female=female))
    return actor._replace(bones=turned.bones[frame]), held(turned.points, frame)


def _bared(rng: np.random.Generator, someone: Look, *, female: bool) -> Look:
    """Let some be bare-chested or barefoot, as swimmers and people in laboratories."""
    chest = not female and rng.random() < _BARE_CHESTED
    return someone.bared(chest=chest, feet=bool(rng.random() < _BAREFOOT))


def _camera(
    rng: np.random.Generator, scene: Scene, actors: list[Actor], size_px: int
) -> Camera:
    """Aim a camera at the first person, who fills 15 to 115 % of the height."""
    fill = float(
        rng.choice(
            [rng.uniform(0.15, 0.4), rng.uniform(0.4, 0.95), 1.15], p=[0.3, 0.6, 0.1]
        )
    )
    opening = np.radians(rng.uniform(22, 65))
    focal_px = size_px / 2 / np.tan(opening / 2)
    height_m = actors[0].skin.figure.height_m
    away = focal_px * height_m / (fill * size_px)
    if scene.indoors:
        away = min(away, 5.5)
        focal_px = away * fill * size_px / height_m
    away = max(away, 1.6)
    azimuth = rng.uniform(0, 2 * np.pi)
    steep = rng.random() < _STEEP
    rise_deg = rng.uniform(12, 40) if steep else np.clip(rng.normal(5, 9), -8, 40)
    rise = np.radians(rise_deg)
    body = actors[0].bones[:, :3, 3]
    middle = (body.min(axis=0) + body.max(axis=0)) / 2
    reach = away * size_px / 2 / focal_px
    target = middle + rng.normal(0, 0.22, 3) * [reach, 0.7 * reach, reach]
    eye = middle + away * np.array(
        [np.cos(rise) * np.cos(azimuth), np.sin(rise), np.cos(rise) * np.sin(azimuth)]
    )
    eye[1] = np.clip(eye[1], 0.25, 3.0 if scene.indoors else 12.0)
    roll = float(rng.normal(0, 12 if rng.random() < _LEANING else 2.5))
    return Camera(eye, target, float(focal_px), size_px, size_px, roll)


def _clear_of(things: list[Thing], camera: Camera) -> list[Thing]:
    """Leave out what stands around the camera or between it and the people."""
    eye, target = np.asarray(camera.position_m), np.asarray(camera.target_m)
    sight = (target - eye)[[0, 2]]
    kept = []
    for thing in things:
        if thing.shape == "ground":
            kept.append(thing)
            continue
        offset = (thing.place[:3, 3] - eye)[[0, 2]]
        along = np.clip(offset @ sight / (sight @ sight), 0.0, 0.85)
        gap = np.hypot(*(offset - along * sight))
        reach = 0.5 * float(np.hypot(*(np.abs(thing.place[[0, 2], :3]).sum(axis=1))))
        flat = thing.place[1, 3] - 0.5 * np.abs(thing.place[1, :3]).sum() > eye[1] + 0.5
        if flat or gap > min(reach, 1.5) + 0.35:
            kept.append(thing)
    return kept


def _held(rng: np.random.Generator, frame: Array) -> list[Thing]:
    """Make something that goes through a fist: handles point along the hand's Z."""
    palm = frame[:3, 3] + frame[:3, :3] @ [0.024, -0.080, 0.0]
    along = frame[:3, 2] * rng.choice([-1.0, 1.0])
    grey = rng.uniform(0.1, 0.85)
    colour = tuple(np.clip(rng.normal(grey, 0.08, 3), 0.04, 0.95).tolist())
    kind = rng.integers(4)
    if kind == 0:
        size = float(rng.uniform(0.07, 0.25))
        ball = frame[:3, 3] + frame[:3, :3] @ [0.03 + size / 2, -0.10, 0.0]
        return [Thing("sphere", fitted(ball, size), colour)]
    length = float(rng.uniform(0.4, 1.2))
    end = palm + length * along
    stick = Thing("cylinder", between(palm - 0.1 * along, end, 0.013), colour)
    if kind == 1:
        return [stick]
    if kind == 2:
        head = np.eye(4)
        head[:3, 0], head[:3, 1] = 0.26 * frame[:3, 0], 0.34 * along
        head[:3, 2] = 0.26 * frame[:3, 1]
        head[:3, 3] = palm + 0.5 * along
        handle = between(palm - 0.08 * along, palm + 0.34 * along, 0.014)
        return [Thing("ring", head, colour), Thing("cylinder", handle, colour)]
    head = fitted(end, (0.11, 0.06, 0.09), yaw_deg=float(rng.uniform(0, 360)))
    return [stick, Thing("box", head, colour)]


def _occluders(rng: np.random.Generator, camera: Camera) -> list[Thing]:
    """Put a post, a box or a barrier between the camera and the first person."""
    eye, target = np.asarray(camera.position_m), np.asarray(camera.target_m)
    at = eye + rng.uniform(0.45, 0.8) * (target - eye)
    aside = np.cross(target - eye, [0.0, 1.0, 0.0])
    aside /= np.linalg.norm(aside)
    at = at + aside * rng.normal(0, 0.25)
    grey = rng.uniform(0.1, 0.8)
    colour = tuple(np.clip(rng.normal(grey, 0.08, 3), 0.04, 0.95).tolist())
    texture = str(rng.choice(["plain", "weave", "planks", "bricks"]))
    kind = rng.random()
    if kind < 0.4:
        radius = float(rng.uniform(0.02, 0.12))
        post = between((at[0], 0, at[2]), (at[0], rng.uniform(0.8, 4), at[2]), radius)
        return [Thing("cylinder", post, colour, texture)]
    if kind < 0.7:
        low = max(0.35 * float(at[1]), 0.2)
        size = (
            rng.uniform(0.2, 1.0),
            low * rng.uniform(0.6, 1.6),
            rng.uniform(0.2, 0.6),
        )
        yaw = float(rng.uniform(0, 360))
        return [
            Thing(
                "box",
                fitted((at[0], size[1] / 2, at[2]), size, yaw_deg=yaw),
                colour,
                texture,
            )
        ]
    level = float(rng.uniform(0.3, 1.1))
    rail = between(
        at * [1, 0, 1] + [0, level, 0] - 3 * aside,
        at * [1, 0, 1] + [0, level, 0] + 3 * aside,
        0.03,
    )
    return [Thing("cylinder", rail, colour)]
