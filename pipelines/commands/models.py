"""`biomech models`: what there is, fetching, trusting."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]

models = typer.Typer(
    help="List, fetch and trust pose models.",
    rich_markup_mode=None,
    invoke_without_command=True,
)


@models.callback(invoke_without_command=True)
def list_models(context: typer.Context, *, as_json: Json = False) -> None:
    """List, fetch and trust pose models.

    Without a command, list the models that can be named and say which are on this
    computer. Example: biomech models
    """
    if context.invoked_subcommand is not None:
        return
    rows = _rows()
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        state = "here" if row["is_here"] else "-"
        typer.echo(f"{row['name']:18} {state:5} {row['licence']:18} {row['path']}")


@models.command()
def get(
    name: Annotated[str, typer.Argument(help="Name of a model; see biomech models.")],
    *,
    sha256: Annotated[
        str | None, typer.Option(help="Digest that the file must have.")
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Fetch it even if it is here.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Fetch a model, going on where a broken attempt ended.

    Example: biomech models get yolo26n-pose
    """
    from pipelines.models import get_model

    source = get_model(name, sha256=sha256, force=force, progress=_progress())
    typer.echo("", err=True)
    _tell(
        {"name": source.name, "path": str(source.path), "sha256": source.sha256},
        as_json=as_json,
    )


@models.command()
def trust(
    file: Annotated[Path, typer.Argument(help="Weights that you know to be harmless.")],
    *,
    as_json: Json = False,
) -> None:
    """Allow a file of weights to be loaded, wherever a copy of it lies.

    A .pt file can run any program when it is opened. Trust only what you made yourself
    or got from somebody you would run a program from.
    Example: biomech models trust best.pt
    """
    from pipelines.models.trust import trust as trust_file

    entry = trust_file(file)
    _tell({"name": entry.name, "sha256": entry.sha256}, as_json=as_json)


def _rows() -> list[dict[str, Any]]:
    """Describe every model that can be named, and what the user trusts."""
    from pipelines.models.places import weights_dir
    from pipelines.models.registry import DEMO_MODEL, OFFICIAL, SHIPPED
    from pipelines.models.trust import trusted_files

    official = [
        {
            "name": official.name,
            "is_here": (weights_dir() / official.file).exists(),
            "licence": official.licence,
            "path": str(weights_dir() / official.file),
            "url": official.url,
        }
        for official in OFFICIAL.values()
    ]
    shipped = {
        "name": DEMO_MODEL,
        "is_here": SHIPPED.exists(),
        "licence": "AGPL-3.0-or-later",
        "path": str(SHIPPED),
    }
    trusted = [
        {
            "name": entry.name,
            "is_here": True,
            "licence": "trusted",
            "path": f"sha256 {entry.sha256}",
        }
        for entry in trusted_files()
    ]
    return [shipped, *official, *trusted]


def _progress() -> Any:
    """Show how far a download is, once for every percent."""
    shown = -1

    def show(have: int, total: int | None) -> None:
        nonlocal shown
        now = 100 * have // total if total else have >> 20
        if now != shown:
            shown = now
            unit = "%" if total else "MB"
            typer.echo(f"\rfetching {now} {unit}", nl=False, err=True)

    return show


def _tell(facts: dict[str, str], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(facts, indent=2))
    else:
        typer.echo("  ".join(facts.values()))
