import wave
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest

from biomech.errors import VideoError
from pipelines.encoding import write_video
from pipelines.video import VideoFrame, frames, probe

LEVEL = 8
QUIET = {"x265-params": "log-level=none"}
TEN_BIT = {"pixel_format": "yuv420p10le"}


def numbers(read):
    """The number that each picture shows."""
    return [round(frame.image[-10:, -10:].mean() / LEVEL) for frame in read]


@pytest.mark.parametrize(
    ("name", "coding", "bits"),
    [
        ("a.mp4", {"codec": "libx264"}, 8),
        ("a.mp4", {"codec": "libx265", "options": QUIET} | TEN_BIT, 10),
        ("a.mov", {"codec": "libx265", "options": QUIET}, 8),
        ("a.webm", {"codec": "libvpx-vp9"}, 8),
        ("a.mkv", {"codec": "libsvtav1"} | TEN_BIT, 10),
        ("a.avi", {"codec": "mjpeg", "pixel_format": "yuvj420p"}, 8),
    ],
)
def test_every_codec_gives_all_pictures_in_order(make_video, name, coding, bits):
    path = make_video(name, **coding)

    info = probe(path)
    read = list(frames(path))

    assert info.n_frames == 20
    assert info.bit_depth == bits
    assert info.rate == pytest.approx(29.97, abs=0.05)
    assert numbers(read) == list(range(20))
    assert [frame.index for frame in read] == list(range(20))
    assert read[0].image.shape == (48, 64, 3)
    np.testing.assert_allclose(
        [frame.time_s for frame in read], np.arange(20) * 1.001 / 30, atol=0.002
    )


def test_an_ntsc_rate_is_an_exact_fraction(make_video):
    assert probe(make_video()).rate == Fraction(30_000, 1001)


def test_times_of_a_variable_rate_are_those_of_the_container(make_video):
    stamps = [0, 3000, 9000, 10_000, 45_000]
    path = make_video(stamps=stamps)

    times = [frame.time_s for frame in frames(path)]

    np.testing.assert_allclose(times, np.array(stamps) / 90_000, atol=1e-9)
    assert probe(path).variable_rate
    assert not probe(make_video("steady.mp4")).variable_rate


def test_rounded_timestamps_of_a_steady_rate_are_not_variable(make_video):
    path = make_video("a.webm", codec="libvpx-vp9")

    assert not probe(path).variable_rate


def test_time_starts_at_the_first_frame(make_video):
    path = make_video("late.ts", stamps=[900_000 + 3000 * i for i in range(10)])

    times = [frame.time_s for frame in frames(path)]

    np.testing.assert_allclose(times, np.arange(10) / 30, atol=1e-9)


@pytest.mark.parametrize("rotation_deg", [0, 90, 180, 270])
def test_pictures_are_turned_upright_as_opencv_turns_them(make_video, rotation_deg):
    path = make_video(rotation_deg=rotation_deg)
    capture = cv2.VideoCapture(str(path))
    _, expected = capture.read()
    capture.release()

    info = probe(path)
    image = next(frames(path)).image

    assert info.rotation_deg == rotation_deg
    assert (info.height_px, info.width_px) == image.shape[:2] == expected.shape[:2]
    np.testing.assert_allclose(image.astype(int), expected.astype(int), atol=4)


def test_pixels_are_made_square(make_video):
    path = make_video(pixel_aspect=Fraction(3, 2))

    image = next(frames(path)).image

    assert probe(path).pixel_aspect == Fraction(3, 2)
    assert image.shape == (48, 96, 3)


def test_slow_motion_runs_on_the_clock_of_the_scene(make_video):
    path = make_video(stamps=[3000 * i for i in range(20)])

    times = [frame.time_s for frame in frames(path, capture_fps=240)]
    info = probe(path, capture_fps=240)

    np.testing.assert_allclose(times, np.arange(20) / 240, atol=1e-9)
    assert info.capture_rate == 240
    assert info.slowdown == 8
    assert info.duration_s == pytest.approx(20 / 240)


def test_the_capture_rate_that_a_phone_noted_is_reported(make_video):
    path = make_video(metadata={"com.android.capture.fps": "240.0"})

    assert probe(path).capture_rate_hint == 240.0


def test_a_range_gives_the_same_frames_as_cutting_the_whole(make_video):
    path = make_video(n_frames=30, options={"g": "5"})
    whole = [f for f in frames(path) if 0.4 <= f.time_s < 0.8]

    part = list(frames(path, start_s=0.4, end_s=0.8))

    assert [f.index for f in part] == [f.index for f in whole] == list(range(12, 24))
    assert [f.time_s for f in part] == [f.time_s for f in whole]
    assert numbers(part) == list(range(12, 24))


@pytest.mark.parametrize("first_frame", [0, 1, 7, 15, 19, 20])
def test_reading_goes_on_at_any_frame(make_video, first_frame):
    path = make_video(options={"g": "5"})
    whole = list(frames(path))

    rest = list(frames(path, first_frame=first_frame))

    assert numbers(rest) == list(range(first_frame, 20))
    assert [f.time_s for f in rest] == [f.time_s for f in whole[first_frame:]]


@pytest.mark.parametrize(
    ("start_s", "end_s"), [(-1.0, None), (2.0, 1.0), (0.5, 0.5), (99.0, None)]
)
def test_a_range_without_frames_is_refused(make_video, start_s, end_s):
    path = make_video()

    with pytest.raises(VideoError, match=r"cannot be read from|s long"):
        frames(path, start_s=start_s, end_s=end_s)


@pytest.mark.parametrize("capture_fps", [0.0, -30.0, float("nan"), float("inf")])
def test_an_impossible_capture_rate_is_refused(make_video, capture_fps):
    path = make_video()

    with pytest.raises(VideoError, match="capture_fps"):
        frames(path, capture_fps=capture_fps)


def test_a_capture_rate_below_that_of_the_file_is_refused(make_video):
    path = make_video(stamps=[3000 * i for i in range(20)])

    with pytest.raises(VideoError, match=r"plays 30 frames/s, but capture_fps is 24"):
        probe(path, capture_fps=24)

    assert probe(path, capture_fps=29.97).capture_rate == pytest.approx(29.97)


def test_a_damaged_packet_costs_only_itself(make_video):
    path = make_video("a.avi", codec="mjpeg", pixel_format="yuvj420p")
    with av.open(str(path)) as container:
        packet = [p for p in container.demux(video=0) if p.size][7]
        place, size = packet.pos + 8, packet.size
    content = bytearray(path.read_bytes())
    content[place : place + size] = bytes(size)
    path.write_bytes(content)

    reader = frames(path)
    read = list(reader)

    assert numbers(read) == [n for n in range(20) if n != 7]
    assert [frame.index for frame in read] == numbers(read)
    assert reader.counts == (19, 1, 0)


def test_a_bare_stream_without_timestamps_gets_even_times(make_video):
    path = make_video("bare.h264", options={"bf": "0"})

    read = list(frames(path))

    assert numbers(read) == list(range(20))
    steps = np.diff([frame.time_s for frame in read])
    np.testing.assert_allclose(steps, steps[0], atol=1e-6)
    assert steps[0] > 0


def test_a_file_that_breaks_off_gives_the_frames_it_has(make_video):
    path = make_video("cut.mkv", options={"g": "1"}, width=320, height=240)
    content = path.read_bytes()
    path.write_bytes(content[: int(0.6 * len(content))])

    shown = numbers(frames(path))

    assert 5 < len(shown) < 20
    assert shown == list(range(len(shown)))


@pytest.mark.parametrize("name", ["Läufer 1 – 跑步.mp4", "a b  c.mp4", "<script>.mp4"])
def test_names_of_any_kind_open(make_video, name):
    path = make_video(name)

    assert len(list(frames(path))) == 20


def test_a_wrong_suffix_does_not_matter(make_video):
    path = make_video().rename(make_video().with_suffix(".txt"))

    assert probe(path).n_frames == 20


def wav(path):
    with wave.open(str(path), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000))


def test_each_kind_of_bad_file_has_its_own_line(make_video, tmp_path):
    whole = make_video(width=320, height=240).read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "text.mp4").write_text("not a video at all\n" * 50)
    (tmp_path / "zero.mp4").touch()
    (tmp_path / "folder.mp4").mkdir()
    wav(tmp_path / "sound.mp4")
    cv2.imwrite(str(tmp_path / "still.png"), np.zeros((20, 20, 3), np.uint8))
    bad = {
        "cut.mp4": "cut off or damaged",
        "text.mp4": "not a video",
        "zero.mp4": "empty",
        "folder.mp4": "folder",
        "sound.mp4": "no video, only audio",
        "still.png": "not a video",
        "missing.mp4": "no file",
    }

    for name, reason in bad.items():
        with pytest.raises(VideoError, match=reason) as caught:
            probe(tmp_path / name)
        assert name in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_playlist_opens_nothing_elsewhere(tmp_path):
    path = tmp_path / "list.m3u8"
    path.write_text("#EXTM3U\n#EXTINF:1,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n")

    with pytest.raises(VideoError, match=r"list\.m3u8"):
        probe(path)


def moving(times_s, *, width=64, height=48):
    for i, time_s in enumerate(times_s):
        yield VideoFrame(i, time_s, np.full((height, width, 3), LEVEL * i, np.uint8))


def test_written_video_keeps_times_and_pictures(tmp_path):
    times_s = [0.5, 0.6, 0.65, 1.25]

    n_frames = write_video(tmp_path / "out.mp4", moving(times_s), rate=30)
    read = list(frames(tmp_path / "out.mp4"))

    assert n_frames == 4
    assert numbers(read) == [0, 1, 2, 3]
    np.testing.assert_allclose(
        [frame.time_s for frame in read], [0.0, 0.1, 0.15, 0.75], atol=1e-4
    )


def test_written_video_is_of_the_kind_that_browsers_play(tmp_path):
    write_video(tmp_path / "out.mp4", moving([0, 0.1], width=63, height=47), rate=10)

    info = probe(tmp_path / "out.mp4")
    content = (tmp_path / "out.mp4").read_bytes()

    assert (info.codec, info.pixel_format) == ("h264", "yuv420p")
    assert (info.width_px, info.height_px) == (64, 48)
    assert content.index(b"moov") < content.index(b"mdat")


@pytest.mark.parametrize(
    ("images", "reason"),
    [
        ([], "no frames"),
        (list(moving([0.0, 0.0])), "not after"),
        ([*moving([0.0]), *moving([1.0], width=32)], "a frame is 32x48"),
    ],
)
def test_a_failed_write_leaves_no_file_behind(tmp_path, images, reason):
    with pytest.raises(VideoError, match=reason):
        write_video(tmp_path / "out.mp4", iter(images), rate=30)

    assert list(tmp_path.iterdir()) == []
