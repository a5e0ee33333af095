"""The console command: one module per command in `pipelines.commands`.

Command modules import Typer at the top and everything heavy inside the function, so
that ``biomech --help`` answers at once.
"""

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from pipelines.commands.analyze import analyze
from pipelines.commands.compare import compare
from pipelines.commands.doctor import doctor
from pipelines.commands.evaluate import evaluate
from pipelines.commands.explain import explain
from pipelines.commands.export import export
from pipelines.commands.formats import formats
from pipelines.commands.import_ import import_files
from pipelines.commands.info import info
from pipelines.commands.models import models
from pipelines.commands.pose import pose
from pipelines.commands.report import report
from pipelines.commands.run import run
from pipelines.commands.status import status
from pipelines.commands.team import team
from pipelines.commands.train import train
from pipelines.commands.validate import validate

app = typer.Typer(
    name="biomech",
    help="Turn sports video into biomechanics: offline, in batches, resumable.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - as Typer calls it
    if wanted:
        from biomech.io.parquet import producer

        typer.echo(producer())
        raise typer.Exit


@app.callback()
def _group(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="Show the version."
        ),
    ] = False,
) -> None:
    """Turn sports video into biomechanics: offline, in batches, resumable."""


_COMMANDS: tuple[Callable[..., None], ...] = (
    *(compare, team),
    *(run, pose, analyze, report, status, info, explain, doctor, export, formats),
    *(evaluate, train, validate),
)
for command in _COMMANDS:
    app.command()(command)
app.command("import")(import_files)
app.add_typer(models, name="models")


def main() -> None:
    """Run the command line; a user's mistake is one line, exit code 2."""
    try:
        app()
    except (ValueError, OSError, RuntimeError) as error:
        # Every BiomechError is one of these; its module costs an import of polars.
        from biomech.errors import BiomechError

        if not isinstance(error, BiomechError | OSError):
            raise
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
