"""`biomech export`: tables of a run for other programs."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands import options


def export(
    run: options.Run,
    *,
    file_format: Annotated[
        str, typer.Option("--format", help="trc, mot, csv or xlsx.")
    ] = "csv",
    to: Annotated[
        Path | None, typer.Option(help="Folder for the files; by default RUN/exports.")
    ] = None,
    table: Annotated[
        list[str] | None, typer.Option(help="A table; may be given several times.")
    ] = None,
    long: Annotated[
        bool, typer.Option("--long", help="For csv: poses with a row per keypoint.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Write poses as TRC, curves as MOT, and any table as CSV or Excel.

    Example: biomech export season --format xlsx
    """
    from pipelines.exporting import export_run
    from pipelines.progress import printable

    files = []
    for path in export_run(
        run,
        file_format=file_format,
        to=to or run / "exports",
        tables=tuple(table or ()),
        long=long,
    ):
        files.append(str(path))
        if not as_json:
            typer.echo(printable(str(path)))
    if as_json:
        typer.echo(json.dumps(files, indent=2))
