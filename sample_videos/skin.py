"""From flesh and clothes to a mesh whose vertices follow the bones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from biomech.synthetic.figure import BONE_INDEX, BONES, Figure
from sample_videos.body import Build, Hand, Hands, bind_frames, flesh, part_of
from sample_videos.clothing import (
    CAP,
    HAIR,
    SHOES,
    SKIN,
    Outfit,
    Shell,
    ground_height,
    shells,
)
from sample_videos.volume import Capsule, Floats, Ints, Surface, bounds, surface

Array = NDArray[np.float64]

_STATES: tuple[Hand, Hand] = ("open", "fist")
#: Floats per vertex: position 3, normal 3, material and openness 2, bones 4, weights 4.
VERTEX_FLOATS = 16
#: Width over which one bone's skin gives way to the next one's, in metres.
_HANDOVER_M = 0.020
#: How far under a garment skin may be left out, in metres.
_COVERED_M = 0.030


@dataclass(frozen=True)
class Skin:
    """A person's mesh in the bind pose, and what the shader must know about it.

    Attributes
    ----------
    vertices
        Shape (vertices, `VERTEX_FLOATS`).
    triangles
        Vertex indices, shape (triangles, 3), for each state of the hands.
    unbind
        Inverse of the bind frames, (bones, 4, 4): world of the bind pose to bone.
    head_centre, chest_height_m, half_breadth_m, ground_m, ankle_m
        Places of face, print, side panels, soles and socks in the bind pose.
    """

    figure: Figure
    vertices: Floats
    triangles: dict[Hands, Ints]
    unbind: Array
    head_centre: Floats
    chest_height_m: float
    half_breadth_m: float
    ground_m: float
    ankle_m: float


def skin(
    figure: Figure, build: Build, outfit: Outfit, *, coarseness: float = 1.0
) -> Skin:
    """Build the mesh of one dressed person.

    Parameters
    ----------
    figure
        Bones and proportions.
    build
        Stout or thin, lean or muscular.
    outfit
        Clothes and hair.
    coarseness
        Factor on the edge of all triangles.
    """
    frames = bind_frames(figure)
    body = flesh(figure, build)
    garments = shells(body, frames, outfit)
    pieces = [
        (SKIN, _trunk_and_limbs(body, garments, 0.015 * coarseness)),
        (SKIN, _face(body, 0.0075 * coarseness)),
    ]
    pieces += [
        (
            garment.material,
            surface(
                garment.capsules,
                cell_m=garment.cell_m * coarseness,
                blend_m=garment.blend_m,
                crop=garment.crop,
            ),
        )
        for garment in garments
    ]
    hands = [
        _hand(flesh(figure, build, hand=state), side, 0.0065 * coarseness)
        for side in ("left", "right")
        for state in _STATES
    ]
    parts = [*pieces, *((SKIN, hand) for hand in hands)]
    vertices = [_vertices(piece, material, body) for material, piece in parts]
    starts = np.cumsum([0, *(len(rows) for rows in vertices)])
    triangles = [
        piece.triangles + start
        for (_, piece), start in zip(parts, starts, strict=False)
    ]
    common, hand_triangles = triangles[: len(pieces)], triangles[len(pieces) :]
    chest = frames[BONE_INDEX["chest"], :3, 3]
    scale = figure.height_m / 1.75
    return Skin(
        figure=figure,
        vertices=np.concatenate(vertices),
        triangles={
            hands: np.concatenate([*common, *chosen]).astype(np.int32)
            for hands, chosen in _choices(hand_triangles).items()
        },
        unbind=np.asarray(np.linalg.inv(frames), np.float64),
        head_centre=frames[BONE_INDEX["head"], :3, 3].astype(np.float32),
        chest_height_m=float(chest[1] + 0.10 * scale),
        half_breadth_m=0.165 * scale * build.girth**0.5,
        ground_m=ground_height(body),
        ankle_m=float(frames[BONE_INDEX["right_foot"], 1, 3]),
    )


def bone_weights(points: Floats, body: list[Capsule]) -> Floats:
    """Share points of the skin among the bones.

    A point belongs to the bone whose flesh is nearest, and to that bone's neighbours
    as far as their flesh is hardly farther.

    Returns
    -------
    Weights that sum to 1, shape (points, bones).
    """
    distance = np.full((len(points), len(BONES)), np.inf, np.float32)
    for capsule in body:
        column = distance[:, capsule.bone]
        np.minimum(column, capsule.distance(points), out=column)
    nearest = distance.argmin(axis=1)
    excess = distance - distance.min(axis=1, keepdims=True)
    share = np.exp(-excess / _HANDOVER_M) * _NEIGHBOURS[nearest]
    return np.asarray(share / share.sum(axis=1, keepdims=True), np.float32)


def _neighbours() -> NDArray[np.bool_]:
    """Tell which bones may share skin: parent and child, and arm and chest."""
    pairs = [(b.name, b.parent) for b in BONES if b.parent is not None]
    pairs += [(f"{side}_upper_arm", "chest") for side in ("left", "right")]
    matrix = np.eye(len(BONES), dtype=bool)
    for one, other in pairs:
        i, j = BONE_INDEX[one], BONE_INDEX[other]
        matrix[i, j] = matrix[j, i] = True
    return matrix


_NEIGHBOURS = _neighbours()


def _vertices(piece: Surface, material: int, body: list[Capsule]) -> Floats:
    """Lay out the vertices of a piece for the person program."""
    if material in {HAIR, CAP}:
        weights = np.zeros((len(piece.vertices_m), len(BONES)), np.float32)
        weights[:, BONE_INDEX["head"]] = 1.0
    else:
        weights = bone_weights(piece.vertices_m, body)
    index = np.argsort(-weights, axis=1)[:, :4]
    share = np.take_along_axis(weights, index, axis=1)
    share /= np.maximum(share.sum(axis=1, keepdims=True), 1e-9)
    kind = np.full(len(piece.vertices_m), material, np.float32)
    columns = (piece.vertices_m, piece.normals, kind[:, None])
    return np.hstack([*columns, piece.openness[:, None], index, share]).astype(
        np.float32
    )


def _trunk_and_limbs(
    body: list[Capsule], garments: list[Shell], cell_m: float
) -> Surface:
    """Mesh the body without head and hands, and leave out what clothes hide."""
    finer = {capsule.bone for capsule in part_of(body, "head", "hand", "toes")}
    piece = surface([c for c in body if c.bone not in finer], cell_m=cell_m)
    x, y, z = piece.vertices_m.T
    hidden = np.zeros(len(x), bool)
    for garment in garments:
        if garment.material in {HAIR, CAP}:
            continue
        depth = 0.3 * _COVERED_M if garment.material == SHOES else _COVERED_M
        hidden |= garment.crop(x, y, z) < -depth
    return piece._replace(triangles=piece.triangles[~hidden[piece.triangles].all(1)])


def _face(body: list[Capsule], cell_m: float) -> Surface:
    head = part_of(body, "head")
    low, high = bounds(head)
    neck = part_of(body, "neck")
    low = low - np.array([0.0, 0.03, 0.0], np.float32)
    face = surface([*head, *neck], cell_m=cell_m, blend_m=0.006, within_m=(low, high))
    # The hollows of a face are shallow: creases of this size would look like dirt.
    return face._replace(openness=0.65 + 0.35 * face.openness)


def _hand(body: list[Capsule], side: str, cell_m: float) -> Surface:
    """Mesh a hand with the end of its forearm."""
    hand, wrist = part_of(body, f"{side}_hand"), part_of(body, f"{side}_forearm")
    return surface([*hand, *wrist], cell_m=cell_m, blend_m=0.004, within_m=bounds(hand))


def _choices(hands: list[Ints]) -> dict[Hands, tuple[Ints, Ints]]:
    """Pair left and right hands, given open and closed, the left ones first."""
    left_open, left_fist, right_open, right_fist = hands
    return {
        "open": (left_open, right_open),
        "fist": (left_fist, right_fist),
        "left_fist": (left_fist, right_open),
        "right_fist": (left_open, right_fist),
    }
