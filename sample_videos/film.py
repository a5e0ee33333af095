"""Film a clip: motions, people, a place and a camera become frames and truth tables."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.schema import Events, Poses, Signals
from biomech.skeletons import HALPE26
from biomech.synthetic.motion import Motion, to_poses
from sample_videos.clip import Clip
from sample_videos.imaging import develop
from sample_videos.labels import Annotation, annotate
from sample_videos.renderer import Renderer
from sample_videos.stage import Stage

Array = NDArray[np.float64]
Pixels = NDArray[np.uint8]

#: Frames are drawn this much larger, then scaled down.
OVERSAMPLING = 1.5
#: With a shutter, a frame is the mean of pictures this far apart, in frames.
_SHUTTER_STEPS = (-0.125, 0.0, 0.125)
_STEPS_PER_FRAME = 8
#: A point (but for the ball) that moves farther in half of the exposure leaves a
#: smear, in metres.
_SMEAR_M = 0.02


class Frame(NamedTuple):
    """One frame: its image (BGR), and what can be seen of each of the cast."""

    image: Pixels
    people: list[Annotation | None]


def frames(clip: Clip, *, seed: int = 0) -> Iterator[Frame]:
    """Draw a clip frame by frame.

    Parameters
    ----------
    clip
        What to film.
    seed
        Of the sensor noise.
    """
    steps = _STEPS_PER_FRAME if clip.blurred else 1
    fine = clip.motions(clip.rate_hz * steps)
    time_s = clip.motions(clip.rate_hz)[0].time_s
    camera = clip.camera(time_s)
    size = (camera.width_px, camera.height_px)
    large = replace(
        camera,
        focal_px=camera.focal_px * OVERSAMPLING,
        width_px=round(size[0] * OVERSAMPLING),
        height_px=round(size[1] * OVERSAMPLING),
    )
    rng = np.random.default_rng(seed)
    with Renderer(large.width_px, large.height_px) as renderer:
        stage = Stage(renderer, clip, fine, large)
        for i in range(len(time_s)):
            exposed = [
                stage.picture(i, round((i + step) * steps))
                for step in _exposure(clip, fine, i * steps)
            ]
            image = np.mean([picture.image for picture in exposed], axis=0)
            bodies = np.stack([_body(motion, i * steps) for motion in fine])
            found = annotate(exposed[len(exposed) // 2], large, bodies, frame=i)
            developed = develop(image.astype(np.uint8), size, clip.film, rng)
            yield Frame(developed, [a and _smaller(a) for a in found])


def _exposure(clip: Clip, motions: Sequence[Motion], moment: int) -> tuple[float, ...]:
    """Tell at which moments, in frames from the middle, a frame is exposed.

    Frames in which nothing moves fast enough to smear are exposed once.
    """
    reach = round(_STEPS_PER_FRAME * _SHUTTER_STEPS[-1])
    last = len(motions[0].time_s) - 1
    if not clip.blurred or not reach <= moment <= last - reach:
        return (0.0,)
    moved_m = max(
        float(np.linalg.norm(values[moment + reach] - values[moment]))
        for motion in motions
        for name, values in motion.points.items()
        if name != "ball"
    )
    return _SHUTTER_STEPS if moved_m > _SMEAR_M else (0.0,)


def _body(motion: Motion, frame: int) -> Array:
    return np.stack([motion.points[name][frame] for name in HALPE26.keypoints])


def _smaller(annotation: Annotation) -> Annotation:
    scale = 1.0 / OVERSAMPLING
    points = annotation.keypoints * [scale, scale, 1.0]
    return Annotation(annotation.box * scale, points)


def truth_pixels(
    clip: Clip, people: Sequence[Sequence[Annotation | None]], *, clip_id: str
) -> Poses:
    """Tabulate where everybody is in the picture.

    Parameters
    ----------
    clip
        What was filmed.
    people
        `Frame.people` of every frame.
    clip_id
        Key of the table.

    Returns
    -------
    A `poses` table in pixels (null outside of the picture), of the keypoints of
    HALPE-26 and of what is held. The confidence of a keypoint is 1 where it is seen,
    0.5 where something or the body hides it, 0 outside. ``box_*_px`` is the box of what
    can be seen, null where that is nothing.
    """
    motions = clip.motions(clip.rate_hz)
    camera = clip.camera(motions[0].time_s)
    tables = []
    for number, motion in enumerate(motions):
        seen = [frame[number] for frame in people]
        table = to_poses(motion, camera=camera).with_columns(
            *_confidences(seen), *_boxes(seen)
        )
        tables.append(_keyed(table, clip_id, number))
    return pl.concat(tables, how="diagonal")


def truth_metres(clip: Clip, *, clip_id: str) -> Poses:
    """Tabulate where everybody is in the world.

    Returns
    -------
    A `poses` table in metres: X forward or to the right, Y up, Z to the right of X, the
    floor at Y = 0.
    """
    motions = enumerate(clip.motions(clip.rate_hz))
    tables = [_keyed(to_poses(motion), clip_id, number) for number, motion in motions]
    return pl.concat(tables, how="diagonal")


def _keyed(table: pl.DataFrame, clip_id: str, number: int) -> pl.DataFrame:
    """Give a table of one person the key of the clip."""
    return table.with_columns(
        pl.lit(clip_id).alias("clip_id"), pl.lit(number, pl.Int32).alias("track_id")
    )


def _confidences(seen: Sequence[Annotation | None]) -> Iterator[pl.Series]:
    nothing = np.zeros((len(HALPE26.keypoints), 3))
    visible = np.stack([nothing if a is None else a.keypoints for a in seen])[..., 2]
    for k, name in enumerate(HALPE26.keypoints):
        yield pl.Series(f"{name}_confidence", visible[:, k] / 2, pl.Float32)


def _boxes(seen: Sequence[Annotation | None]) -> Iterator[pl.Series]:
    nowhere = np.full(4, np.nan)
    boxes = np.stack([nowhere if a is None else a.box for a in seen])
    names = ("box_x_min_px", "box_y_min_px", "box_x_max_px", "box_y_max_px")
    for name, values in zip(names, boxes.T, strict=True):
        yield pl.Series(name, values.astype(np.float32), nan_to_null=True)


def truth_events(clip: Clip, *, clip_id: str) -> Events:
    """Tabulate what happened, with exact times."""
    motions = enumerate(clip.motions(clip.rate_hz))
    return pl.concat([_keyed(motion.events, clip_id, i) for i, motion in motions])


def ground_points(clip: Clip) -> pl.DataFrame:
    """Tabulate where the corners of the field are in the picture, once a second.

    Returns
    -------
    Points as `biomech.ground_plane` takes them, to whole pixels as a user clicks.
    """
    time_s = clip.motions(clip.rate_hz)[0].time_s
    time_s = np.append(time_s[: -1 : round(clip.rate_hz)], time_s[-1])
    places = np.insert(np.array(clip.ground), 1, 0.0, axis=1)
    shown = np.broadcast_to(places, (len(time_s), *places.shape))
    pixels = clip.camera(time_s).project(shown).pixels.reshape(-1, 2).round()
    return pl.DataFrame(
        {
            "time_s": np.repeat(time_s, len(places)).round(3),
            "x_px": pixels[:, 0],
            "y_px": pixels[:, 1],
            "x_m": np.tile(places[:, 0], len(time_s)),
            "y_m": np.tile(places[:, 2], len(time_s)),
        }
    )


def truth_camera(clip: Clip, *, clip_id: str) -> Signals:
    """Tabulate where the camera is and looks, frame by frame.

    Returns
    -------
    A `signals` table of track 0: ``camera_x_m`` ..., ``target_x_m`` ... (what the
    middle of the picture looks at), ``camera_roll_deg``, ``focal_length_px``.
    """
    time_s = clip.motions(clip.rate_hz)[0].time_s
    camera = clip.camera(time_s)
    shape = (len(time_s), 3)
    position = np.broadcast_to(np.asarray(camera.position_m, float), shape)
    target = np.broadcast_to(np.asarray(camera.target_m, float), shape)
    columns = {
        f"{what}_{axis}_m": values[:, i]
        for what, values in (("camera", position), ("target", target))
        for i, axis in enumerate("xyz")
    }
    return pl.DataFrame({"frame": np.arange(len(time_s)), "time_s": time_s}).select(
        pl.lit(clip_id).alias("clip_id"),
        pl.lit(0, pl.Int32).alias("track_id"),
        pl.col("frame").cast(pl.Int32),
        "time_s",
        *(pl.Series(name, values) for name, values in columns.items()),
        pl.lit(camera.roll_deg, pl.Float64).alias("camera_roll_deg"),
        pl.lit(camera.focal_px, pl.Float64).alias("focal_length_px"),
    )
