"""Batches for the network, drawn from weighted folders of shards."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from biomech.errors import FormatError
from pipelines.training.augment import Augmentation, Size, augmented, mirrored_order
from pipelines.training.pictures import Picture, Shard, find_shards, read_shard

#: What the losses of ultralytics take.
Batch = dict[str, Any]
#: Look for new shards after this many batches.
_RESCAN = 50


class Source(NamedTuple):
    """A folder of shards, and how often it is drawn from relative to others."""

    folder: Path
    weight: float = 1.0
    pattern: str = "*"


class Batches:
    """Endless batches of augmented pictures.

    Shards that appear while training are taken in.

    Parameters
    ----------
    sources
        Where the pictures lie.
    seed
        Of all choices.
    how
        How much pictures are varied.
    n_workers
        Threads that prepare pictures; 0 prepares them in the calling thread.

    Raises
    ------
    FormatError
        If a source has no complete shard.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        /,
        *,
        seed: int,
        how: Augmentation,
        n_workers: int = 0,
    ) -> None:
        self._sources = list(sources)
        self._rng = np.random.default_rng(seed)
        self._how = how
        self._twins = mirrored_order()
        self._shards: dict[Path, Shard] = {}
        self._found: list[list[Shard]] = []
        self._drawn = 0
        self._pool = ThreadPoolExecutor(n_workers) if n_workers else None
        self._look()

    @property
    def n_pictures(self) -> int:
        """Count the pictures known so far."""
        return sum(len(shard) for shard in self._shards.values())

    def draw(self, n_pictures: int, /, *, size_px: Size) -> Batch:
        """Make a batch.

        Parameters
        ----------
        n_pictures
            How many.
        size_px
            Width and height of the pictures, multiples of 32.
        """
        self._drawn += 1
        if self._drawn % _RESCAN == 0:
            self._look()
        seeds = self._rng.integers(0, 2**63, n_pictures)
        mapped = self._pool.map if self._pool else map
        return collate(list(mapped(lambda s: self._picture(int(s), size_px), seeds)))

    def _look(self) -> None:
        self._found = []
        for source in self._sources:
            folders = [
                path
                for path in find_shards(source.folder)
                if path.match(source.pattern)
            ]
            if not folders:
                msg = f"no labelled pictures {source.pattern!r} in {source.folder}"
                raise FormatError(msg)
            for path in folders:
                if path not in self._shards:
                    self._shards[path] = read_shard(path)
            self._found.append([self._shards[path] for path in folders])

    def _picture(self, seed: int, size_px: Size) -> Picture:
        rng = np.random.default_rng(seed)
        weights = np.array([source.weight for source in self._sources])
        shards = self._found[rng.choice(len(weights), p=weights / weights.sum())]
        shard = shards[rng.integers(len(shards))]
        picture = shard[int(rng.integers(len(shard)))]
        return augmented(
            picture, size_px=size_px, rng=rng, how=self._how, twins=self._twins
        )


def collate(pictures: Sequence[Picture], /) -> Batch:
    """Stack pictures of one size as the losses of ultralytics want them.

    Parameters
    ----------
    pictures
        Pictures of one size.

    Returns
    -------
    ``img`` (RGB, 0 to 1), ``batch_idx``, ``cls``, ``bboxes`` (centre and size) and
    ``keypoints``, both in parts of the picture.
    """
    images = np.stack([picture.image for picture in pictures])
    size_px = np.array(images.shape[2:0:-1], np.float32)
    counts = [len(picture.boxes) for picture in pictures]
    boxes = np.concatenate([picture.boxes for picture in pictures])
    boxes = boxes / np.tile(size_px, 2)
    keypoints = np.concatenate([picture.keypoints for picture in pictures])
    keypoints = keypoints / np.append(size_px, np.float32(1))
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2
    tensor = torch.from_numpy(np.ascontiguousarray(images[..., ::-1]))
    return {
        "img": tensor.permute(0, 3, 1, 2),
        "batch_idx": torch.from_numpy(
            np.repeat(np.arange(len(pictures)), counts)
        ).float(),
        "cls": torch.zeros(len(boxes), 1),
        "bboxes": torch.from_numpy(np.hstack([centres, boxes[:, 2:] - boxes[:, :2]])),
        "keypoints": torch.from_numpy(keypoints),
    }


def on_device(batch: Batch, device: torch.device, /) -> Batch:
    """Move a batch to the device of the network and scale its pictures to 0..1."""
    moved = {
        name: values.to(device, non_blocking=True) for name, values in batch.items()
    }
    image = moved["img"].float().div_(255)
    moved["img"] = image.contiguous(memory_format=torch.channels_last)
    return moved


def each(shards: Sequence[Shard], /) -> Iterator[Picture]:
    """Go through all pictures of some shards in order."""
    for shard in shards:
        for i in range(len(shard)):
            yield shard[i]
