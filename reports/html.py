"""Tables of a run to pages. Nothing is loaded from outside.

Pages follow a strict content security policy: no network, no inline event handlers, one
script and one style sheet known by their hashes. Everything that comes from files,
names or settings is escaped.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import jinja2
from markupsafe import Markup

from biomech.schema import CYCLES
from reports.data import read_clip
from reports.figures import CYCLE_CURVES
from reports.numbers import decimal
from reports.page import page_of
from reports.words import words as catalogue


def write_clip_report(
    run: Path, clip_id: str, /, *, language: str = "en", embed: bool = False
) -> Path:
    """Write the page of one clip.

    Parameters
    ----------
    run
        The folder of the run.
    clip_id
        The clip.
    language
        Of the words: ``"en"`` or ``"de"``.
    embed
        Whether the page contains the video; otherwise it plays the one beside it.

    Returns
    -------
    The file: ``<run>/reports/<clip_id>.html``. The same tables give the same bytes.

    Raises
    ------
    FormatError
        If the run knows nothing of the clip.
    ConfigError
        If there is no such language.
    """
    data = read_clip(run, clip_id, columns={"cycles": [*CYCLES.columns, *CYCLE_CURVES]})
    page = page_of(data, catalogue(language), embed=embed)
    path = run / "reports" / f"{clip_id}.html"
    return write_page(
        path, "clip.html.j2", language=language, page=page, warnings=page.warnings
    )


def write_page(path: Path, template: str, /, *, language: str, **context: Any) -> Path:
    """Render a template and write it, whole or not at all.

    Parameters
    ----------
    path
        Where to; missing folders are made.
    template
        A file of ``reports/templates``.
    language
        Of the words.
    context
        What the template is given, besides words, style and script.

    Returns
    -------
    The path.

    Raises
    ------
    ConfigError
        If there is no such language.
    """
    style, script = _static("report.css"), _static("report.js")
    text = (
        _environment()
        .get_template(template)
        .render(
            language=language,
            words=catalogue(language),
            style=Markup(style),
            script=Markup(script),
            policy=_policy(script),
            **context,
        )
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)
    return path


def _policy(script: str) -> str:
    """Allow this script, pictures and video of the page, no more.

    Styles stand in the page and in the figures' attributes; they cannot load anything,
    because nothing may be loaded.
    """
    return (
        "default-src 'none'; img-src data:; media-src 'self' data: file:; "
        f"style-src 'unsafe-inline'; script-src '{_hash(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return "sha256-" + base64.b64encode(digest).decode()


@cache
def _static(name: str) -> str:
    return files("reports").joinpath("static", name).read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["svg"] = Markup  # figures are drawn here, with escaped titles
    environment.filters["decimal"] = decimal
    return environment
