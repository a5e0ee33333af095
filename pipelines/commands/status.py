"""`biomech status`: what a run has done and what failed."""

import json

import typer

from pipelines.commands import options


def status(run: options.Run, *, as_json: options.Json = False) -> None:
    """Show how far a run is and what failed.

    Example: biomech status season
    """
    from pipelines.jobs import OutFolder
    from pipelines.progress import printable
    from pipelines.status import problems, summary

    manifest = OutFolder(run).manifest
    counts, failed = summary(manifest), problems(manifest)
    if as_json:
        document = {"stages": counts.to_dicts(), "failed": failed.to_dicts()}
        typer.echo(json.dumps(document, indent=2))
        return
    for row in counts.iter_rows(named=True):
        numbers = f"{row['done']:5} done {row['failed']:5} failed"
        waiting = row["blocked"] + row["pending"]
        typer.echo(f"{row['stage']:11}{numbers} {waiting:5} waiting")
    for row in failed.iter_rows(named=True):
        typer.echo(printable(f"{row['path']}: {row['stage']}: {row['error']}"))
