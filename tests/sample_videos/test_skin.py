import numpy as np
import pytest

from biomech.synthetic.figure import BONE_INDEX, bone_frames, figure
from biomech.synthetic.landmarks import points
from sample_videos.body import BIND, Build, bind_frames, flesh, part_of
from sample_videos.clothing import LEGWEAR, SHIRT, SHOES, SKIN, SOLE, Outfit
from sample_videos.people import person, skin_of
from sample_videos.skin import bone_weights, skin

MALE = figure(height_m=1.80)


@pytest.fixture(scope="module")
def mesh():
    return skin(MALE, Build(), Outfit(hair="bald"), coarseness=1.6)


def posed(mesh, angles):
    """Carry the vertices of a mesh into a pose, as the graphics card does."""
    matrices = bone_frames(MALE, angles)[0] @ mesh.unbind
    index, share = mesh.vertices[:, 8:12].astype(int), mesh.vertices[:, 12:16]
    blended = np.einsum("vk,vkij->vij", share, matrices[index])
    at = np.column_stack([mesh.vertices[:, :3], np.ones(len(mesh.vertices))])
    return np.einsum("vij,vj->vi", blended, at)[:, :3]


def test_weights_of_every_vertex_sum_to_one(mesh):
    np.testing.assert_allclose(mesh.vertices[:, 12:16].sum(axis=1), 1.0, atol=1e-5)


def test_bind_pose_leaves_the_mesh_where_it_was_made(mesh):
    np.testing.assert_allclose(posed(mesh, BIND), mesh.vertices[:, :3], atol=1e-5)


def test_standing_person_is_as_tall_as_the_figure(mesh):
    y = posed(mesh, {})[:, 1]

    assert np.ptp(y) == pytest.approx(1.80, abs=0.02)


def test_soles_stand_on_the_ground(mesh):
    shoes = mesh.vertices[:, 6] == SHOES

    assert posed(mesh, {})[shoes, 1].min() == pytest.approx(0.0, abs=0.012)


def test_hand_goes_where_the_wrist_goes(mesh):
    angles = {"right_shoulder_elevation_deg": 90.0, "right_elbow_flexion_deg": 40.0}
    nearest = mesh.vertices[:, 8].astype(int)
    hand = (nearest == BONE_INDEX["right_hand"]) & (mesh.vertices[:, 6] == SKIN)

    middle = posed(mesh, angles)[hand].mean(axis=0)

    frames = bone_frames(MALE, angles)
    palm = points(MALE, frames, ("right_palm",))[0, 0]
    assert np.linalg.norm(middle - palm) < 0.04


def test_nose_and_ears_lie_on_the_skin(mesh):
    placed = points(MALE, bone_frames(MALE, {}), ("nose", "left_ear", "right_eye"))[0]

    gap = np.linalg.norm(posed(mesh, {})[None] - placed[:, None], axis=2).min(axis=1)

    assert (gap < 0.03).all()


def test_skin_near_a_joint_is_shared_by_its_two_bones():
    body = flesh(MALE, Build())
    knee = bind_frames(MALE)[BONE_INDEX["left_shank"], :3, 3].astype(np.float32)

    weights = bone_weights(knee[None] + np.float32([[0.06, 0.0, 0.0]]), body)[0]

    both = weights[[BONE_INDEX["left_thigh"], BONE_INDEX["left_shank"]]]
    assert both.sum() == pytest.approx(1.0, abs=1e-3)
    assert both.min() > 0.2


def test_left_leg_never_moves_skin_of_the_right_leg(mesh):
    bent = posed(mesh, {"left_hip_flexion_deg": 60.0}) - posed(mesh, {})
    nearest = mesh.vertices[:, 8].astype(int)
    right = np.isin(nearest, [BONE_INDEX["right_shank"], BONE_INDEX["right_foot"]])

    np.testing.assert_allclose(bent[right], 0.0, atol=1e-6)


def test_closed_hand_is_shorter_than_the_open_one():
    reach = {}
    for state in ("open", "fist"):
        fingers = part_of(flesh(MALE, Build(), hand=state), "right_hand")
        wrist = bind_frames(MALE)[BONE_INDEX["right_hand"], :3, 3]
        reach[state] = max(np.linalg.norm(c.end_m - wrist) for c in fingers)

    assert reach["fist"] < 0.75 * reach["open"]


def test_people_differ_by_number_and_repeat_by_number():
    assert person(3) == person(3)
    assert person(3) != person(4)
    np.testing.assert_array_equal(
        skin_of(3, 2.0).vertices, skin(*person(3)[1:4], coarseness=2.0).vertices
    )


def test_bare_parts_have_the_colour_of_the_skin():
    someone = person(3).look

    bare = someone.bared(chest=True, feet=True)

    for material in (SHIRT, SHOES, SOLE):
        assert bare.colours[material] == someone.colours[SKIN]
        assert bare.patterns[material] == 0
    assert bare.sock_colour == someone.colours[SKIN]
    assert bare.colours[LEGWEAR] == someone.colours[LEGWEAR]
    assert someone.bared(chest=False, feet=False) == someone
