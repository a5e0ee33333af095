"""The shipped clips: who does what, where, and how it is filmed.

Every clip is a function of a `Take`. The shipped take gives the numbers written here;
other takes vary people, clothes, phases, headings, light and camera around them, which
makes training pictures of scenes like the shipped ones.
"""

from collections.abc import Callable

from sample_videos.clip import Clip
from sample_videos.clips.casting import Take
from sample_videos.clips.gait import (
    run_overground,
    run_treadmill,
    walk_overground,
    walk_treadmill,
)
from sample_videos.clips.jumps import counter_movement_jump, squats
from sample_videos.clips.strikes import (
    baseball_swing,
    golf_down_the_line,
    golf_face_on,
    tennis_serve,
)
from sample_videos.clips.teams import match

__all__ = ["CLIPS", "Take"]

#: All shipped clips, by name.
CLIPS: dict[str, Callable[[Take], Clip]] = {
    make.__name__: make
    for make in (
        walk_overground,
        run_overground,
        walk_treadmill,
        run_treadmill,
        counter_movement_jump,
        squats,
        golf_down_the_line,
        golf_face_on,
        baseball_swing,
        tennis_serve,
        match,
    )
}
