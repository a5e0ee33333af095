"""Printing the pages of a run."""

import sys
from pathlib import Path

from pipelines.jobs import OutFolder
from pipelines.progress import printable
from reports.pdf import PrintError, write_pdf


def print_pages(out: Path, /) -> int:
    """Print every clip page of a run as PDF, beside the page.

    Parameters
    ----------
    out
        The folder of the run.

    Returns
    -------
    The exit code: 1 if a page could not be printed.
    """
    folder = OutFolder(out)
    pages = sorted(p for p in folder.index.parent.glob("*.html") if p != folder.index)
    for page in pages:
        try:
            write_pdf(page)
        except PrintError as error:
            sys.stderr.write(printable(f"error: {error}") + "\n")
            return 1
    sys.stderr.write(f"{len(pages)} pages printed in {folder.index.parent}\n")
    return 0
