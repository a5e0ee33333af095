"""Clips of walking and running."""

from functools import partial

import numpy as np

from biomech.synthetic.runner import runner
from biomech.synthetic.walker import walker
from sample_videos import lights
from sample_videos.clip import Clip, alone
from sample_videos.clips.cameras import close_up, past_the_camera
from sample_videos.clips.casting import Take
from sample_videos.implements import BELT_HEIGHT_M, treadmill
from sample_videos.people import Person


def _pace(someone: Person) -> float:
    """Scale speeds and times with the square root of size (equal Froude numbers)."""
    return float(np.sqrt(someone.figure.height_m / 1.75))


def _on_a_belt(take: Take) -> tuple[float, float, float]:
    return (take.around(0.0, 0.08), BELT_HEIGHT_M, take.around(0.0, 0.04))


def walk_overground(take: Take) -> Clip:
    """Somebody walks past across a paved place."""
    who = take.someone(1)
    pace = _pace(who)
    speed = take.around(1.30, 0.25) * pace
    motion = partial(
        walker,
        speed_m_s=speed,
        stride_s=take.around(1.12, 0.05) * pace * (1.3 * pace / speed) ** 0.5,
        person=who.figure,
        duration_s=5.0,
        heading_deg=take.one_of(0.0, 180.0),
        start_phase=take.around(0.3, 0.5),
    )
    start = -2.5 * speed
    turned = -start if motion.keywords["heading_deg"] else start
    motion = partial(motion, start_m=(turned, 0.0, 0.0))
    return Clip(
        name="walk_overground",
        activity="walk",
        view="sagittal",
        athlete="Walker",
        rate_hz=30.0,
        motions=partial(alone, motion),
        cast=[who],
        camera=past_the_camera(take, distance_m=9.5, width_m=6.6),
        scene=take.place("street", 11, lights.sunny(azimuth_deg=40, elevation_deg=48)),
    )


def run_overground(take: Take) -> Clip:
    """Somebody runs past on a track; in the picture for about two seconds."""
    who = take.someone(2)
    pace = _pace(who)
    speed = take.around(3.7, 0.5) * pace
    heading = take.one_of(0.0, 180.0)
    start = 1.5 * speed if heading else -1.5 * speed
    motion = partial(
        runner,
        speed_m_s=speed,
        stride_s=take.around(0.71, 0.02) * pace,
        contact_s=take.around(0.225, 0.01) * pace,
        person=who.figure,
        duration_s=3.0,
        heading_deg=heading,
        start_m=(start, 0.0, take.around(0.0, 1.0)),
        start_phase=take.around(0.1, 0.5),
    )
    return Clip(
        name="run_overground",
        activity="run",
        view="sagittal",
        athlete="Runner",
        rate_hz=60.0,
        motions=partial(alone, motion),
        cast=[who],
        camera=past_the_camera(take, distance_m=10.5, width_m=7.2),
        scene=take.place("track", 1, lights.sunny(azimuth_deg=70, elevation_deg=42)),
    )


def walk_treadmill(take: Take) -> Clip:
    """Somebody walks on a treadmill in a laboratory."""
    who = take.someone(3)
    pace = _pace(who)
    speed = take.around(1.25, 0.25) * pace
    motion = partial(
        walker,
        speed_m_s=speed,
        stride_s=take.around(1.10, 0.05) * pace * (1.25 * pace / speed) ** 0.5,
        person=who.figure,
        duration_s=6.0,
        treadmill=True,
        start_m=_on_a_belt(take),
        start_phase=take.around(0.0, 0.5),
    )
    return Clip(
        name="walk_treadmill",
        activity="walk",
        view="sagittal",
        athlete="Treadmill walker",
        rate_hz=30.0,
        motions=partial(alone, motion),
        cast=[who],
        camera=close_up(
            take, azimuth_deg=90, distance_m=3.9, reach_m=2.45, middle_m=1.12
        ),
        scene=take.place("laboratory", 2, lights.indoor(azimuth_deg=60)),
        things=partial(treadmill, speed_m_s=speed),
    )


def run_treadmill(take: Take) -> Clip:
    """Somebody runs on a treadmill in a gym."""
    who = take.someone(4)
    pace = _pace(who)
    speed = take.around(3.1, 0.4) * pace
    motion = partial(
        runner,
        speed_m_s=speed,
        stride_s=take.around(0.72, 0.02) * pace,
        contact_s=take.around(0.25, 0.01) * pace,
        person=who.figure,
        duration_s=4.0,
        treadmill=True,
        start_m=_on_a_belt(take),
        start_phase=take.around(0.0, 0.5),
    )
    return Clip(
        name="run_treadmill",
        activity="run",
        view="sagittal",
        athlete="Treadmill runner",
        rate_hz=60.0,
        motions=partial(alone, motion),
        cast=[who],
        camera=close_up(
            take, azimuth_deg=90, distance_m=3.9, reach_m=2.6, middle_m=1.15
        ),
        scene=take.place("gym", 5, lights.indoor(azimuth_deg=60, warmth=0.4)),
        things=partial(treadmill, speed_m_s=speed),
    )
