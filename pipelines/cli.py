"""The console command: one module per command in `pipelines.commands`.

Command modules import Typer at the top and everything heavy inside the function, so
that ``biomech --help`` answers at once.
"""

import sys

import typer

from pipelines.commands.explain import explain

app = typer.Typer(
    name="biomech",
    help="Turn sports video into biomechanics: offline, in batches, resumable.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.callback()
def _group() -> None:
    """Turn sports video into biomechanics: offline, in batches, resumable."""


app.command()(explain)


def main() -> None:
    """Run the command line; a user's mistake is one line, exit code 2."""
    try:
        app()
    except (ValueError, OSError, RuntimeError) as error:
        # Every BiomechError is one of these; its module costs an import of polars.
        from biomech.errors import BiomechError

        if not isinstance(error, BiomechError):
            raise
        typer.echo(f"error: {error}", err=True)
        sys.exit(2)
