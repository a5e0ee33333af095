"""Endless training pictures with exact labels.

`render_images` yields pictures of random people in random places (``"wide"``), of
scenes like those of the shipped clips with other people (``"samples"``), or of the
shipped people and places at other moments (``"narrow"``). People are
numbered: training and held-out people come from disjoint ranges of numbers.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, TypedDict

import cv2
import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.landmarks import keypoints
from sample_videos.imaging import develop, random_film
from sample_videos.labels import Annotation, annotate
from sample_videos.renderer import Picture, Renderer
from sample_videos.shots import Job, Shot
from sample_videos.takes import narrow_shot, sample_shot
from sample_videos.view import View
from sample_videos.wide import wide_shot

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]
Kind = Literal["wide", "samples", "narrow"]

#: People for training; numbers from 10,000 on are kept for evaluation.
TRAINING_PEOPLE = (0, 160)
HELD_OUT_PEOPLE = (10_000, 10_040)
#: Pictures are drawn this much larger, then scaled down.
_OVERSAMPLING = 1.25
#: Fewer visible keypoints, or a smaller share of the picture, and nobody is labelled.
_MIN_SEEN, _MIN_AREA_RATIO = 3, 0.0008
_SHOTS = {"wide": wide_shot, "samples": sample_shot, "narrow": narrow_shot}


class Label(TypedDict):
    """One person in a picture; see `sample_videos.labels.Annotation`."""

    box: Array
    keypoints: Array


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
        ``"wide"``, ``"samples"`` or ``"narrow"``.
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
