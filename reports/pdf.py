"""Pages to PDF, through a browser without a window where there is one."""

import os
import subprocess
import tempfile
from pathlib import Path
from shutil import which

from biomech.errors import BiomechError

#: Programs that can print a page, in the order in which they are looked for.
BROWSERS = (
    *("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"),
    *("chrome", "msedge"),
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
_OPTIONS = (
    *("--headless", "--disable-gpu", "--no-first-run", "--no-pdf-header-footer"),
    *("--disable-background-networking", "--disable-component-update"),
    *("--disable-sync", "--disable-extensions"),
)
_MOST_S = 120.0


class PrintError(BiomechError, RuntimeError):
    """A page could not be printed."""


def find_browser() -> str | None:
    """Find a browser that can print.

    Returns
    -------
    Its path; None if there is none.
    """
    return next((found for name in BROWSERS if (found := which(name))), None)


def write_pdf(page: Path, /, *, browser: str | None = None) -> Path:
    """Print a page as PDF, A4, beside itself.

    Parameters
    ----------
    page
        An HTML file.
    browser
        The program; by default the first of `BROWSERS` that is installed.

    Returns
    -------
    The PDF: the same name with another ending.

    Raises
    ------
    PrintError
        If there is no browser, or it fails or takes longer than two minutes.
    """
    program = browser or find_browser()
    if program is None:
        msg = (
            "a PDF needs a browser, and none was found; install Chromium or Google "
            "Chrome, or open the page in any browser and print it"
        )
        raise PrintError(msg)
    pdf = page.with_suffix(".pdf")
    with tempfile.TemporaryDirectory() as profile:
        part = Path(profile) / "page.pdf"
        command = [
            *(program, *_OPTIONS, f"--user-data-dir={profile}"),
            *_without_sandbox(),
            f"--print-to-pdf={part}",
            page.resolve().as_uri(),
        ]
        said = _run(command)
        if not part.is_file():
            msg = f"{program} did not print {page}: {said[-300:] or 'it said nothing'}"
            raise PrintError(msg)
        _place(part, pdf)
    return pdf


def _without_sandbox() -> tuple[str, ...]:
    """Say so where the sandbox cannot work: for the superuser, as in containers."""
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ("--no-sandbox",) if is_root else ()


def _run(command: list[str]) -> str:
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_MOST_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        msg = f"cannot print with {command[0]}: {error}"
        raise PrintError(msg) from error
    return done.stderr.strip()


def _place(part: Path, pdf: Path) -> None:
    """Put the file in place whole, also from another disk."""
    near = pdf.with_name(pdf.name + ".part")
    near.write_bytes(part.read_bytes())
    near.replace(pdf)
