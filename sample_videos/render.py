"""Rebuild the sample clips from a seed: ``python -m sample_videos.render``.

Each clip becomes ``<clip>.mp4`` and four tables: ``<clip>.truth.parquet`` (everybody's
keypoints in pixels), ``<clip>.truth_3d.parquet`` (the same in metres),
``<clip>.events.parquet`` and ``<clip>.camera.parquet``; where a user could point at a
field, also ``<clip>.ground.csv``.
``job.toml`` (what a user would tell) and ``truth.toml`` (numbers that are true of each
motion) cover all clips.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path

from biomech.errors import ConfigError, did_you_mean
from biomech.io.parquet import write_table
from biomech.schema import EVENTS, POSES, SIGNALS
from pipelines.encoding import write_video
from pipelines.files import clip_id_of, replacing, sha256_of
from pipelines.video import VideoFrame
from sample_videos.clip import Clip
from sample_videos.clips import CLIPS, Take
from sample_videos.film import (
    frames,
    ground_points,
    truth_camera,
    truth_events,
    truth_metres,
    truth_pixels,
)
from sample_videos.labels import Annotation

#: Where the shipped clips are.
FOLDER = Path(__file__).parent
#: x264's constant rate factor: clean edges at half a megabyte per clip.
_QUALITY = 22


def render_clip(clip: Clip, folder: Path, *, seed: int = 0) -> Path:
    """Draw one clip and write it with its truth.

    Parameters
    ----------
    clip
        What to film.
    folder
        Where to write; made if need be.
    seed
        Of the sensor noise.

    Returns
    -------
    The video file. Its `clip_id` in the tables is the one that `biomech run` gives it.
    """
    people: list[list[Annotation | None]] = []

    def images() -> Iterator[VideoFrame]:
        for i, frame in enumerate(frames(clip, seed=seed)):
            people.append(frame.people)
            yield VideoFrame(i, i / clip.rate_hz, frame.image)

    path = folder / f"{clip.name}.mp4"
    rate = Fraction(clip.rate_hz).limit_denominator(1000)
    write_video(path, images(), rate=rate, quality=_QUALITY)
    write_truth(clip, people, folder, clip_id=clip_id_of(path, sha256_of(path)))
    if clip.ground:
        ground_points(clip).write_csv(folder / f"{clip.name}.ground.csv")
    return path


def write_truth(
    clip: Clip,
    people: Sequence[Sequence[Annotation | None]],
    folder: Path,
    *,
    clip_id: str,
) -> None:
    """Write the tables of a clip; see `sample_videos.film`."""
    meta = {"clip": {"name": clip.name, "rendered": True}}
    tables = (
        ("truth", truth_pixels(clip, people, clip_id=clip_id), POSES),
        ("truth_3d", truth_metres(clip, clip_id=clip_id), POSES),
        ("events", truth_events(clip, clip_id=clip_id), EVENTS),
        ("camera", truth_camera(clip, clip_id=clip_id), SIGNALS),
    )
    for kind, table, schema in tables:
        path = folder / f"{clip.name}.{kind}.parquet"
        write_table(table, path, schema=schema, meta=meta)


def job_toml(clips: Sequence[Clip]) -> str:
    """Write down what a user knows about the clips, for ``biomech run``."""
    parts = ["# What is known about the sample clips: biomech run sample_videos\n"]
    parts += [
        f'[clips."{clip.name}.mp4"]\n'
        f'athlete = "{clip.athlete}"\n'
        f"height_m = {clip.cast[0].figure.height_m:.2f}\n"
        f'activity = "{clip.activity}"\n'
        f'view = "{clip.view}"\n'
        + ('track = "all"\n' if len(clip.cast) > 1 else "")
        + (f'ground = "{clip.name}.ground.csv"\n' if clip.ground else "")
        for clip in clips
    ]
    return "\n".join(parts)


def truth_toml(clips: Sequence[Clip]) -> str:
    """Write down what is true of every motion, by clip and track."""
    parts = ["# Numbers that are true of the sample clips, by clip and track.\n"]
    for clip in clips:
        for track, motion in enumerate(clip.motions(clip.rate_hz)):
            lines = [f"[{clip.name}.track_{track}]"]
            lines.append(f"height_m = {motion.figure.height_m!r}")
            lines += [
                f"{name} = {float(value)!r}" for name, value in motion.truth.items()
            ]
            parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Rebuild clips as the command line asks.

    Parameters
    ----------
    arguments
        Of the command line; those of the process by default.

    Returns
    -------
    0, or 2 when a clip is unknown.
    """
    parser = argparse.ArgumentParser(
        prog="python -m sample_videos.render", description="Rebuild the sample clips."
    )
    parser.add_argument("clips", nargs="*", metavar="CLIP", help=", ".join(CLIPS))
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder to write to")
    parser.add_argument("--seed", type=int, default=0, help="of the sensor noise")
    options = parser.parse_args(arguments)
    try:
        names = _known(options.clips)
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    for name in names:
        path = render_clip(CLIPS[name](Take()), options.out, seed=options.seed)
        sys.stderr.write(f"{path} ({path.stat().st_size / 1e6:.2f} MB)\n")
    every = [make(Take()) for make in CLIPS.values()]
    for file, text in (
        ("job.toml", job_toml(every)),
        ("truth.toml", truth_toml(every)),
    ):
        with replacing(options.out / file) as part:
            part.write_text(text)
    return 0


def _known(names: Sequence[str]) -> Sequence[str]:
    """Check names of clips; none means all."""
    unknown = [name for name in names if name not in CLIPS]
    if unknown:
        hints = ", ".join(f"{n!r}{did_you_mean(n, CLIPS)}" for n in unknown)
        msg = f"there is no clip {hints}; known are {', '.join(CLIPS)}"
        raise ConfigError(msg)
    return names or list(CLIPS)


if __name__ == "__main__":
    raise SystemExit(main())
