"""Stamps: which settings and inputs a finished file was made from.

A Parquet file carries its digest in the footer, a video in its comment, a page in a
last line that browsers do not show. A file without the right stamp is not finished.
"""

from pathlib import Path

import av

from biomech.errors import FormatError
from biomech.io.parquet import read_meta

_LINE = "<!-- biomech {} -->\n"
#: Bytes at the end of a page that surely hold the stamp.
_TAIL = 200


def read_stamp(path: Path, /) -> str | None:
    """Read the digest from a result.

    Parameters
    ----------
    path
        A file of a run, which need not exist.

    Returns
    -------
    The digest; None if there is no such file, it is damaged or has no stamp.
    """
    if not path.is_file():
        return None
    match path.suffix:
        case ".parquet":
            return _of_table(path)
        case ".mp4":
            return _of_video(path)
        case _:
            return _of_page(path)


def stamp_page(path: Path, digest: str, /) -> None:
    """Append the stamp to a page; the last thing done to it.

    Parameters
    ----------
    path
        An HTML file.
    digest
        What to write.
    """
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" + _LINE.format(digest))


def _of_table(path: Path) -> str | None:
    try:
        found = read_meta(path).get("digest")
    except FormatError:
        return None
    return str(found) if found else None


def _of_video(path: Path) -> str | None:
    try:
        with av.open(str(path)) as container:
            comment: str | None = container.metadata.get("comment")
            return comment
    except av.error.FFmpegError:
        return None


def _of_page(path: Path) -> str | None:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        last = file.read().decode("utf-8", errors="replace").splitlines()[-1:]
    before, after = _LINE.strip().split("{}")
    line = last[0] if last else ""
    if line.startswith(before) and line.endswith(after):
        return line[len(before) : -len(after)]
    return None
