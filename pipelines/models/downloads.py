"""Fetch weights: resumed after a break, checked, and visible only when complete."""

import contextlib
import http.client
import json
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from biomech.errors import ModelError
from pipelines.files import sha256_of

#: Longest silence of a server before we give up, in seconds.
SILENCE_S = 20.0
#: Longest wait for a first sign of life, in seconds.
REACH_S = 3.0
_CHUNK_BYTES = 1 << 18
_GITHUB_RELEASE = "https://github.com/{repo}/releases/download/{tag}/"
_GITHUB_API = "https://api.github.com/repos/{repo}/releases/tags/{tag}"

#: Told the bytes that are there and the bytes in all (None if unknown).
Progress = Callable[[int, int | None], None]


def reachable(url: str, *, within_s: float = REACH_S) -> bool:
    """Ask whether a server answers, without ever waiting longer than told.

    Parameters
    ----------
    url
        An address of the server.
    within_s
        Longest wait in seconds. The look-up of the name counts: it has no time limit
        of its own, so it happens in a thread that is left behind.

    Returns
    -------
    Whether any answer came, even a refusal.
    """
    answered = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(url, method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=within_s).close()
        except urllib.error.HTTPError:
            answered.set()
        except (OSError, http.client.HTTPException):
            return
        answered.set()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(within_s)
    return answered.is_set()


def published_sha256(url: str) -> str | None:
    """Look up the digest that the publisher states for a file.

    Parameters
    ----------
    url
        Address of the file. For a release on GitHub its interface is asked, otherwise
        the file ``<url>.sha256``.

    Returns
    -------
    SHA-256 in hexadecimal, or None if none is published or the server is silent.
    """
    if (release := _github_release(url)) is not None:
        listing, name = release
        assets = json.loads(_text(listing) or "{}").get("assets", [])
        digests = [a.get("digest") for a in assets if a.get("name") == name]
        stated = (digests[0] or "") if digests else ""
        return stated.removeprefix("sha256:") or None
    words = (_text(f"{url}.sha256") or "").split()
    return words[0].lower() if words and len(words[0]) == 64 else None


def download(
    url: str,
    path: Path,
    /,
    *,
    sha256: str | None = None,
    progress: Progress | None = None,
) -> str:
    """Fetch a file, going on where a broken attempt ended.

    The bytes gather in ``<path>.part``; the file takes its name when it is complete and
    its digest is right, so that a file that exists can be used.

    Parameters
    ----------
    url
        Where from.
    path
        Where to.
    sha256
        The digest that the file must have.
    progress
        Called as bytes arrive.

    Returns
    -------
    The file's SHA-256 in hexadecimal.

    Raises
    ------
    ModelError
        If the server cannot be reached, breaks off, or sends another file.
    """
    part = path.with_name(f"{path.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    try:
        _fetch(url, part, progress=progress)
    except urllib.error.HTTPError as error:
        msg = f"{url} is not to be had: the server says {error.code} {error.reason}"
        raise ModelError(msg) from error
    except (OSError, http.client.HTTPException) as error:
        raise ModelError(_offline(url, path, error)) from error
    found = sha256_of(part)
    if sha256 is not None and found != sha256.lower():
        part.unlink()
        msg = f"{url} came with sha256 {found}, expected {sha256}: not kept; try again"
        raise ModelError(msg)
    part.replace(path)
    return found


def _fetch(url: str, part: Path, *, progress: Progress | None) -> None:
    """Add to a partial file what is missing."""
    stamp = part.with_name(f"{part.name}.etag")
    have = part.stat().st_size if part.exists() else 0
    tag = stamp.read_text("utf-8") if stamp.exists() else ""
    headers = {"Accept-Encoding": "identity"}
    if have and tag:
        # Go on only with the very file that was begun.
        headers |= {"Range": f"bytes={have}-", "If-Range": tag}
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=SILENCE_S) as response:
        have = have if response.status == http.client.PARTIAL_CONTENT else 0
        stamp.write_text(_validator(response.headers), "utf-8")
        left = response.headers.get("Content-Length")
        total = have + int(left) if left else None
        with part.open("ab" if have else "wb") as file:
            while chunk := response.read(_CHUNK_BYTES):
                have += file.write(chunk)
                if progress is not None:
                    progress(have, total)
    if total is not None and have != total:
        msg = f"the connection broke after {have} of {total} bytes"
        raise http.client.HTTPException(msg)
    stamp.unlink()


def _validator(headers: http.client.HTTPMessage) -> str:
    """Name the version of a file: its strong tag, or else its date."""
    tag: str = headers.get("ETag", "")
    if tag and not tag.startswith("W/"):
        return tag
    date: str = headers.get("Last-Modified", "")
    return date


def _offline(url: str, path: Path, error: Exception) -> str:
    host = urllib.parse.urlsplit(url).netloc
    reason = getattr(error, "reason", None) or error
    return (
        f"could not fetch {path.name} from {host} ({reason}). What has arrived is kept "
        f"and continued next time. Without a connection, fetch {url} elsewhere, copy "
        "it here, and name the file with --model"
    )


def _github_release(url: str) -> tuple[str, str] | None:
    """Turn the address of a GitHub release file into that of its listing."""
    parts = urllib.parse.urlsplit(url).path.strip("/").split("/")
    if len(parts) != 6 or parts[2:4] != ["releases", "download"]:
        return None
    repo, tag, name = "/".join(parts[:2]), parts[4], parts[5]
    if not url.startswith(_GITHUB_RELEASE.format(repo=repo, tag=tag)):
        return None
    return _GITHUB_API.format(repo=repo, tag=tag), name


def _text(url: str) -> str | None:
    """Read a small text; None if it is not to be had."""
    with (
        contextlib.suppress(OSError, http.client.HTTPException, UnicodeDecodeError),
        urllib.request.urlopen(url, timeout=REACH_S) as response,
    ):
        text: str = response.read(4 << 20).decode()
        return text
    return None
