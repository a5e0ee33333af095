"""Files: found in folders, named by content, replaced whole or not at all."""

import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import filelock

from biomech.errors import ConfigError, VideoError
from biomech.io.source import named_clip

#: Suffixes of files that are taken for video in a folder; named files may have any.
VIDEO_SUFFIXES = frozenset(
    {".3gp", ".avi", ".flv", ".m2ts", ".m4v", ".mkv", ".mov", ".mp4", ".mpeg", ".mpg"}
    | {".mts", ".mxf", ".ogv", ".ts", ".webm", ".wmv", ".mjpeg", ".mjpg", ".h264"}
    | {".hevc"}
)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Write a file under another name and move it into place once it is complete.

    Parameters
    ----------
    path
        The file to make or to replace; its folder is made if need be.

    Yields
    ------
    Where to write. If the block raises, that file is removed and `path` is as before.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def make_folder(folder: Path, /) -> None:
    """Make a folder for results, if need be.

    Parameters
    ----------
    folder
        The folder of a run.

    Raises
    ------
    ConfigError
        If it is a file.
    """
    if folder.is_file():
        msg = f"results need a folder, and {str(folder)!r} is a file"
        raise ConfigError(msg)
    folder.mkdir(parents=True, exist_ok=True)


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Keep other runs out of a folder of results.

    Two runs at once would mix their pieces of a clip. The lock is the operating
    system's: it ends with this process, however that ends.

    Parameters
    ----------
    folder
        The folder of a run; made if need be.

    Raises
    ------
    ConfigError
        If another run writes there, or it is a file.
    """
    make_folder(folder)
    lock = filelock.FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        msg = f"another run writes to {folder}: wait for it, or choose another folder"
        raise ConfigError(msg) from None
    try:
        yield
    finally:
        lock.release()


def sha256_of(path: Path, /) -> str:
    """Digest a file, or the files of a folder with their names.

    Parameters
    ----------
    path
        A file, or a folder such as an OpenVINO model.

    Returns
    -------
    SHA-256 in hexadecimal. That of a folder covers the relative name and the content
    of each file, sorted by name.
    """
    if not path.is_dir():
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    digest = hashlib.sha256()
    for file_path in sorted(p for p in path.rglob("*") if p.is_file()):
        line = f"{file_path.relative_to(path).as_posix()}\0{sha256_of(file_path)}\n"
        digest.update(line.encode())
    return digest.hexdigest()


def clip_id_of(path: Path, sha256: str, /) -> str:
    """Name a clip: the file's stem made safe, and a short hash of the content.

    Letters and digits of any script stay; everything else becomes an underscore, so
    that the name is safe in paths, addresses and pages.

    Parameters
    ----------
    path
        The video file.
    sha256
        Hash of its content.

    Returns
    -------
    A name, the same wherever the file lies.

    Examples
    --------
    >>> clip_id_of(Path("My <b>run</b> 1.MP4"), "0123456789abcdef")
    'My_b_run_b_1-0123456789'
    """
    return named_clip(path.stem, sha256)


def find_videos(inputs: Iterable[str | Path], /, *, out: Path) -> list[Path]:
    """List the videos that some files and folders name.

    Parameters
    ----------
    inputs
        Video files, and folders that are searched at every depth. Hidden files and
        those with other suffixes than `VIDEO_SUFFIXES` are left out of folders.
    out
        The folder of results; nothing in it is an input.

    Returns
    -------
    Paths in the order of the inputs, sorted within folders, each once. A named file
    that does not exist stays, to fail by itself.

    Raises
    ------
    VideoError
        If none of the inputs exists, or nothing was found.
    """
    paths = [Path(given) for given in inputs]
    if not any(path.exists() for path in paths):
        msg = f"there is no file or folder {', '.join(repr(str(p)) for p in paths)}"
        raise VideoError(msg)
    found: dict[Path, Path] = {}
    for given in paths:
        for path in sorted(_walk(given, out.resolve())) if given.is_dir() else [given]:
            found.setdefault(path.resolve(), path)
    if not found:
        suffixes = " ".join(sorted(VIDEO_SUFFIXES))
        msg = f"no video in {', '.join(map(str, paths))}; looked for {suffixes}"
        raise VideoError(msg)
    return list(found.values())


def _walk(folder: Path, out: Path) -> Iterator[Path]:
    """Find video files below a folder, but for hidden ones and results."""
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        folders[:] = [
            name
            for name in folders
            if not name.startswith(".") and (here / name).resolve() != out
        ]
        yield from (
            here / name
            for name in names
            if Path(name).suffix.lower() in VIDEO_SUFFIXES and not name.startswith(".")
        )
