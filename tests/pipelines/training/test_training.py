from dataclasses import replace

import numpy as np
import pytest
import torch

from biomech.errors import ConfigError, ModelError
from biomech.skeletons import HALPE26
from pipelines.matching import sigmas_of
from pipelines.models import load_model
from pipelines.models.trust import trust
from pipelines.training.batches import Source
from pipelines.training.loop import train
from pipelines.training.network import (
    KeypointDistance,
    load_into,
    new_network,
    save_weights,
)
from pipelines.training.pictures import write_shard
from pipelines.training.trainee import Recipe

NAMES = HALPE26.keypoints
TINY = Recipe(n_pictures=8, batch_size=4, sizes_px=((64, 96),), warm_up_steps=1)


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    rng = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("pictures")
    keypoints = np.column_stack([rng.uniform(20, 44, (26, 2)), np.full(26, 2)])
    person = {"box": [18.0, 8.0, 46.0, 56.0], "keypoints": keypoints}
    image = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
    write_shard(folder / "some", [(image, [person])] * 4)
    return folder


def test_the_loss_of_an_error_of_one_spread_is_that_of_the_formula():
    sigmas = torch.tensor([0.05, 0.10])
    area = torch.tensor([[100.0]])
    true = torch.zeros(1, 2, 2)
    found = torch.zeros(1, 2, 2)
    found[0, :, 0] = 2 * sigmas * 10.0

    loss = KeypointDistance(sigmas)(found, true, torch.ones(1, 2), area)

    expected = (1 - np.exp(-0.5) + np.log(5) / 2) / 2
    assert float(loss) == pytest.approx(expected, rel=1e-4)


def test_keypoints_without_a_label_do_not_count():
    sigmas = torch.tensor([0.05, 0.10])
    found = torch.tensor([[[0.0, 0.0], [99.0, 99.0]]])

    loss = KeypointDistance(sigmas)(
        found, torch.zeros(1, 2, 2), torch.tensor([[1.0, 0.0]]), torch.tensor([[100.0]])
    )

    assert float(loss) == 0.0


def test_the_step_size_warms_up_stays_and_falls():
    recipe = Recipe(
        peak_rate=1.0, warm_up_steps=10, decay_share=0.5, final_rate_share=0.1
    )

    assert recipe.rate(0.0, 0) == pytest.approx(0.1)
    assert recipe.rate(0.3, 100) == pytest.approx(1.0)
    assert recipe.rate(0.75, 100) == pytest.approx(0.55)
    assert recipe.rate(1.0, 100) == pytest.approx(0.1)


def test_a_network_of_17_keypoints_is_extended_from_their_neighbours(tmp_path):
    coco = new_network("yolo11n-pose.yaml", keypoints=NAMES[:17])
    save_weights(coco, tmp_path / "coco.pt", imgsz=64)
    network = new_network("yolo11n-pose.yaml")

    load_into(network, tmp_path / "coco.pt")

    bias = network.model[-1].cv4[0][-1].bias.reshape(26, 3)
    ankle, heel = (bias[NAMES.index(f"left_{part}")] for part in ("ankle", "heel"))
    assert torch.equal(ankle, heel)
    old = coco.model[-1].cv4[0][-1].bias.half().float().reshape(17, 3)
    assert torch.equal(bias[:17], old)


def test_missing_weights_to_start_from_are_an_error(tmp_path):
    with pytest.raises(ModelError, match=r"there are no weights"):
        load_into(new_network(), tmp_path / "nothing.pt")


def test_trained_weights_open_as_a_pose_model_of_26_keypoints(
    pictures, tmp_path, monkeypatch
):
    monkeypatch.setenv("BIOMECH_CONFIG", str(tmp_path / "config"))
    monkeypatch.setenv("BIOMECH_CACHE", str(tmp_path / "cache"))

    weights = train([Source(pictures)], tmp_path / "run", recipe=TINY, device="cpu")
    trust(weights)
    model = load_model(weights, engine="torch", imgsz=64)
    found = model([np.zeros((64, 64, 3), np.uint8)])
    model.close()

    assert weights.stat().st_size < 8e6
    assert model.skeleton.keypoints == NAMES
    assert found[0].keypoints.shape[1:] == (26, 3)


def test_training_goes_on_where_it_stopped(pictures, tmp_path):
    out = tmp_path / "run"
    train([Source(pictures)], out, recipe=TINY, device="cpu")

    train(
        [Source(pictures)],
        out,
        recipe=replace(TINY, n_pictures=12),
        resume=True,
        device="cpu",
    )

    n_steps, n_seen, _ = torch.load(out / "state.pt", weights_only=True)["counters"]
    assert (n_steps, n_seen) == (3, 12)


def test_frozen_layers_stay_as_they_were(pictures, tmp_path):
    save_weights(new_network(), tmp_path / "start.pt", imgsz=64)

    train(
        [Source(pictures)],
        tmp_path / "run",
        recipe=replace(TINY, n_frozen=2),
        start=tmp_path / "start.pt",
        device="cpu",
    )

    before, after = (
        torch.load(path, weights_only=False)["model"].state_dict()
        for path in (tmp_path / "start.pt", tmp_path / "run" / "weights.pt")
    )
    same = {
        name.split(".")[1] for name in before if torch.equal(before[name], after[name])
    }
    frozen = [name for name in before if name.startswith(("model.0.", "model.1."))]
    assert all(torch.equal(before[name], after[name]) for name in frozen)
    assert not torch.equal(before["model.5.conv.weight"], after["model.5.conv.weight"])
    assert {"0", "1"} <= same


def test_a_damaged_state_is_refused(pictures, tmp_path):
    out = tmp_path / "run"
    out.mkdir()
    torch.save({"network": {}}, out / "state.pt")

    with pytest.raises(ModelError, match=r"cannot resume"):
        train([Source(pictures)], out, recipe=TINY, resume=True, device="cpu")


def test_sizes_take_turns_and_small_pictures_come_in_larger_batches():
    recipe = Recipe(batch_size=8, sizes_px=((64, 96), (128, 192)))

    portions = [recipe.portion(step, 2) for step in range(3)]

    assert portions == [(16, (64, 96)), (4, (128, 192)), (16, (64, 96))]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sizes_px": ((100, 64),)}, r"100 x 64 px: not multiples of 32"),
        ({"n_pictures": 2}, r"less than one batch"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(pictures, tmp_path, changes, message):
    with pytest.raises(ConfigError, match=message):
        train([Source(pictures)], tmp_path, recipe=replace(TINY, **changes))


@pytest.mark.slow
def test_two_processes_learn_as_one(pictures, tmp_path):
    weights = train(
        [Source(pictures)], tmp_path, recipe=TINY, device="cpu", n_processes=2
    )

    counters = torch.load(tmp_path / "state.pt", weights_only=True)["counters"]
    assert weights.exists()
    assert counters[:2] == (2, 8)


def test_spreads_are_those_of_coco():
    # cocodataset.org, keypoint evaluation: k = 2 sigma.
    assert sigmas_of(("nose", "left_shoulder", "right_ankle")) == [0.026, 0.079, 0.089]
