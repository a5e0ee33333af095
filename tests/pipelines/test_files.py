import os

import numpy as np
import pytest

from biomech.errors import VideoError
from pipelines.encoding import write_video
from pipelines.files import clip_id_of, find_videos, replacing
from pipelines.stamps import read_stamp, stamp_page
from pipelines.video import VideoFrame


def touch(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_folders_are_searched_at_every_depth_for_videos_only(tmp_path):
    touch(tmp_path, "b.MOV", "a/c.mp4", "notes.txt", ".hidden.mp4", ".git/x.mp4")

    found = find_videos([tmp_path], out=tmp_path / "out")

    assert [str(f.relative_to(tmp_path)) for f in found] == ["a/c.mp4", "b.MOV"]


def test_a_file_named_twice_is_found_once(tmp_path):
    touch(tmp_path, "a.mp4")

    assert len(find_videos([tmp_path, tmp_path / "a.mp4"], out=tmp_path / "o")) == 1


def test_a_named_file_may_have_any_suffix(tmp_path):
    touch(tmp_path, "a.dat")

    assert find_videos([tmp_path / "a.dat"], out=tmp_path / "o") == [tmp_path / "a.dat"]


@pytest.mark.parametrize("name", ["empty", "missing"])
def test_no_video_at_all_is_an_error(tmp_path, name):
    (tmp_path / "empty").mkdir()

    with pytest.raises(VideoError, match=name):
        find_videos([tmp_path / name], out=tmp_path / "o")


def test_names_of_clips_are_safe_and_short_in_bytes(tmp_path):
    path = tmp_path / ("𠀋" * 60 + ".mp4")

    name = clip_id_of(path, "ab" * 32)

    assert name.endswith("-ababababab")
    assert len(f"{name}.parquet.part".encode()) <= 255


def test_a_name_without_a_letter_is_still_a_name(tmp_path):
    assert clip_id_of(tmp_path / "!!!.mp4", "0123456789abcdef") == "clip-0123456789"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path):
    path = tmp_path / "a" / "b.txt"
    with replacing(path) as part:
        part.write_text("one")

    def fail():
        with replacing(path) as part:
            part.write_text("two")
            raise OSError(28, os.strerror(28))

    with pytest.raises(OSError, match="space"):
        fail()
    assert path.read_text() == "one"
    assert list(path.parent.iterdir()) == [path]


def test_a_page_shows_its_stamp_only_to_us(tmp_path):
    path = tmp_path / "a.html"
    path.write_text("<html></html>", encoding="utf-8")

    before = read_stamp(path)
    stamp_page(path, "abc")

    assert before is None
    assert read_stamp(path) == "abc"


def test_a_video_carries_its_stamp(tmp_path, make_video):
    black = VideoFrame(0, 0.0, np.zeros((4, 4, 3), np.uint8))
    write_video(tmp_path / "a.mp4", [black], rate=30, comment="abc")

    assert read_stamp(tmp_path / "a.mp4") == "abc"
    assert read_stamp(make_video("plain.mp4")) is None


@pytest.mark.parametrize("name", ["a.parquet", "a.mp4", "a.html"])
@pytest.mark.parametrize("content", [b"", b"\xff\x00 nonsense"])
def test_damaged_results_have_no_stamp(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)

    assert read_stamp(tmp_path / name) is None
    assert read_stamp(tmp_path / f"missing-{name}") is None
