import numpy as np
import pytest

from biomech.errors import ConfigError
from biomech.schema import EVENTS, POSES
from biomech.synthetic import Camera, match


@pytest.fixture(scope="module")
def game():
    return match(n_players=8, duration_s=6.0, seed=1)


def test_players_go_at_their_speeds_along_their_directions(game):
    for player, team, speed in zip(
        game.players, game.team, game.speed_m_s, strict=True
    ):
        way = (player.root_m[-1] - player.root_m[0])[[0, 2]]
        assert np.linalg.norm(way) / player.time_s[-1] == pytest.approx(speed, rel=0.03)
        assert np.sign(way[0]) == (1 if team == 0 else -1)


def test_tracks_cross_and_the_crossings_are_listed(game):
    assert game.crossings.height > 0
    for a, b, time_s, distance_m in game.crossings.iter_rows():
        frame = round(time_s * 30)
        gap = game.players[a].root_m[frame] - game.players[b].root_m[frame]
        assert np.hypot(gap[0], gap[2]) == pytest.approx(distance_m)
        assert distance_m < 1.5


def test_all_players_are_in_one_valid_table(game):
    poses = game.poses()

    POSES.validate(poses)
    EVENTS.validate(game.events)
    assert poses["track_id"].n_unique() == 8


def test_a_panning_camera_films_all_of_them(game):
    target = np.stack([np.linspace(-1, 1, 180), np.ones(180), np.zeros(180)], axis=1)
    camera = Camera(position_m=(0, 6, 22), target_m=target, focal_px=900.0)

    poses = game.poses(camera=camera)

    POSES.validate(poses)
    assert poses["left_hip_x_px"].null_count() < 0.2 * poses.height


def test_the_same_seed_gives_the_same_match(game):
    again = match(n_players=8, duration_s=6.0, seed=1)

    assert again.poses().equals(game.poses())


def test_impossible_matches_are_refused():
    with pytest.raises(ConfigError, match="n_players"):
        match(n_players=1)
