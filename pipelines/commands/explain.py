"""`biomech explain`: what a metric means."""

import json
from dataclasses import asdict
from typing import Annotated

import typer


def explain(
    metric: Annotated[
        str | None, typer.Argument(help="Id of a metric, such as cadence.")
    ] = None,
    *,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the card as JSON.")
    ] = False,
) -> None:
    """Explain a metric: unit, definition, sign, needs, source.

    Without a name, list all metrics. Example: biomech explain cadence
    """
    from biomech.definitions import DEFINITIONS, definition

    if metric is not None:
        card = definition(metric)
        typer.echo(json.dumps(asdict(card), indent=2) if as_json else str(card))
    elif as_json:
        typer.echo(json.dumps([asdict(c) for c in DEFINITIONS.values()], indent=2))
    else:
        for card in DEFINITIONS.values():
            typer.echo(f"{card.metric:32} {card.title}")
