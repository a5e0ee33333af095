"""Training pictures of scenes like those of the shipped clips, with other people."""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.synthetic.camera import Camera
from biomech.synthetic.motion import Motion
from sample_videos.clip import Clip
from sample_videos.clips import CLIPS, Take
from sample_videos.implements import held
from sample_videos.people import look, skin_for
from sample_videos.renderer import Actor
from sample_videos.shots import COARSENESS, Job, Shot

Array = NDArray[np.float64]

#: Seeds in the same thousand share their takes: making one costs as much as ten
#: pictures, and jobs are cut into parts of consecutive seeds.
_SEEDS_PER_POOL = 1000
#: Takes of each clip in a pool, at how many frames per second they are made, and how
#: often an impossible one is tried anew.
_TAKES, _REHEARSAL_HZ, _ATTEMPTS = 12, 15.0, 60


class Rehearsal(NamedTuple):
    """One take of a clip, at few frames per second, with its people and camera."""

    clip: Clip
    motions: Sequence[Motion]
    camera: Camera
    actors: list[Actor]


@lru_cache(maxsize=2048)
def rehearsal(name: str, chance: tuple[int, ...], people: range | None) -> Rehearsal:
    """Make a take like a shipped clip.

    Parameters
    ----------
    name
        Name of the clip.
    chance
        Seed of the take.
    people
        Numbers of the people to cast from; None casts those of the shipped clip, in
        the shipped place.
    """
    rng = np.random.default_rng(chance)
    cast = people or range(1)
    clip, motions = _possible(name, Take(rng, cast, same_cast=people is None))
    actors = [
        Actor(skin_for(p, COARSENESS), p.look, m.bones[0], clip.hands)
        for p, m in zip(clip.cast, motions, strict=True)
    ]
    return Rehearsal(clip, motions, clip.camera(motions[0].time_s), actors)


def any_rehearsal(
    rng: np.random.Generator, job: Job, *, same_cast: bool = False
) -> Rehearsal:
    """Choose one of the takes of a job."""
    name = list(CLIPS)[rng.integers(len(CLIPS))]
    chance = (job.seed // _SEEDS_PER_POOL, int(rng.integers(_TAKES)))
    return rehearsal(name, chance, None if same_cast else job.people)


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


def sample_shot(rng: np.random.Generator, job: Job) -> Shot:
    """Compose a shot like one of the shipped clips, framed more or less tightly."""
    clip, motions, camera, actors = any_rehearsal(rng, job)
    dressed = [_dressed_anew(rng, actor) for actor in actors]
    return _shot(rng, job, Rehearsal(clip, motions, camera, dressed))


def narrow_shot(rng: np.random.Generator, job: Job) -> Shot:
    """Compose a shot of the shipped people and places, at another moment."""
    return _shot(rng, job, any_rehearsal(rng, job, same_cast=True))


def _shot(rng: np.random.Generator, job: Job, take: Rehearsal) -> Shot:
    """Take one moment of a take."""
    clip, motions, camera, actors = take
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


def _dressed_anew(rng: np.random.Generator, actor: Actor) -> Actor:
    """Change the colours of a person's clothes, skin and hair, or leave them."""
    if rng.random() < 0.4:
        return actor
    female = actor.skin.figure.sex == "female"
    return actor._replace(look=look(rng, female=female))


def _seen_frame(
    rng: np.random.Generator, motions: Sequence[Motion], camera: Camera
) -> int:
    """Choose a frame in which the first person is in the picture.

    Half of them evenly in time, half evenly along the way of the limbs: a swing is
    over in a moment, and standing still before it looks always the same.
    """
    pixels = camera.project(motions[0].root_m[:, None]).pixels[:, 0]
    inside = np.all((pixels > 0) & (pixels < camera.size_px), axis=1)
    if not inside.any():
        return len(inside) // 2
    limbs_m = motions[0].bones[:, :, :3, 3] - motions[0].root_m[:, None]
    way_m = np.linalg.norm(np.gradient(limbs_m, axis=0), axis=-1).mean(axis=1)
    weights = inside * (1.0 if rng.random() < 0.5 else way_m + 1e-6)
    return int(rng.choice(len(inside), p=weights / weights.sum()))


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
