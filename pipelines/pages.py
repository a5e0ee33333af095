"""The report stage: the page of a clip, and the page that lists all clips."""

from pipelines.jobs import OutFolder
from pipelines.stamps import stamp_page
from pipelines.tasks import Task
from reports.html import write_clip_report
from reports.index import write_index


def write_report(task: Task) -> None:
    """Write the page of a clip from its tables.

    Parameters
    ----------
    task
        The stage to run.
    """
    job = task.job
    settings = job.config.report
    path = write_clip_report(
        job.out.root, job.clip_id, language=settings.language, embed=settings.embed
    )
    stamp_page(path, task.digest)


def write_list(out: OutFolder, /, *, language: str) -> None:
    """Write the page that lists the clips of a run.

    Parameters
    ----------
    out
        The folder of the run.
    language
        Of its words.
    """
    write_index(out.root, language=language)
