"""Several one-thread processes that learn as one, on a machine without a GPU.

On processors two processes of one thread give up to three times the pictures per
second of one process of two threads, whose OpenMP threads wait for each other.
"""

from typing import Any, NamedTuple

import torch
import torch.distributed as dist


class Team(NamedTuple):
    """The processes that train together.

    Attributes
    ----------
    rank
        Number of this process; 0 writes files and speaks.
    size
        How many there are.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes and speaks."""
        return self.rank == 0


def join(team: Team, meeting_point: str, /) -> None:
    """Meet the other processes at a file.

    Parameters
    ----------
    team
        Who we are.
    meeting_point
        Path of a file that does not exist yet; all processes see it.
    """
    if team.size > 1:
        torch.set_num_threads(1)
        dist.init_process_group(
            "gloo",
            init_method=f"file://{meeting_point}",
            rank=team.rank,
            world_size=team.size,
        )


def leave(team: Team, /) -> None:
    """Part."""
    if team.size > 1:
        dist.destroy_process_group()


def share_gradients(network: Any, team: Team, /) -> None:
    """Replace each gradient by the mean of the team's."""
    if team.size == 1:
        return
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    flat = torch.cat([gradient.reshape(-1) for gradient in gradients])
    dist.all_reduce(flat)
    flat /= team.size
    start = 0
    for gradient in gradients:
        stop = start + gradient.numel()
        gradient.copy_(flat[start:stop].view_as(gradient))
        start = stop


def agree(value: float, team: Team, /) -> float:
    """Take the leader's value of a number."""
    if team.size == 1:
        return value
    shared = torch.tensor([value], dtype=torch.float64)
    dist.broadcast(shared, 0)
    return float(shared)
