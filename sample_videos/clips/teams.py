"""The clip of a match."""

from dataclasses import replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.camera import Camera
from biomech.synthetic.match import Match
from biomech.synthetic.match import match as teams
from sample_videos import lights
from sample_videos.clip import Clip
from sample_videos.clips.casting import Take
from sample_videos.people import Kit, Person

Array = NDArray[np.float64]

#: Rate at which players are looked at to cast them; that of takes, so once is enough.
_CASTING_HZ = 15.0


@lru_cache(maxsize=8)
def _played(seed: int, rate_hz: float) -> Match:
    """Let eight players run, or give them again."""
    return teams(
        n_players=8,
        duration_s=8.0,
        rate_hz=rate_hz,
        length_m=19.0,
        width_m=9.0,
        seed=seed,
    )


def match(take: Take) -> Clip:
    """Two teams run across a pitch and through each other; the camera pans."""
    seed = 3 if take.chance is None else take.people.start + int(take.one_of(0, 1, 2))
    played = _played(seed, _CASTING_HZ)
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
        motions=lambda rate_hz: _played(seed, rate_hz).players,
        cast=cast,
        camera=panning,
        ground=((-6.0, -4.5), (6.0, -4.5), (4.0, 4.5), (-4.0, 4.5)),
        scene=take.place("pitch", 1, lights.sunny(azimuth_deg=120, elevation_deg=40)),
    )


def _in_kit(player: Person, kit: Kit) -> Person:
    """Dress a player in shirt, shorts and high socks."""
    outfit = player.outfit._replace(sleeve=0.5, leg_length=0.40)
    look = replace(player.look.dressed(**kit), sock_m=0.28)
    return player._replace(outfit=outfit, look=look)
