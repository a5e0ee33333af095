"""The shipped clips: who does what, where, and how it is filmed.

Every clip is a function of a `Take`. The shipped take gives the numbers written here;
other takes vary people, clothes, phases, headings, light and camera around them, which
makes training pictures of scenes like the shipped ones.
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.synthetic.baseball import baseball_swing as swing_a_bat
from biomech.synthetic.camera import Camera
from biomech.synthetic.figure import Figure
from biomech.synthetic.golf import golf_swing
from biomech.synthetic.jump import counter_movement_jump as leap
from biomech.synthetic.landmarks import points
from biomech.synthetic.match import match as teams
from biomech.synthetic.motion import Motion
from biomech.synthetic.runner import runner
from biomech.synthetic.serve import tennis_serve as serve
from biomech.synthetic.squat import squat
from biomech.synthetic.walker import walker
from sample_videos import lights
from sample_videos.clip import Clip
from sample_videos.implements import BELT_HEIGHT_M, treadmill
from sample_videos.lights import Light
from sample_videos.people import Kit, Person, look, person
from sample_videos.scenes import SCENES, Scene

Array = NDArray[np.float64]

#: Numbers of the people of the shipped clips; in no training or held-out range.
_SHIPPED_PEOPLE = 50_000


#: What the people of the shipped clips wear, by their number.
_KITS: dict[int, Kit] = {
    1: {"shirt": (0.80, 0.82, 0.84), "legwear": (0.15, 0.17, 0.20)},
    2: {"shirt": (0.70, 0.16, 0.15), "legwear": (0.12, 0.12, 0.14)},
    3: {"shirt": (0.24, 0.34, 0.50), "legwear": (0.30, 0.30, 0.32)},
    4: {"shirt": (0.78, 0.80, 0.80), "legwear": (0.13, 0.20, 0.36)},
    5: {"shirt": (0.30, 0.42, 0.34), "legwear": (0.16, 0.16, 0.18)},
    6: {"shirt": (0.62, 0.40, 0.46), "legwear": (0.14, 0.14, 0.17)},
    7: {
        "shirt": (0.86, 0.86, 0.84),
        "legwear": (0.26, 0.30, 0.38),
        "shoes": (0.80, 0.80, 0.78),
    },
    8: {"shirt": (0.88, 0.88, 0.86), "legwear": (0.80, 0.80, 0.79), "number": 27},
    9: {"shirt": (0.86, 0.88, 0.88), "legwear": (0.20, 0.26, 0.40)},
}


@dataclass(frozen=True)
class Take:
    """What differs between takes of a clip; without chance it is the shipped one."""

    chance: np.random.Generator | None = None
    people: range = field(default_factory=lambda: range(1))

    def around(self, value: float, spread: float) -> float:
        """Return a value, varied uniformly by up to the spread."""
        if self.chance is None:
            return value
        return value + spread * float(self.chance.uniform(-1.0, 1.0))

    def one_of(self, value: float, *others: float) -> float:
        """Return a value, or one of some others."""
        if self.chance is None:
            return value
        return float(self.chance.choice([value, *others]))

    def someone(self, number: int) -> Person:
        """Cast somebody for a role."""
        if self.chance is None:
            shipped = person(_SHIPPED_PEOPLE + number)
            kit = _KITS.get(number, {})
            return shipped._replace(look=shipped.look.dressed(**kit))
        other = person(int(self.chance.choice(self.people)))
        if self.chance.random() < 0.5:
            female = other.figure.sex == "female"
            other = other._replace(look=look(self.chance, female=female))
        return other

    def player(self, number: int, figure: Figure) -> Person:
        """Dress a figure that a motion brings along."""
        first = _SHIPPED_PEOPLE + 100 if self.chance is None else self.people.start
        numbers = itertools.count(first + 3 * number)
        alike = (someone for someone in map(person, numbers))
        found = next(p for p in alike if p.figure.sex == figure.sex)
        return found._replace(figure=figure)

    def place(self, name: str, number: int, light: Light | None = None) -> Scene:
        """Choose a place, with the shipped light or any other."""
        if self.chance is None:
            scene = SCENES[name](np.random.default_rng(number))
            return scene if light is None else scene._replace(light=light)
        return SCENES[name](self.chance)


def _past_the_camera(
    take: Take, *, distance_m: float, width_m: float, height_m: float = 1.25
) -> Callable[[Array], Camera]:
    """Film from the right of somebody who moves along X."""
    distance = distance_m * take.around(1.0, 0.12)
    focal_px = take.around(960.0, 60.0) * distance / width_m
    yaw = np.radians(take.around(0.0, 12.0))
    eye = np.array([np.sin(yaw) * distance, height_m, np.cos(yaw) * distance])
    eye[1] = take.around(height_m, 0.3)
    target = (take.around(0.0, 0.3), take.around(0.95, 0.1), 0.0)
    camera = Camera(eye, target, focal_px, 960, 540, take.around(0.0, 1.5))
    return lambda _time_s: camera


def _close(
    take: Take,
    *,
    azimuth_deg: float,
    distance_m: float,
    reach_m: float,
    size_px: tuple[int, int] = (640, 480),
    eye_m: float = 1.2,
    middle_m: float = 0.95,
    middle_x_m: float = 0.0,
    middle_z_m: float = 0.0,
) -> Callable[[Array], Camera]:
    """Film somebody who stays in place, `reach_m` of height filling the picture.

    Azimuth 0 is in front (+X), 90 from the right (+Z).
    """
    azimuth = np.radians(take.around(azimuth_deg, 15.0))
    distance = take.around(distance_m, 0.12 * distance_m)
    focal_px = size_px[1] * distance / (reach_m * take.around(1.0, 0.08))
    eye = np.array(
        [
            middle_x_m + distance * np.cos(azimuth),
            take.around(eye_m, 0.25),
            middle_z_m + distance * np.sin(azimuth),
        ]
    )
    target = np.array([middle_x_m, middle_m, middle_z_m])
    target += [take.around(0.0, 0.1), take.around(0.0, 0.06), take.around(0.0, 0.1)]
    camera = Camera(eye, target, focal_px, *size_px, take.around(0.0, 1.5))
    return lambda _time_s: camera


def _pace(someone: Person) -> float:
    """Scale speeds and times with the square root of size (equal Froude numbers)."""
    return float(np.sqrt(someone.figure.height_m / 1.75))


def _alone(make: Callable[..., Motion], rate_hz: float) -> Sequence[Motion]:
    return [make(rate_hz=rate_hz)]


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
        motions=partial(_alone, motion),
        cast=[who],
        camera=_past_the_camera(take, distance_m=9.5, width_m=6.6),
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
        motions=partial(_alone, motion),
        cast=[who],
        camera=_past_the_camera(take, distance_m=10.5, width_m=7.2),
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
        motions=partial(_alone, motion),
        cast=[who],
        camera=_close(
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
        motions=partial(_alone, motion),
        cast=[who],
        camera=_close(take, azimuth_deg=90, distance_m=3.9, reach_m=2.6, middle_m=1.15),
        scene=take.place("gym", 5, lights.indoor(azimuth_deg=60, warmth=0.4)),
        things=partial(treadmill, speed_m_s=speed),
    )


def counter_movement_jump(take: Take) -> Clip:
    """Somebody does a counter-movement jump with an arm swing, in a laboratory."""
    who = take.someone(5)
    motion = partial(
        leap,
        jump_height_m=take.around(0.36, 0.12),
        depth_m=take.around(0.30, 0.06) * who.figure.height_m / 1.75,
        person=who.figure,
        quiet_s=take.around(0.7, 0.2),
        duration_s=3.2,
        arm_swing_ratio=take.one_of(1.0, 0.0, 1.0),
        heading_deg=take.around(0.0, 20.0),
    )
    return Clip(
        name="counter_movement_jump",
        activity="jump",
        view="sagittal",
        athlete="Jumper",
        rate_hz=120.0,
        motions=partial(_alone, motion),
        cast=[who],
        camera=_close(
            take,
            azimuth_deg=take.one_of(90.0, 0.0, 270.0, 45.0),
            distance_m=4.2,
            reach_m=2.95,
            size_px=(480, 640),
            eye_m=1.1,
            middle_m=1.15,
        ),
        scene=take.place("laboratory", 4, lights.indoor(azimuth_deg=120, warmth=0.3)),
    )


def squats(take: Take) -> Clip:
    """Somebody squats three times in a gym, seen from the side and slightly ahead."""
    who = take.someone(6)
    motion = partial(
        squat,
        n_repetitions=3,
        peak_knee_deg=take.around(102.0, 14.0),
        repetition_s=take.around(2.2, 0.4),
        pause_s=0.45,
        person=who.figure,
        heading_deg=take.around(0.0, 15.0),
    )
    return Clip(
        name="squats",
        activity="squat",
        view="sagittal",
        athlete="Lifter",
        rate_hz=30.0,
        motions=partial(_alone, motion),
        cast=[who],
        camera=_close(
            take,
            azimuth_deg=take.one_of(84.0, 0.0, 45.0, 270.0),
            distance_m=4.2,
            reach_m=2.25,
            middle_m=0.92,
            middle_x_m=0.1,
        ),
        scene=take.place("gym", 3, lights.indoor(azimuth_deg=30, warmth=0.2)),
    )


def _golf(take: Take, who: Person) -> Callable[..., Motion]:
    return partial(
        golf_swing,
        tempo_ratio=take.around(3.0, 0.6),
        downswing_s=take.around(0.27, 0.04),
        plane_slope_deg=take.around(54.0, 5.0),
        plane_direction_deg=take.around(0.0, 6.0),
        handedness="left" if take.one_of(0.0, 1.0, 0.0) else "right",
        person=who.figure,
        still_s=take.around(0.5, 0.2),
        duration_s=3.2,
    )


def golf_down_the_line(take: Take) -> Clip:
    """Somebody swings a driver, seen from behind along the target line."""
    who = take.someone(7)
    return Clip(
        name="golf_down_the_line",
        activity="golf",
        view="sagittal",
        athlete="Golfer",
        rate_hz=60.0,
        motions=partial(_alone, _golf(take, who)),
        cast=[who],
        hands="fist",
        camera=_close(
            take,
            azimuth_deg=180.0,
            distance_m=4.4,
            reach_m=2.55,
            size_px=(540, 640),
            eye_m=1.15,
            middle_m=1.0,
            middle_z_m=0.30,
        ),
        scene=take.place(
            "driving_range", 2, lights.sunny(azimuth_deg=150, elevation_deg=45)
        ),
        blurred=True,
    )


def golf_face_on(take: Take) -> Clip:
    """Somebody swings a driver, seen from the front."""
    who = take.someone(7)
    return Clip(
        name="golf_face_on",
        activity="golf",
        view="frontal",
        athlete="Golfer",
        rate_hz=60.0,
        motions=partial(_alone, _golf(take, who)),
        cast=[who],
        hands="fist",
        camera=_close(
            take,
            azimuth_deg=90.0,
            distance_m=4.6,
            reach_m=2.55,
            size_px=(540, 640),
            eye_m=1.15,
            middle_m=1.0,
        ),
        scene=take.place(
            "driving_range", 5, lights.sunny(azimuth_deg=60, elevation_deg=50)
        ),
        blurred=True,
    )


def baseball_swing(take: Take) -> Clip:
    """Somebody hits a pitched ball, seen from the open side."""
    who = take.someone(8)
    if take.chance is None:
        uniform = who.outfit._replace(leg_length=0.93, sleeve=0.5, hair="cap")
        who = who._replace(outfit=uniform)
    motion = partial(
        swing_a_bat,
        plane_slope_deg=take.around(32.0, 5.0),
        pitch_speed_m_s=take.around(34.0, 4.0),
        handedness="left" if take.one_of(0.0, 1.0, 0.0) else "right",
        person=who.figure,
        contact_s=take.around(1.6, 0.2),
        duration_s=3.0,
        start_m=(0.0, 0.0, -0.95),
    )
    return Clip(
        name="baseball_swing",
        activity="baseball",
        view="frontal",
        athlete="Batter",
        rate_hz=60.0,
        motions=partial(_alone, motion),
        cast=[who],
        hands="fist",
        camera=_close(
            take,
            azimuth_deg=80.0,
            distance_m=5.6,
            reach_m=2.55,
            size_px=(640, 540),
            eye_m=1.25,
            middle_m=1.0,
            middle_z_m=-0.95,
        ),
        scene=take.place("diamond", 2, lights.sunny(azimuth_deg=70, elevation_deg=50)),
        blurred=True,
    )


def _tossed(motion: Motion, handed: Literal["left", "right"]) -> Motion:
    """Let the ball lie in the other hand before it flies."""
    other = "left" if handed == "right" else "right"
    palm = points(motion.figure, motion.bones, (f"{other}_palm",))[:, 0]
    release_s = motion.events.filter(pl.col("event") == "release")["time_s"].item()
    late = np.clip((motion.time_s - release_s + 0.08) / 0.16, 0.0, 1.0)
    flying = (late**2 * (3.0 - 2.0 * late))[:, None]
    ball = (1.0 - flying) * palm + flying * motion.points["ball"]
    return replace(motion, points={**motion.points, "ball": ball})


def tennis_serve(take: Take) -> Clip:
    """Somebody serves from the baseline, seen from the side."""
    who = take.someone(9)
    handed: Literal["left", "right"] = "left" if take.one_of(0.0, 1.0, 0.0) else "right"
    motion = partial(
        serve,
        plane_slope_deg=take.around(84.0, 3.0),
        handedness=handed,
        person=who.figure,
        contact_s=take.around(2.1, 0.2),
        duration_s=3.2,
        start_m=(-0.35, 0.0, 0.5),
    )
    return Clip(
        name="tennis_serve",
        activity="tennis",
        view="sagittal",
        athlete="Server",
        rate_hz=60.0,
        motions=lambda rate_hz: [_tossed(motion(rate_hz=rate_hz), handed)],
        cast=[who],
        hands="right_fist" if handed == "right" else "left_fist",
        camera=_close(
            take,
            azimuth_deg=95.0,
            distance_m=6.2,
            reach_m=3.7,
            size_px=(540, 720),
            eye_m=1.3,
            middle_m=1.55,
            middle_x_m=-0.2,
            middle_z_m=0.5,
        ),
        scene=take.place(
            "tennis_court", 1, lights.sunny(azimuth_deg=60, elevation_deg=52)
        ),
        blurred=True,
    )


def match(take: Take) -> Clip:
    """Two teams run across a pitch and through each other; the camera pans."""
    seed = 3 if take.chance is None else take.people.start + int(take.one_of(0, 1, 2))
    motion = partial(
        teams,
        n_players=8,
        duration_s=8.0,
        length_m=19.0,
        width_m=9.0,
        seed=seed,
    )
    played = motion(rate_hz=2.0)
    kits: list[Kit] = [
        {"shirt": (0.70, 0.15, 0.15), "legwear": (0.88, 0.88, 0.87)},
        {"shirt": (0.16, 0.30, 0.60), "legwear": (0.12, 0.14, 0.22)},
    ]
    cast = []
    for number, (player, team) in enumerate(
        zip(played.players, played.team, strict=True)
    ):
        someone = take.player(number, player.figure)
        kit: Kit = {**kits[team], "accent": (0.92, 0.92, 0.9), "number": 4 + 3 * number}
        cast.append(_in_kit(someone, kit))
    eye = np.array(
        [take.around(0.0, 4.0), take.around(3.4, 1.5), take.around(16.5, 1.5)]
    )
    reach = take.around(2.2, 1.0)
    focal_px = take.around(1250.0, 150.0)

    def panning(time_s: Array) -> Camera:
        x = -reach * np.cos(2 * np.pi * time_s / 8.0)
        target = np.column_stack([x, np.full_like(x, 1.0), np.zeros_like(x)])
        return Camera(eye, target, focal_px, 960, 540)

    return Clip(
        name="match",
        activity="none",
        view="oblique",
        athlete="Both teams",
        rate_hz=30.0,
        motions=lambda rate_hz: motion(rate_hz=rate_hz).players,
        cast=cast,
        camera=panning,
        scene=take.place("pitch", 1, lights.sunny(azimuth_deg=120, elevation_deg=40)),
    )


def _in_kit(player: Person, kit: Kit) -> Person:
    """Dress a player in shirt, shorts and high socks."""
    outfit = player.outfit._replace(sleeve=0.5, leg_length=0.40)
    look = replace(player.look.dressed(**kit), sock_m=0.28)
    return player._replace(outfit=outfit, look=look)


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
