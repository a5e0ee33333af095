"""`biomech train`: adapt a pose model to footage of one's own."""

from pathlib import Path
from typing import Annotated

import typer


def train(
    *,
    data: Annotated[
        Path,
        typer.Option(
            help="COCO keypoints .json, or an ultralytics folder (data.yaml)."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder to make; appears when done.")],
    base: Annotated[
        str | None, typer.Option(help="Model to start from: a name or a .pt file.")
    ] = None,
    images: Annotated[
        Path | None, typer.Option(help="COCO: folder of the pictures.")
    ] = None,
    epochs: Annotated[
        int, typer.Option(help="Passes over the pictures, at most.")
    ] = 100,
    patience: Annotated[
        int, typer.Option(help="Stop after so many passes without progress.")
    ] = 20,
    imgsz: Annotated[
        int | None, typer.Option(help="Network input in pixels; default the base's.")
    ] = None,
    batch: Annotated[int, typer.Option(help="Pictures per step.")] = 16,
    held_out: Annotated[
        float, typer.Option(help="Least share of the pictures to judge by.")
    ] = 0.2,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")] = "auto",
) -> None:
    """Train a pose model further on labelled pictures of your own cameras.

    The data set is checked first, whole videos are held out, and the new weights are
    scored on them beside the old ones. Example: biomech train --data labels.json
    --base yolo26n-pose --out clubhouse
    """
    from pipelines.training.finetune import FineTuning, fine_tune

    how = FineTuning(
        epochs=epochs,
        patience=patience,
        imgsz=imgsz,
        batch_size=batch,
        held_out_share=held_out,
        device=device,
    )
    result = fine_tune(data, out, base=base, images=images, how=how)
    typer.echo((out / "report.md").read_text("utf-8"))
    typer.echo(f"use it with: biomech run VIDEO --out OUT --model {result.weights}")
