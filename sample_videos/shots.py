"""What a training picture is made of."""

from typing import NamedTuple

from biomech.synthetic.camera import Camera
from sample_videos.renderer import Actor
from sample_videos.scenes import Scene
from sample_videos.things import Thing

#: Mesh cells of training pictures are this much larger than those of the clips.
COARSENESS = 1.25


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
