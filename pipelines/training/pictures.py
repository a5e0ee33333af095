"""Labelled pictures on disk, mapped into memory and shared by processes.

A folder of shards: ``<name>/images.npy`` (pictures, height, width, 3; BGR, uint8) and
``<name>/labels.npz`` (``picture`` n, ``box`` (n, 4), ``keypoints`` (n, 26, 3), one row
per person). A shard is written under another name and renamed once it is complete.
"""

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biomech.errors import FormatError
from biomech.skeletons import HALPE26

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float32]

#: Pictures in one shard: some hundred megabytes at the usual 320 px.
SHARD_SIZE = 500


class Picture(NamedTuple):
    """One picture and the people in it.

    Attributes
    ----------
    image
        BGR, (height, width, 3), uint8.
    boxes
        Left, top, right, bottom in pixels, (people, 4).
    keypoints
        x_px, y_px and visibility (0 not labelled, 1 hidden, 2 visible), (people, k, 3).
    """

    image: Pixels
    boxes: Floats
    keypoints: Floats


@dataclass(frozen=True)
class Shard:
    """Pictures of one size, and the rows of `labels` that belong to each."""

    images: Pixels
    boxes: Floats
    keypoints: Floats
    first: NDArray[np.int64]

    def __len__(self) -> int:
        """Count the pictures."""
        return len(self.images)

    def __getitem__(self, i: int) -> Picture:
        """Take one picture; its pixels stay on disk until they are read."""
        rows = slice(self.first[i], self.first[i + 1])
        return Picture(self.images[i], self.boxes[rows], self.keypoints[rows])


def write_shard(
    folder: Path,
    pictures: Iterable[tuple[Pixels, Sequence[Mapping[str, Any]]]],
    /,
    *,
    n_keypoints: int = len(HALPE26),
) -> Path:
    """Write labelled pictures of one size as a shard.

    Parameters
    ----------
    folder
        Where the shard shall lie; one that is there is replaced.
    pictures
        Pairs of a picture (BGR) and its people: ``box`` (4,), ``keypoints`` (k, 3).
    n_keypoints
        How many keypoints a person has.

    Returns
    -------
    The folder.

    Raises
    ------
    FormatError
        If there is no picture.
    """
    images, counts = [], []
    boxes: list[Any] = []
    keypoints: list[Any] = []
    for image, people in pictures:
        images.append(image)
        counts.append(len(people))
        boxes += [person["box"] for person in people]
        keypoints += [person["keypoints"] for person in people]
    if not images:
        msg = f"no picture to write to {folder}"
        raise FormatError(msg)
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    np.save(part / "images.npy", np.stack(images))
    np.savez(
        part / "labels.npz",
        picture=np.repeat(np.arange(len(images)), counts),
        box=np.array(boxes, np.float32).reshape(-1, 4),
        keypoints=np.array(keypoints, np.float32).reshape(-1, n_keypoints, 3),
    )
    shutil.rmtree(folder, ignore_errors=True)
    part.rename(folder)
    return folder


def read_shard(folder: Path, /) -> Shard:
    """Map a shard into memory.

    Parameters
    ----------
    folder
        What `write_shard` made.

    Returns
    -------
    The shard; pictures are read from disk when they are used.

    Raises
    ------
    FormatError
        If a file is missing or damaged, or labels and pictures do not fit.
    """
    try:
        images = np.load(folder / "images.npy", mmap_mode="r")
        with np.load(folder / "labels.npz") as labels:
            picture = labels["picture"]
            boxes, keypoints = labels["box"], labels["keypoints"]
    except (OSError, ValueError, KeyError) as error:
        msg = f"{folder} is not a shard of labelled pictures: {error}"
        raise FormatError(msg) from error
    fits = len(picture) == len(boxes) == len(keypoints)
    if not fits or (len(picture) and picture.max() >= len(images)):
        msg = f"{folder}: {len(boxes)} labels do not fit {len(images)} pictures"
        raise FormatError(msg)
    first = np.searchsorted(picture, np.arange(len(images) + 1))
    return Shard(images, boxes, keypoints, first)


def find_shards(folder: Path, /) -> list[Path]:
    """List the complete shards of a folder, by name."""
    return sorted(
        path.parent
        for path in folder.glob("*/labels.npz")
        if not path.parent.name.endswith(".part")
    )


def render_pictures(
    folder: Path,
    /,
    *,
    n_pictures: int,
    seed: int = 0,
    size_px: int = 320,
    kind: str = "wide",
    people: tuple[int, int] = (0, 160),
) -> list[Path]:
    """Draw labelled pictures of rendered people into shards.

    Shards that exist are kept, so that an interrupted call may be repeated and several
    processes may share a job under different seeds.

    Parameters
    ----------
    folder
        Where the shards shall lie.
    n_pictures
        How many pictures in all.
    seed
        Of everything random; shards of other seeds have other pictures.
    size_px
        Edge of the square pictures.
    kind
        ``wide`` for random scenes, ``samples`` for scenes like the sample videos,
        ``narrow`` for their own people and places at other moments.
    people
        First and one past the last number of the people who appear.

    Returns
    -------
    The shards of this seed.
    """
    from sample_videos.dataset import render_images

    shards = []
    for k in range(-(-n_pictures // SHARD_SIZE)):
        shard = folder / f"{kind}_{size_px}_{seed:03d}_{k:03d}"
        count = min(SHARD_SIZE, n_pictures - k * SHARD_SIZE)
        if not (shard / "labels.npz").exists():
            drawn = render_images(
                count,
                seed * 100_003 + k,
                size_px,
                kind=kind,  # type: ignore[arg-type]
                people_seed_range=people,
            )
            write_shard(shard, islice(drawn, count))
        shards.append(shard)
    return shards
