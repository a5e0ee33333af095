"""`biomech compare`: sessions of one athlete, or athletes, side by side."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands import options

if TYPE_CHECKING:
    import polars as pl


def compare(
    sessions: Annotated[
        list[Path],
        typer.Argument(
            help="Folders of runs, or files of single clips in them; the first is "
            "what the others are compared with."
        ),
    ],
    *,
    athlete: Annotated[
        list[str] | None,
        typer.Option(help="Only this athlete; several compare them within one run."),
    ] = None,
    activity: Annotated[
        str | None, typer.Option(help="Only clips of this activity.")
    ] = None,
    track: Annotated[
        int | None, typer.Option(help="Which person, where clips hold several.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The page; by default compare.html here."),
    ] = None,
    language: Annotated[str, typer.Option(help="Of the page: en or de.")] = "en",
    as_json: options.Json = False,
) -> None:
    """Say which metrics differ by more than their errors; write a page.

    Example: biomech compare monday friday
    """
    from biomech.errors import ConfigError
    from reports.comparison import changes
    from reports.comparison_page import write_comparison
    from reports.sessions import read_session, told_apart

    names: list[str | None] = [*athlete] if athlete else [None]
    read = told_apart(
        [
            read_session(path, athlete=name, activity=activity, track=track)
            for path in sessions
            for name in names
        ]
    )
    if len(read) < 2:
        msg = "comparing needs two sessions or more: two paths, or --athlete twice"
        raise ConfigError(msg)
    path = write_comparison(read, out or Path("compare.html"), language=language)
    parts = [(other.label, changes(read[0].pooled, other.pooled)) for other in read[1:]]
    if as_json:
        found = {label: table.to_dicts() for label, table in parts}
        document = {"first": read[0].label, "page": str(path), "changes": found}
        typer.echo(json.dumps(document, indent=2))
        return
    for label, table in parts:
        typer.echo(_told(read[0].label, label, table))
    typer.echo(str(path))


def _told(first: str, label: str, table: "pl.DataFrame") -> str:
    """Say in lines what changed."""
    from pipelines.progress import printable
    from reports.comparison import flagged

    sure = flagged(table)
    n = table["difference"].count()
    head = f"{label} against {first}: {sure.height} of {n} metrics beyond their errors"
    lines = [
        f"  {row['verdict']:6} {row['metric']} {row['side'] or ''}".rstrip()
        + f": {row['before_value']:.4g} to {row['after_value']:.4g} {row['unit']}"
        f" (detectable {row['mdc']:.2g})"
        for row in sure.iter_rows(named=True)
    ]
    return "\n".join(printable(line) for line in (head, *lines))
