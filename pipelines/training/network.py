"""The pose network of ultralytics, with this project's keypoints and loss."""

import copy
from pathlib import Path
from typing import Any

import torch

from biomech.errors import ModelError
from biomech.skeletons import HALPE26
from pipelines.files import replacing
from pipelines.matching import sigmas_of

#: Where an added keypoint starts from, when a network of COCO's 17 is extended.
_LIKE = {
    "head_top": ("nose",),
    "neck": ("left_shoulder", "right_shoulder"),
    "mid_hip": ("left_hip", "right_hip"),
    **{
        f"{side}_{part}": (f"{side}_ankle",)
        for side in ("left", "right")
        for part in ("big_toe", "small_toe", "heel")
    },
}


def new_network(
    architecture: str = "yolo11n-pose.yaml",
    /,
    *,
    keypoints: tuple[str, ...] = HALPE26.keypoints,
) -> Any:
    """Build an untrained pose network for one class, person.

    Parameters
    ----------
    architecture
        A pose architecture of ultralytics.
    keypoints
        Names, in the order of the output.
    """
    from ultralytics.cfg import get_cfg
    from ultralytics.nn.tasks import PoseModel
    from ultralytics.utils import DEFAULT_CFG

    shape = (len(keypoints), 3)
    network = PoseModel(architecture, ch=3, nc=1, data_kpt_shape=shape, verbose=False)
    network.args = get_cfg(DEFAULT_CFG)
    network.names = {0: "person"}
    network.nc = 1
    network.kpt_names = {0: list(keypoints)}
    network.kpt_oks_sigmas = sigmas_of(keypoints)
    return network


def load_into(network: Any, weights: Path, /) -> None:
    """Start a network from weights of the same architecture.

    A network of COCO's 17 keypoints is extended: every added point starts as a copy of
    its neighbour (the toes of the ankle, the neck of the shoulders).

    Parameters
    ----------
    network
        What `new_network` made; changed in place.
    weights
        A ``.pt`` file. It is unpickled: give only files whose origin you know.

    Raises
    ------
    ModelError
        If there is no such file, or the architectures differ.
    """
    if not weights.is_file():
        msg = f"there are no weights at {weights}"
        raise ModelError(msg)
    content = torch.load(weights, map_location="cpu", weights_only=False)
    known = content["model"].float().state_dict()
    wanted = network.state_dict()
    if set(known) != set(wanted):
        odd = sorted(set(known) ^ set(wanted))[:3]
        msg = f"{weights} is of another architecture: {odd} are not in both"
        raise ModelError(msg)
    with torch.no_grad():
        for name, values in wanted.items():
            _copy_common(values, known[name])
        if content["model"].kpt_shape[0] == 17 and network.model[-1].kpt_shape[0] == 26:
            _extend(network)


def _copy_common(target: torch.Tensor, source: torch.Tensor) -> None:
    """Copy the part that two tensors have in common; the rest stays."""
    if target.dim() == 0:
        target.copy_(source)
        return
    common = tuple(
        slice(min(a, b)) for a, b in zip(target.shape, source.shape, strict=True)
    )
    target[common] = source[common].to(target.dtype)


def _extend(network: Any) -> None:
    """Let each keypoint beyond COCO's 17 begin as the mean of its neighbours."""
    names = HALPE26.keypoints
    for branch in network.model[-1].cv4:
        last = branch[-1]
        for name, parents in _LIKE.items():
            at = 3 * names.index(name)
            rows = [3 * names.index(parent) for parent in parents]
            for values in (last.weight, last.bias):
                mean = sum(values[row : row + 3] for row in rows) / len(rows)
                values[at : at + 3] = mean


class KeypointDistance(torch.nn.Module):  # type: ignore[misc]
    """Loss of the keypoints: OKS, and a distance that never saturates.

    OKS alone, ``1 - exp(-z^2/2)`` with ``z`` the error over the spread allowed, gives
    no gradient to a limb that is far off, which is where a young network's limbs are.
    The Cauchy distance ``log(1 + (2z)^2) / 2`` reaches further and, unlike a plain
    distance, does not reward the middle between left and right when the network cannot
    tell them apart.

    Parameters
    ----------
    sigmas
        Spread per keypoint, in parts of the square root of the person's area.
    """

    def __init__(self, sigmas: torch.Tensor, /) -> None:
        super().__init__()
        self.sigmas = sigmas

    def forward(
        self,
        found: torch.Tensor,
        true: torch.Tensor,
        mask: torch.Tensor,
        area: torch.Tensor,
    ) -> torch.Tensor:
        """Average over people and their labelled keypoints."""
        squared = (found[..., :2] - true[..., :2]).pow(2).sum(dim=-1)
        z2 = squared / ((2 * self.sigmas).pow(2) * (area + 1e-9))
        near = 1 - torch.exp(-z2 / 2)
        far = torch.log1p(4 * z2) / 2
        balance = mask.shape[1] / (mask.sum(dim=1, keepdim=True) + 1e-9)
        return (balance * (near + far) / 2 * mask).mean()


def criterion_of(network: Any, /) -> Any:
    """Make the loss of a network, with this project's keypoint term."""
    criterion = network.init_criterion()
    criterion.keypoint_loss = KeypointDistance(criterion.keypoint_loss.sigmas)
    return criterion


def save_weights(network: Any, path: Path, /, *, imgsz: int) -> None:
    """Write weights that ``ultralytics.YOLO(path)`` opens, in half precision.

    Parameters
    ----------
    network
        What was trained; it is not changed.
    path
        The ``.pt`` file to make or to replace.
    imgsz
        Side of the input for which it shall be used, in pixels.
    """
    import ultralytics

    plain = copy.deepcopy(network).cpu().half().eval()
    plain.criterion = None
    plain.requires_grad_(requires_grad=False)
    content = {
        "epoch": -1,
        "best_fitness": None,
        "model": plain,
        "ema": None,
        "updates": None,
        "optimizer": None,
        "train_args": {"task": "pose", "imgsz": imgsz, "data": ""},
        "date": "",
        "version": ultralytics.__version__,
    }
    with replacing(path) as part:
        torch.save(content, part)
