"""Endless training pictures with exact labels.

`render_images` yields pictures of random people in random places (``"wide"``), or of
scenes like those of the shipped clips with other people (``"samples"``). People are
numbered: training and held-out people come from disjoint ranges of numbers.
"""

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Literal, NamedTuple, TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.synthetic.camera import Camera
from biomech.synthetic.figure import BONE_INDEX
from biomech.synthetic.landmarks import keypoints
from biomech.synthetic.motion import Motion
from sample_videos.clips import CLIPS, Take
from sample_videos.film import Clip
from sample_videos.imaging import develop, random_film
from sample_videos.implements import held
from sample_videos.labels import Annotation, annotate
from sample_videos.people import look, person, skin_of
from sample_videos.poses import random_angles, standing
from sample_videos.renderer import Actor, Picture, Renderer, View
from sample_videos.scenery import clutter
from sample_videos.scenes import SCENES, Scene
from sample_videos.things import Thing, between, placed

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Kind = Literal["wide", "samples"]

#: People for training; numbers from 10,000 on are kept for evaluation.
TRAINING_PEOPLE = (0, 160)
HELD_OUT_PEOPLE = (10_000, 10_040)
#: Pictures are drawn this much larger, then scaled down.
_OVERSAMPLING = 1.25
#: Mesh cells are this much larger than those of the clips.
_COARSENESS = 1.25
#: How many looks a place has, so that building them is seldom work.
_SCENE_LOOKS = 40
#: Takes of each clip in a job, and at how many frames per second they are made.
_TAKES, _REHEARSAL_HZ, _ATTEMPTS = 24, 15.0, 8
_MIN_SEEN, _MIN_AREA_RATIO = 3, 0.0008


class Label(TypedDict):
    """One person in a picture; see `sample_videos.labels.Annotation`."""

    box: Array
    keypoints: Array


class Job(NamedTuple):
    """What all pictures of one call have in common; sizes as drawn."""

    seed: int
    people: range
    size_px: int


class Shot(NamedTuple):
    """What is drawn: a camera, a place and the people in it."""

    camera: Camera
    scene: Scene
    things: list[Thing]
    actors: list[Actor]


def render_images(
    n: int,
    seed: int,
    size_px: int,
    *,
    out: str | Path | None = None,
    kind: Kind = "wide",
    people_seed_range: tuple[int, int] = TRAINING_PEOPLE,
) -> Iterator[tuple[Pixels, list[Label]]]:
    """Draw labelled pictures, one after the other.

    The i-th picture depends on the seed and on i alone, so that processes may share a
    job by seeds. One process draws about fifteen 400 px pictures a second without a
    graphics card.

    Parameters
    ----------
    n
        How many pictures.
    seed
        Of all that is random, people excepted.
    size_px
        Edge of the square pictures.
    out
        If given, a folder that receives ``<seed>_<i>.jpg`` and ``labels_<seed>.jsonl``.
    kind
        ``"wide"`` or ``"samples"``.
    people_seed_range
        First and one past the last number of the people who appear.

    Yields
    ------
    The picture (BGR, uint8, size_px x size_px x 3), and the people in it: ``box``
    (left, top, right, bottom in pixels) and ``keypoints`` (26, 3): x_px, y_px,
    visibility (0 outside, 1 hidden, 2 visible), HALPE-26 order.
    """
    drawn_px = round(size_px * _OVERSAMPLING)
    job = Job(seed, range(*people_seed_range), drawn_px)
    with Renderer(drawn_px, drawn_px) as renderer:
        for i in range(n):
            rng = np.random.default_rng((seed, i))
            shot = _SHOTS[kind](rng, job)
            image, labels = _taken(renderer, shot, size_px, rng)
            if out is not None:
                _write(Path(out), seed, i, image, labels)
            yield image, labels


def _taken(
    renderer: Renderer, shot: Shot, size_px: int, rng: np.random.Generator
) -> tuple[Pixels, list[Label]]:
    """Draw and film one shot; label those of whom enough can be seen."""
    view = View.of(shot.camera)
    picture = renderer.draw(view, shot.scene.light, shot.things, shot.actors)
    bodies = np.array(
        [keypoints(actor.skin.figure, actor.bones[None])[0] for actor in shot.actors]
    )
    scale = size_px / renderer.width_px
    found = annotate(picture, shot.camera, bodies)
    labels = [
        Label(box=a.box * scale, keypoints=a.keypoints * [scale, scale, 1.0])
        for a in found
        if a is not None and _enough(a, picture)
    ]
    film = random_film(rng)
    return develop(picture.image, (size_px, size_px), film, rng), labels


def _enough(annotation: Annotation, picture: Picture) -> bool:
    width, height = annotation.box[2:] - annotation.box[:2]
    area_ratio = width * height / picture.person.size
    seen = int((annotation.keypoints[:, 2] == 2).sum())
    return seen >= _MIN_SEEN and area_ratio >= _MIN_AREA_RATIO


@lru_cache(maxsize=512)
def place(name: str, seed: int) -> Scene:
    """Build a place once per look."""
    return SCENES[name](np.random.default_rng((77, seed)))


def _wide(rng: np.random.Generator, job: Job) -> Shot:
    """Compose a random shot."""
    names = list(SCENES)
    scene = place(names[rng.integers(len(names))], int(rng.integers(_SCENE_LOOKS)))
    n_people = int(rng.choice([1, 2, 3, 4, 5], p=[0.42, 0.25, 0.16, 0.10, 0.07]))
    spots = _spots(rng, n_people)
    actors = [_anybody(rng, job.people, spot) for spot in spots]
    camera = _camera(rng, scene, actors, job.size_px)
    things = [*_out_of_the_way(scene, camera), *_props(rng, actors)]
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


def _anybody(rng: np.random.Generator, people: range, spot: Array) -> Actor:
    """Draw a person in some pose, in the clothes of the day."""
    number = int(people[rng.integers(len(people))])
    someone, mesh = person(number), skin_of(number, _COARSENESS)
    angles = random_angles(rng)
    angles["pelvis_rotation_deg"] = float(rng.uniform(0, 360))
    lift = float(rng.uniform(0.05, 0.6)) if rng.random() < 0.12 else 0.0
    bones = standing(someone.figure, angles, lift_m=lift)
    bones[:, [0, 2], 3] += spot
    female = someone.figure.sex == "female"
    colours = someone.look if rng.random() < 0.25 else look(rng, female=female)
    return Actor(mesh, colours, bones, "fist" if rng.random() < 0.45 else "open")


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
    rise = np.radians(np.clip(rng.normal(5, 9), -8, 40))
    body = actors[0].bones[:, :3, 3]
    middle = (body.min(axis=0) + body.max(axis=0)) / 2
    reach = away * size_px / 2 / focal_px
    target = middle + rng.normal(0, 0.22, 3) * [reach, 0.7 * reach, reach]
    eye = middle + away * np.array(
        [np.cos(rise) * np.cos(azimuth), np.sin(rise), np.cos(rise) * np.sin(azimuth)]
    )
    eye[1] = np.clip(eye[1], 0.25, 3.0 if scene.indoors else 12.0)
    roll = float(rng.normal(0, 2.5) if rng.random() < 0.9 else rng.normal(0, 12))
    return Camera(eye, target, float(focal_px), size_px, size_px, roll)


def _out_of_the_way(scene: Scene, camera: Camera) -> list[Thing]:
    """Leave out what stands around the camera or between it and the people."""
    return _clear_of(scene.things, camera)


def _clear_of(things: list[Thing], camera: Camera) -> list[Thing]:
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


def _props(rng: np.random.Generator, actors: list[Actor]) -> list[Thing]:
    """Give some people a ball, a stick, a racket or a bar in a hand."""
    things: list[Thing] = []
    for actor in actors:
        if actor.hand != "fist" or rng.random() < 0.35:
            continue
        side = ("left", "right")[rng.integers(2)]
        frame = actor.bones[BONE_INDEX[f"{side}_hand"]]
        things += _held(rng, frame)
    return things


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
        return [Thing("sphere", placed(ball, size), colour)]
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
    head = placed(end, (0.11, 0.06, 0.09), yaw_deg=float(rng.uniform(0, 360)))
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
                placed((at[0], size[1] / 2, at[2]), size, yaw_deg=yaw),
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


class _Rehearsal(NamedTuple):
    """One take of a clip, at few frames per second, with its people and camera."""

    clip: Clip
    motions: Sequence[Motion]
    camera: Camera
    actors: list[Actor]


@lru_cache(maxsize=_TAKES * 16)
def _rehearsal(name: str, chance: tuple[int, ...], people: range) -> _Rehearsal:
    """Make a take like a shipped clip, with other people."""
    rng = np.random.default_rng(chance)
    clip, motions = _possible(name, Take(rng, people))
    actors = [
        Actor(skin_of(p.number, _COARSENESS), p.look, m.bones[0], clip.hands)
        for p, m in zip(clip.cast, motions, strict=True)
    ]
    return _Rehearsal(clip, motions, clip.camera(motions[0].time_s), actors)


def _possible(name: str, take: Take) -> tuple[Clip, Sequence[Motion]]:
    """Repeat a take until this person can do it (legs too short for a stride, say)."""
    for _ in range(_ATTEMPTS):
        clip = CLIPS[name](take)
        try:
            return clip, clip.motions(_REHEARSAL_HZ)
        except ConfigError:
            continue
    msg = f"no take of {name!r} in {_ATTEMPTS} could be performed"
    raise ConfigError(msg)


def _samples(rng: np.random.Generator, job: Job) -> Shot:
    """Compose a shot like one of the shipped clips, framed more or less tightly."""
    name = list(CLIPS)[rng.integers(len(CLIPS))]
    chance = (job.seed, int(rng.integers(_TAKES)))
    clip, motions, camera, actors = _rehearsal(name, chance, job.people)
    frame = _seen_frame(rng, motions, camera)
    moved = [
        actor._replace(bones=motion.bones[frame])
        for actor, motion in zip(actors, motions, strict=True)
    ]
    things = [*clip.scene.things, *clip.things(float(motions[0].time_s[frame]))]
    for motion in motions:
        things += held(motion.points, frame)
    framed = _framed(rng, camera, motions[0].root_m[frame], frame, job.size_px)
    return Shot(framed, clip.scene, things, moved)


def _seen_frame(
    rng: np.random.Generator, motions: Sequence[Motion], camera: Camera
) -> int:
    """Choose a frame in which the first person is in the picture."""
    pixels = camera.project(motions[0].root_m[:, None]).pixels[:, 0]
    inside = np.all((pixels > 0) & (pixels < camera.size_px), axis=1)
    choices = np.flatnonzero(inside)
    if not len(choices):
        return len(inside) // 2
    return int(rng.choice(choices))


def _framed(
    rng: np.random.Generator, camera: Camera, body_m: Array, frame: int, size_px: int
) -> Camera:
    """Point a camera between where it looks and the person, and zoom."""
    position, target = (
        np.atleast_2d(np.asarray(point, float))
        for point in (camera.position_m, camera.target_m)
    )
    eye, aim = (points[min(frame, len(points) - 1)] for points in (position, target))
    zoom = float(np.exp(rng.uniform(-0.15, 0.75)))
    closer = rng.uniform(0.0, 1.0) if zoom < 1.3 else rng.uniform(0.7, 1.0)
    away = float(np.linalg.norm(aim - eye))
    aim = aim + closer * (body_m - aim) + rng.normal(0.0, 0.02 * away, 3)
    focal_px = camera.focal_px * zoom * size_px / max(camera.size_px)
    roll = camera.roll_deg + float(rng.normal(0.0, 1.0))
    return Camera(eye, aim, focal_px, size_px, size_px, roll)


_SHOTS = {"wide": _wide, "samples": _samples}


def _write(folder: Path, seed: int, i: int, image: Pixels, labels: list[Label]) -> None:
    """Append a picture and its labels to a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    name = f"{seed}_{i:06d}.jpg"
    cv2.imwrite(str(folder / name), image, [cv2.IMWRITE_JPEG_QUALITY, 92])
    people = [
        {
            "box": np.round(label["box"], 2).tolist(),
            "keypoints": np.round(label["keypoints"], 2).tolist(),
        }
        for label in labels
    ]
    with (folder / f"labels_{seed}.jsonl").open("a") as lines:
        lines.write(json.dumps({"image": name, "people": people}) + "\n")
