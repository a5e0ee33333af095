"""Every study of jumps, repetitions, throws and swings that a folder allows."""

from collections.abc import Callable, Iterator
from pathlib import Path

from biomech.errors import BiomechError
from pipelines.validation.golf import golf_studies
from pipelines.validation.jumps import jump_studies
from pipelines.validation.repetitions import repetition_studies
from pipelines.validation.study import Study
from pipelines.validation.throws import throw_studies
from pipelines.validation.trials import Skipped

_STUDIES: tuple[Callable[[Path], Iterator[Study | Skipped]], ...] = (
    jump_studies,
    repetition_studies,
    throw_studies,
    golf_studies,
)


def movement_studies(data: Path, /) -> Iterator[Study | Skipped]:
    """Measure every movement in a folder of folders.

    Parameters
    ----------
    data
        Holds one folder per laboratory.

    Yields
    ------
    Studies, and files that were left out with the reason.
    """
    for folder in sorted(p for p in data.iterdir() if p.is_dir()):
        for studies in _STUDIES:
            try:
                yield from studies(folder)
            except BiomechError as error:
                yield Skipped(folder.name, str(error))
