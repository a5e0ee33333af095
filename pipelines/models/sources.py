"""A file of weights that was found and may be opened."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class ModelSource:
    """Weights on disk, settled before anything heavy is imported.

    It can be sent to worker processes, so that a batch looks for its model once.

    Attributes
    ----------
    name
        The official name, or the stem of the file.
    path
        The file, or the folder of an OpenVINO model.
    sha256
        Digest of its content.
    is_demo
        Whether this is the shipped demonstration model.
    licence
        Licence of the weights, where it is known.
    note
        How it came to be chosen, where the user did not name it.
    """

    name: str
    path: Path
    sha256: str
    is_demo: bool = False
    licence: str | None = None
    note: str | None = None
