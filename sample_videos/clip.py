"""What makes a clip: who moves how, where, in front of which camera."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.camera import Camera
from biomech.synthetic.motion import Motion
from sample_videos.body import Hands
from sample_videos.imaging import Film
from sample_videos.people import Person
from sample_videos.scenes import Scene
from sample_videos.things import Thing

Array = NDArray[np.float64]


def _no_things(_time_s: float) -> list[Thing]:
    return []


@dataclass(frozen=True)
class Clip:
    """Everything that makes a clip.

    Attributes
    ----------
    name, activity, view, athlete
        As in the job file; the athlete is the first of the cast.
    motions
        Rate in Hz to the motions of all people, in the order of `cast`.
    cast
        Who moves.
    hands
        Open, or one or both closed around a handle.
    camera
        Times of the frames, shape (frames,), to a camera.
    scene
        Where.
    things
        Time in seconds to things that move (a treadmill).
    blurred
        Whether fast parts are smeared: the shutter is open for a quarter of a frame.
    ground
        Corners of a field (X and Z in metres) that a user would point at, if any.
    """

    name: str
    activity: str
    view: str
    athlete: str
    rate_hz: float
    motions: Callable[[float], Sequence[Motion]]
    cast: Sequence[Person]
    camera: Callable[[Array], Camera]
    scene: Scene
    hands: Hands = "open"
    things: Callable[[float], list[Thing]] = _no_things
    blurred: bool = False
    ground: tuple[tuple[float, float], ...] = ()
    film: Film = field(default_factory=lambda: Film(noise=1.2, blur_px=0.35))


def alone(make: Callable[..., Motion], rate_hz: float) -> Sequence[Motion]:
    """Make the motion of a clip with one person, at a rate."""
    return [make(rate_hz=rate_hz)]
