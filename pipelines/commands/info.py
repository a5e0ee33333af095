"""`biomech info`: what a video or a table holds."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands import options


def info(
    path: Annotated[Path, typer.Argument(help="A video, or a Parquet file of a run.")],
    *,
    as_json: options.Json = False,
) -> None:
    """Tell what a video or a table holds, and where a table came from.

    Example: biomech info run.mp4
    """
    from pipelines.description import describe
    from pipelines.legible import legible
    from pipelines.progress import printable

    found = describe(path)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for line in legible(found):
        typer.echo(printable(line))
