import io

from pipelines.news import ClipDone, FramesDone, StageBegun
from pipelines.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_a_log_gets_one_plain_line_per_clip():
    log = io.StringIO()
    progress = Progress(2, log)

    progress(ClipDone("a-1", "a.mp4", (), 3, 12.34))
    progress(ClipDone("b-2", "b.mp4", ("'b.mp4' is empty (0 bytes)",), 1, 0.1))

    assert log.getvalue().splitlines() == [
        "[1/2] a.mp4: done in 12.3 s",
        "[2/2] b.mp4: FAILED: 'b.mp4' is empty (0 bytes)",
    ]


def test_what_was_finished_before_is_called_so():
    log = io.StringIO()

    Progress(1, log)(ClipDone("a-1", "a.mp4", (), 0, 0.01))

    assert log.getvalue() == "[1/1] a.mp4: already done\n"


def test_a_terminal_shows_clips_frames_rate_and_time_left(monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    now = iter([0.0, 1.0, 1.0, 11.0, 11.0])
    monkeypatch.setattr("time.monotonic", lambda: next(now))
    terminal = Terminal()
    progress = Progress(4, terminal)
    progress(StageBegun("a-1", "a.mp4", "pose"))

    progress(FramesDone("a-1", "pose", 0, 1000))
    progress(FramesDone("a-1", "pose", 200, 1000))

    shown = terminal.getvalue().split("\x1b[2K")[-1]
    assert "0/4 clips" in shown
    assert "a.mp4: pose 200/1000 frames, 20.0 frames/s, 40.0 s left" in shown


def test_a_line_never_wraps(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    terminal = Terminal()

    Progress(1, terminal)(StageBegun("a-1", "x" * 300, "pose"))

    assert len(terminal.getvalue().split("\x1b[2K")[-1]) < 40


def test_control_characters_of_a_name_do_not_reach_the_terminal():
    log = io.StringIO()

    Progress(1, log)(ClipDone("a-1", "a\x1b[31m\n.mp4", (), 1, 1.0))

    assert log.getvalue() == "[1/1] a?[31m?.mp4: done in 1.0 s\n"
