"""Two teams that run across a pitch: tracks that cross, at known speeds."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from biomech.errors import ConfigError
from biomech.schema import Events, Poses
from biomech.synthetic.camera import View
from biomech.synthetic.figure import Sex, figure
from biomech.synthetic.motion import Motion, to_poses
from biomech.synthetic.runner import runner
from biomech.synthetic.walker import walker

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Match:
    """Players on a pitch.

    Attributes
    ----------
    players
        One motion per player; ``track_id`` counts from 0.
    team
        0 or 1 for every player.
    speed_m_s
        Ground speed of every player, constant.
    crossings
        One row per pair of tracks that pass each other within 1.5 m: ``track_a,
        track_b, time_s, distance_m``.
    """

    players: tuple[Motion, ...]
    team: tuple[int, ...]
    speed_m_s: tuple[float, ...]
    crossings: pl.DataFrame

    @property
    def events(self) -> Events:
        """Contacts and toe-offs of all players."""
        return pl.concat([player.events for player in self.players])

    def poses(self, *, camera: View | None = None) -> Poses:
        """Record all players in one table, see `to_poses`."""
        return pl.concat([to_poses(p, camera=camera) for p in self.players])


def match(
    *,
    n_players: int = 8,
    duration_s: float = 6.0,
    rate_hz: float = 30.0,
    length_m: float = 18.0,
    width_m: float = 10.0,
    seed: int = 0,
    clip_id: str = "match",
) -> Match:
    """Let two teams walk and run towards and through each other.

    Team 0 goes along +X, team 1 along -X, each player straight on in a lane of its own
    (with a small angle) at a constant speed from 1.2 to 5.5 m/s, so that they meet
    near the middle half-way through.

    Parameters
    ----------
    n_players
        2 to 22.
    duration_s, rate_hz
        Length of the recording and frames per second.
    length_m, width_m
        The part of the pitch that they cross; its middle is the origin.
    seed
        Of the random numbers.
    clip_id
        Clip of all players.

    Returns
    -------
    The players.

    Raises
    ------
    ConfigError
        If a knob is impossible.
    """
    if not 2 <= n_players <= 22 or min(length_m, width_m) <= 0:
        msg = "allowed are n_players 2 to 22, length_m and width_m above 0; found "
        raise ConfigError(msg + f"{n_players}, {length_m} and {width_m}")
    rng = np.random.default_rng(seed)
    lanes = np.linspace(-width_m / 2, width_m / 2, n_players)
    team = tuple(int(i % 2) for i in range(n_players))
    # Players of both teams are paired lane by lane; the speeds must carry them past
    # each other in the time there is.
    fastest = min(5.5, length_m / duration_s * 1.6)
    speeds = tuple(float(s) for s in rng.uniform(1.2, max(fastest, 1.4), n_players))
    players = tuple(
        _player(
            rng,
            speed_m_s=speed,
            heading_deg=180.0 * side + float(rng.uniform(-3.0, 3.0)),
            lane_m=float(lane),
            duration_s=duration_s,
            rate_hz=rate_hz,
            key=(clip_id, i),
        )
        for i, (speed, side, lane) in enumerate(zip(speeds, team, lanes, strict=True))
    )
    return Match(players, team, speeds, _crossings(players))


def _player(
    rng: np.random.Generator,
    /,
    *,
    speed_m_s: float,
    heading_deg: float,
    lane_m: float,
    duration_s: float,
    rate_hz: float,
    key: tuple[str, int],
) -> Motion:
    """Make one player, half-way at about half-time."""
    sex: Sex = "male" if rng.random() < 0.5 else "female"
    person = figure(height_m=float(rng.uniform(1.62, 1.90)), sex=sex)
    heading = np.radians(heading_deg)
    half = speed_m_s * duration_s / 2 * rng.uniform(0.8, 1.2)
    start = (-half * np.cos(heading), 0.0, lane_m + half * np.sin(heading))
    phase, (clip_id, track_id) = float(rng.random()), key
    if speed_m_s < 2.2:
        return walker(
            speed_m_s=speed_m_s,
            stride_s=1.25 - 0.15 * speed_m_s,
            person=person,
            duration_s=duration_s,
            rate_hz=rate_hz,
            heading_deg=heading_deg,
            start_m=start,
            start_phase=phase,
            clip_id=clip_id,
            track_id=track_id,
        )
    stride_s = 0.80 - 0.03 * speed_m_s
    return runner(
        speed_m_s=speed_m_s,
        stride_s=stride_s,
        contact_s=stride_s * (0.46 - 0.036 * speed_m_s),
        person=person,
        duration_s=duration_s,
        rate_hz=rate_hz,
        heading_deg=heading_deg,
        start_m=start,
        start_phase=phase,
        clip_id=clip_id,
        track_id=track_id,
    )


def _crossings(players: tuple[Motion, ...]) -> pl.DataFrame:
    """List who passes whom closely, and when."""
    rows = []
    for (a, first), (b, second) in combinations(enumerate(players), 2):
        gap = (first.root_m - second.root_m)[:, [0, 2]]
        distance = np.linalg.norm(gap, axis=1)
        nearest = int(np.argmin(distance))
        inside = 0 < nearest < len(distance) - 1
        if inside and distance[nearest] < 1.5:
            rows.append((a, b, float(first.time_s[nearest]), float(distance[nearest])))
    schema = {
        "track_a": pl.Int32,
        "track_b": pl.Int32,
        "time_s": pl.Float64,
        "distance_m": pl.Float64,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")
