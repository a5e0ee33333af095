import sys

import pytest

nbformat = pytest.importorskip("nbformat", reason="the notebook needs nbformat")
nbclient = pytest.importorskip("nbclient", reason="the notebook needs nbclient")
pytest.importorskip("ipykernel", reason="the notebook needs ipykernel")

#: What must be true in the end, for the season that the notebook makes itself.
TRUTH = """
speeds = dict(trend.select("athlete", "slope_m_s").iter_rows())
assert abs(speeds["Ada"] - 0.08) < 0.015 and abs(speeds["Ben"]) < 0.015, speeds
assert best["athlete"][0] == "Ada" and best["clip_id"][0] == "ada-04", best
assert abs(best["length_m"][0] - 1.584) < 0.06, best
assert asymmetric["clip_id"][0] == "cleo-01" and asymmetric["value"][0] < 0, asymmetric
assert {"speed", "stride_length"} <= set(changed["metric"]), changed
assert set(changed["verdict"]) == {"higher"}, changed
assert worst.set_index("athlete")["clip_id"]["Cleo"] == "cleo-01", worst
assert data["position"].dims == ("time", "space", "keypoint", "individual")
"""


@pytest.fixture(scope="module")
def notebook(root):
    path = root / "sample_videos" / "examples" / "season.ipynb"
    return nbformat.read(path, as_version=4)


def test_the_notebook_runs_and_finds_what_is_true(notebook, root, monkeypatch):
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager

    monkeypatch.delenv("BIOMECH_RUN", raising=False)
    kernel = AsyncKernelManager()
    # This interpreter, whatever kernels are installed.
    kernel._kernel_spec = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    )
    ours = nbformat.from_dict({**notebook})
    ours.cells = [*notebook.cells, nbformat.v4.new_code_cell(TRUTH)]

    client = nbclient.NotebookClient(
        ours, km=kernel, timeout=120, resources={"metadata": {"path": str(root)}}
    )
    done = client.execute()

    errors = [o for c in done.cells for o in c.get("outputs", []) if "ename" in o]
    assert errors == []


def test_the_notebook_is_shown_with_small_and_clean_outputs(notebook):
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    size = len(nbformat.writes(notebook))
    outputs = str([cell.outputs for cell in code])

    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    assert "image/" in outputs
    assert "Traceback" not in outputs
    assert "stderr" not in outputs
    assert size < 300_000
