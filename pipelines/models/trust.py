"""Which weights may be loaded: a ``.pt`` file is a program that runs when opened."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from biomech.errors import ModelError
from pipelines.files import sha256_of
from pipelines.models.places import config_dir

#: Suffixes whose loading can run code of the file's author: Python pickles, and
#: TensorRT plans, which may carry host code.
CODE_SUFFIXES = (".pt", ".engine")


@dataclass(frozen=True)
class Trusted:
    """A file whose content the user has vouched for, wherever a copy lies."""

    sha256: str
    name: str


def trusted_files() -> list[Trusted]:
    """List the files that the user has trusted.

    Returns
    -------
    One entry per digest, in the order of trusting.

    Raises
    ------
    ModelError
        If the list on disk is damaged.
    """
    path = _store()
    if not path.exists():
        return []
    try:
        entries = json.loads(path.read_text("utf-8"))
        return [Trusted(sha256=e["sha256"], name=e["name"]) for e in entries]
    except (ValueError, TypeError, KeyError) as error:
        msg = f"{path} is damaged ({error}); delete it and trust your files again"
        raise ModelError(msg) from error


def trust(path: Path, /) -> Trusted:
    """Allow a file to be loaded from now on, by its SHA-256.

    Parameters
    ----------
    path
        Weights that the user knows to be harmless.

    Returns
    -------
    What was noted. Trusting a file twice changes nothing.

    Raises
    ------
    ModelError
        If there is no such file, or none that needs trust.
    """
    if not path.is_file():
        msg = f"cannot trust {path}: there is no such file"
        raise ModelError(msg)
    if path.suffix.lower() not in CODE_SUFFIXES:
        msg = f"only {' and '.join(CODE_SUFFIXES)} can carry code, not {path.name}"
        raise ModelError(msg)
    entry = Trusted(sha256=sha256_of(path), name=path.name)
    entries = trusted_files()
    if all(e.sha256 != entry.sha256 for e in entries):
        _save([*entries, entry])
    return entry


def require_trust(path: Path, /, *, sha256: str, known: frozenset[str]) -> None:
    """Refuse weights that could run a stranger's code.

    Parameters
    ----------
    path
        The file that is to be loaded.
    sha256
        Its digest.
    known
        Digests that need no asking: shipped weights and official downloads.

    Raises
    ------
    ModelError
        If the file can carry code, and neither we nor the user vouched for it.
    """
    if path.suffix.lower() not in CODE_SUFFIXES or sha256 in known:
        return
    if any(entry.sha256 == sha256 for entry in trusted_files()):
        return
    msg = (
        f"{path} was not loaded: a {path.suffix} file can run any program when it is "
        f"opened, and this one (sha256 {sha256[:16]}...) is not among those you trust. "
        f"If you know where it comes from, run: biomech models trust {path}"
    )
    raise ModelError(msg)


def _store() -> Path:
    return config_dir() / "trusted.json"


def _save(entries: list[Trusted]) -> None:
    """Write the list so that a reader never sees half of it."""
    path = _store()
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    plain = [{"sha256": e.sha256, "name": e.name} for e in entries]
    part.write_text(json.dumps(plain, indent=1), "utf-8")
    part.replace(path)
