"""Who may import whom, how fast, and that every public name is documented."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import biomech

ROOT = Path(biomech.__file__).resolve().parent.parent

FORBIDDEN = {
    "biomech": {
        *("cv2", "ultralytics", "torch", "ray", "typer", "matplotlib", "jinja2", "av"),
        *("pipelines", "reports", "openvino", "onnxruntime", "mediapipe"),
    },
    "biomech/kernels": {"polars"},
    "reports": {"pipelines", "torch", "ultralytics", "typer"},
}
#: Topic modules meet through tables, not through each other.
TOPICS = {
    *("gait", "running", "swing", "sequence", "jump", "repetitions", "speed"),
}


def imports_of(path: Path, *, top_level: bool = False) -> set[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level else list(ast.walk(tree))
    names: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {node.module, *(f"{node.module}.{a.name}" for a in node.names)}
    return names


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, check=False, capture_output=True, text=True, cwd=ROOT
    )


@pytest.mark.parametrize("folder", FORBIDDEN)
def test_layers_import_only_what_they_may(folder):
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for path in sorted((ROOT / folder).rglob("*.py"))
        for name in sorted(imports_of(path))
        if name.split(".")[0] in FORBIDDEN[folder]
    ]

    assert wrong == []


def test_topic_modules_do_not_import_each_other():
    wrong = [
        f"{topic} imports {name}"
        for topic in sorted(TOPICS)
        for path in (ROOT / "biomech").glob(f"{topic}.py")
        for name in imports_of(path)
        if name.removeprefix("biomech.").split(".")[0] in TOPICS - {topic}
        and name.startswith("biomech.")
    ]

    assert wrong == []


def test_importing_biomech_loads_nothing_heavy():
    code = (
        "import sys, biomech; "
        "heavy = {'cv2','torch','matplotlib','ultralytics','scipy.signal','av'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )

    found = run_python(code)

    assert found.stdout.strip() == "[]", found.stderr


def test_help_of_the_command_line_loads_nothing_heavy():
    code = (
        "import sys\n"
        "from pipelines import cli\n"
        "heavy = {'cv2','torch','matplotlib','polars','numpy','scipy','rich'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    found = run_python(code)

    assert found.stdout.strip() == "[]", found.stderr


def test_every_public_name_exists_and_has_a_docstring():
    missing = [n for n in biomech.__all__ if not hasattr(biomech, n)]
    silent = [
        n
        for n in biomech.__all__
        if callable(getattr(biomech, n, None)) and not getattr(biomech, n).__doc__
    ]

    assert missing == []
    assert silent == []
    assert list(biomech.__all__) == sorted(
        biomech.__all__, key=lambda n: (not n.isupper(), not n[0].isupper(), n)
    )


def test_no_module_is_longer_than_four_hundred_lines():
    long = {
        str(path.relative_to(ROOT)): n
        for folder in ("biomech", "pipelines", "reports", "sample_videos")
        for path in (ROOT / folder).rglob("*.py")
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }

    assert long == {}
