"""`biomech validate`: how far the results are from the truth."""

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands import options


def validate(
    *,
    data: Annotated[
        Path, typer.Option(help="Folder of folders with motion capture and its truth.")
    ],
    out: options.Out,
    quick: Annotated[
        bool, typer.Option("--quick", help="One condition of each kind only.")
    ] = False,
    as_json: options.Json = False,
) -> None:
    """Measure motion capture with known events, in space and as a camera sees it.

    Writes validation.html and tables. Exit code 1 if a goal is missed.
    Example: biomech validate --data mocap --out validation
    """
    from pipelines.validation.run import validate

    def tell(done: int, of: int) -> None:
        if not as_json and sys.stderr.isatty():
            typer.echo(f"\r{done} of {of}", nl=done == of, err=True)

    found = validate(data, out=out, quick=quick, tell=tell)
    rows = found.goals.to_dicts()
    if as_json:
        document = {"page": str(found.page), "trials": found.n_trials, "goals": rows}
        typer.echo(json.dumps(document, indent=2))
    else:
        words = {True: "met", False: "MISSED", None: "no data"}
        for row in rows:
            reached = "" if row["reached"] is None else f"{row['reached']:.3g}"
            typer.echo(
                f"{words[row['is_met']]:8}{row['goal']:52} {reached} {row['unit']}"
            )
        typer.echo(str(found.page))
    if any(row["is_met"] is False for row in rows):
        raise typer.Exit(1)
