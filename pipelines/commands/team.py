"""`biomech team`: many athletes of one run side by side."""

import json
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands import options


def team(
    run: options.Run,
    *,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", help="The page; by default reports/team.html."),
    ] = None,
    language: Annotated[str, typer.Option(help="Of the page: en or de.")] = "en",
    as_json: options.Json = False,
) -> None:
    """Show everybody's key metrics and who stands out by more than the errors.

    Example: biomech team season
    """
    from pipelines.progress import printable
    from reports import team as table
    from reports.team_page import write_team

    sessions = table.read_team(run)
    path = write_team(sessions, out or run / "reports" / "team.html", language=language)
    rows = table.team(sessions)
    if as_json:
        typer.echo(json.dumps({"page": str(path), "team": rows.to_dicts()}, indent=2))
        return
    for row in rows.iter_rows(named=True):
        if row["standing"] in ("above", "below"):
            name = f"{row['athlete']}: {row['metric']} {row['side'] or ''}".rstrip()
            value = f"{row['value']:.4g} {row['unit']} {row['standing']} the usual"
            usual = f"{row['usual_low']:.4g} to {row['usual_high']:.4g}"
            typer.echo(printable(f"{name} {value} {usual}"))
    typer.echo(str(path))
