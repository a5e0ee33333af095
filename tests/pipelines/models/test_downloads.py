"""Downloads against a server of this computer that can be told to misbehave."""

import hashlib
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from biomech.errors import ModelError
from pipelines.models.downloads import download, published_sha256, reachable
from pipelines.models.registry import find_model, get_model

CONTENT = bytes(range(256)) * 4000
SHA256 = hashlib.sha256(CONTENT).hexdigest()


class Server(ThreadingHTTPServer):
    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = {"/yolo26n-pose.pt": CONTENT}
        self.etag = '"1"'
        self.break_after = None
        self.ranges = []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    def do_HEAD(self):
        self.send_response(200)
        self.end_headers()

    def do_GET(self):
        content = self.server.files.get(self.path)
        if content is None:
            self.send_error(404)
            return
        start = 0
        asked = self.headers.get("Range")
        self.server.ranges.append(asked)
        if asked and self.headers.get("If-Range") == self.server.etag:
            start = int(asked.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("ETag", self.server.etag)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start : self.server.break_after])

    def log_message(self, *args):
        pass


@pytest.fixture
def server(monkeypatch):
    for variable in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    with Server() as running:
        thread = threading.Thread(target=running.serve_forever, daemon=True)
        thread.start()
        yield running
        running.shutdown()


def test_file_arrives_whole_and_nothing_else_is_left(server, tmp_path):
    path = tmp_path / "weights" / "a.pt"
    steps = []

    found = download(
        f"{server.url}/yolo26n-pose.pt",
        path,
        progress=lambda have, total: steps.append((have, total)),
    )

    assert found == SHA256
    assert path.read_bytes() == CONTENT
    assert [p.name for p in path.parent.iterdir()] == ["a.pt"]
    assert steps[-1] == (len(CONTENT), len(CONTENT))


def test_broken_download_goes_on_where_it_ended(server, tmp_path):
    path = tmp_path / "a.pt"
    server.break_after = 300_000
    with pytest.raises(ModelError, match="has arrived is kept"):
        download(f"{server.url}/yolo26n-pose.pt", path)
    server.break_after = None

    download(f"{server.url}/yolo26n-pose.pt", path, sha256=SHA256)

    assert server.ranges == [None, "bytes=300000-"]
    assert path.read_bytes() == CONTENT


def test_file_that_changed_in_between_is_fetched_from_the_start(server, tmp_path):
    path = tmp_path / "a.pt"
    server.break_after = 300_000
    with pytest.raises(ModelError):
        download(f"{server.url}/yolo26n-pose.pt", path)
    server.break_after = None
    server.etag = '"2"'
    server.files["/yolo26n-pose.pt"] = CONTENT[::-1]

    download(f"{server.url}/yolo26n-pose.pt", path)

    assert path.read_bytes() == CONTENT[::-1]


def test_other_file_than_expected_is_not_kept(server, tmp_path):
    path = tmp_path / "a.pt"

    with pytest.raises(ModelError, match=f"expected {'0' * 64}"):
        download(f"{server.url}/yolo26n-pose.pt", path, sha256="0" * 64)

    assert not list(tmp_path.iterdir())


def test_missing_file_is_one_clear_line(server, tmp_path):
    with pytest.raises(ModelError, match="the server says 404"):
        download(f"{server.url}/absent.pt", tmp_path / "a.pt")


def test_digest_beside_the_file_is_read(server):
    server.files["/a.pt.sha256"] = f"{SHA256}  a.pt\n".encode()
    server.files["/b.pt.sha256"] = b"<html>not found</html>"

    assert published_sha256(f"{server.url}/a.pt") == SHA256
    assert published_sha256(f"{server.url}/b.pt") is None
    assert published_sha256(f"{server.url}/c.pt") is None


def test_official_model_is_fetched_once_and_needs_no_trusting(
    server, own_folders, monkeypatch
):
    monkeypatch.setenv("BIOMECH_WEIGHTS_URL", server.url)

    first = get_model("yolo26n-pose")
    again = find_model("yolo26n-pose.pt")

    assert first == again
    assert first.sha256 == SHA256
    assert first.licence == "AGPL-3.0"
    assert len([r for r in server.ranges if r is None]) == 1


def test_official_model_that_was_changed_on_disk_is_refused(
    server, own_folders, monkeypatch
):
    monkeypatch.setenv("BIOMECH_WEIGHTS_URL", server.url)
    get_model("yolo26n-pose").path.write_bytes(b"changed")

    with pytest.raises(ModelError, match="was not loaded"):
        find_model("yolo26n-pose")


def test_published_digest_is_enforced(server, own_folders, monkeypatch):
    monkeypatch.setenv("BIOMECH_WEIGHTS_URL", server.url)
    server.files["/yolo26n-pose.pt.sha256"] = b"0" * 64

    with pytest.raises(ModelError, match="not kept"):
        get_model("yolo26n-pose")


def test_default_is_fetched_where_its_server_answers(server, own_folders, monkeypatch):
    monkeypatch.setenv("BIOMECH_WEIGHTS_URL", server.url)

    assert find_model().name == "yolo26n-pose"


def test_server_that_answers_is_reachable(server):
    assert reachable(server.url)


def test_silent_server_costs_no_more_than_the_time_allowed():
    start = time.monotonic()

    # An address reserved for documentation: nobody answers.
    assert not reachable("http://192.0.2.1/", within_s=0.3)

    assert time.monotonic() - start < 1.0
