"""The pages in a real browser: what a coach does, and what must never happen."""

import time
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from reports.html import write_clip_report
from reports.index import write_index
from tests.reports.conftest import (
    CLIP_ID,
    RATE_HZ,
    add_video,
    clip_row,
    write_run,
)

FRAME_S = 1 / RATE_HZ
HOSTILE = "\"><script>window.hacked=1</script>'{{ 7*7 }}<img src=x onerror=hacked=1>"


class Visit:
    """A page, and what the browser complained of or asked for."""

    def __init__(self, page) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))

    def open(self, path: Path) -> None:
        self.page.goto(path.as_uri())
        if self.page.locator("#video").count():
            self.until("document.querySelector('#video').readyState > 1")

    def until(self, condition: str) -> None:
        """Wait; the page's own policy forbids playwright's way of waiting."""
        end_s = time.monotonic() + 10
        while not self.page.evaluate(condition):
            assert time.monotonic() < end_s, f"never happened: {condition}"
            self.page.wait_for_timeout(20)

    def time_s(self) -> float:
        self.until("!document.querySelector('#video').seeking")
        return self.page.evaluate("document.querySelector('#video').currentTime")


@pytest.fixture
def visit(browser) -> Iterator[Callable]:
    @contextmanager
    def visiting(path: Path, *, width: int = 1280, dark: bool = False):
        context = browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
        )
        visited = Visit(context.new_page())
        visited.open(path)
        yield visited
        context.close()

    return visiting


@pytest.fixture(scope="module")
def page_file(tables, video, tmp_path_factory) -> Path:
    run = write_run(tmp_path_factory.mktemp("page"), tables)
    add_video(run, video)
    return write_clip_report(run, CLIP_ID)


def test_a_page_asks_for_its_video_and_nothing_else(visit, page_file):
    with visit(page_file) as seen:
        seen.page.wait_for_load_state("networkidle")

        assert seen.complaints == []
        assert all(url.startswith(("file:", "data:")) for url in seen.requests)
        files = {Path(urllib.parse.urlsplit(u).path).name for u in seen.requests}
        assert files == {page_file.name, f"{CLIP_ID}.mp4"}


def test_an_embedded_video_makes_the_page_one_file(visit, make_run):
    run = make_run()
    page_file = write_clip_report(run, CLIP_ID, embed=True)
    (run / "overlays" / f"{CLIP_ID}.mp4").unlink()

    with visit(page_file) as seen:
        seen.page.click("[data-do=play]")
        seen.until("document.querySelector('#video').currentTime>0.2")

        assert seen.complaints == []


def test_the_policy_stops_scripts_that_are_not_the_page_s_own(visit, page_file):
    with visit(page_file) as seen:
        seen.page.evaluate(
            "const s=document.createElement('script');s.textContent='window.hacked=1';"
            "document.body.append(s)"
        )

        assert seen.page.evaluate("window.hacked") is None
        assert any("Content Security Policy" in text for text in seen.complaints)


def test_a_click_on_an_event_shows_its_frame(visit, page_file, tables):
    times = tables["events"].sort("time_s")["time_s"].to_list()
    with visit(page_file) as seen:
        for number in (0, 3):
            seen.page.locator(".stills .jump").nth(number).click()

            assert seen.time_s() == pytest.approx(times[number], abs=FRAME_S)


def test_a_click_on_a_curve_shows_that_moment(visit, page_file):
    with visit(page_file) as seen:
        figure = seen.page.locator(".timed").first
        data = figure.evaluate("f => ({...f.dataset})")
        low, high, left, right = (
            float(data[k]) for k in ("from", "to", "left", "right")
        )
        canvas = figure.locator(".canvas")
        box = canvas.bounding_box()
        x = box["width"] * (left + 0.5 * (right - left))
        canvas.click(position={"x": x, "y": box["height"] / 2})

        assert seen.time_s() == pytest.approx((low + high) / 2, abs=FRAME_S)
        assert seen.page.locator(".timed .cursor").first.is_visible()


def test_the_cursor_stands_on_the_axis_at_the_time_of_the_video(visit, page_file):
    with visit(page_file) as seen:
        seen.page.evaluate("document.querySelector('#video').currentTime = 2")
        seen.time_s()
        where = seen.page.locator(".timed").first.evaluate(
            """f => { const tick = [...f.querySelectorAll('svg text')]
                 .find(t => Number(t.textContent) === 2).getBoundingClientRect();
               const line = f.querySelector('.cursor').getBoundingClientRect();
               return [tick.left + tick.width / 2, line.left + line.width / 2]; }"""
        )

        assert where[0] == pytest.approx(where[1], abs=4)


def test_keys_play_step_and_slow_down(visit, page_file):
    with visit(page_file) as seen:
        before = seen.time_s()
        seen.page.keyboard.press("ArrowRight")
        assert seen.time_s() == pytest.approx(before + FRAME_S, abs=0.01)
        seen.page.keyboard.press("ArrowLeft")
        assert seen.time_s() == pytest.approx(before, abs=0.01)

        seen.page.keyboard.press("s")
        assert seen.page.evaluate("document.querySelector('#video').playbackRate") == (
            0.25
        )
        seen.page.keyboard.press("Space")
        seen.until("document.querySelector('#video').currentTime>0.1")
        seen.page.keyboard.press("Space")
        assert seen.page.evaluate("document.querySelector('#video').paused")


def test_a_loop_comes_back_to_its_begin(visit, page_file, tables):
    first, *_ = tables["events"].sort("time_s")["time_s"].to_list()
    with visit(page_file) as seen:
        seen.page.locator(".stills .jump").first.click()
        seen.page.click("[data-do=loop]")
        seen.page.evaluate("document.querySelector('#video').currentTime = 3.9")
        seen.until("document.querySelector('#video').currentTime<3")

        assert seen.time_s() >= first - 2 * FRAME_S


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("dark", [False, True])
def test_nothing_has_to_be_scrolled_sideways(visit, page_file, width, dark):
    with visit(page_file, width=width, dark=dark) as seen:
        wide = seen.page.evaluate("document.documentElement.scrollWidth")

        assert wide == width


def test_everything_a_finger_touches_is_large_enough(visit, page_file):
    with visit(page_file, width=360) as seen:
        small = seen.page.evaluate(
            """[...document.querySelectorAll('button, summary, input, .downloads a')]
               .filter(e => e.offsetParent)
               .map(e => [e.outerHTML.slice(0, 60), e.getBoundingClientRect()])
               .filter(([, b]) => b.height < 44 || b.width < 44).map(([h]) => h)"""
        )

        assert small == []


#: WCAG 2.2, contrast ratio of text on the first ground behind it that is not clear.
CONTRAST = """() => {
  const rgb = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => {
    const lin = [r, g, b].map((v) => v / 255)
      .map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * lin[0] + 0.7152 * lin[1] + 0.0722 * lin[2];
  };
  const ground = (e) => {
    for (let at = e; at; at = at.parentElement) {
      const colour = rgb(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const poor = [];
  for (const e of document.querySelectorAll('body *')) {
    const own = [...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || !e.getClientRects().length) continue;
    const style = getComputedStyle(e);
    const colour = rgb(e.closest('svg') ? style.fill : style.color);
    const [a, b] = [light(colour), light(ground(e))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    if (ratio < 4.5) poor.push([e.className.baseVal ?? e.className,
      e.textContent.trim().slice(0, 30), ratio.toFixed(2)].join(' | '));
  }
  return poor;
}"""


@pytest.mark.parametrize("dark", [False, True])
def test_all_text_has_the_contrast_that_wcag_aa_asks_for(visit, page_file, dark):
    with visit(page_file, dark=dark) as seen:
        assert seen.page.evaluate(CONTRAST) == []


def test_every_picture_and_control_has_a_name_for_those_who_cannot_see(
    visit, page_file
):
    with visit(page_file) as seen:
        nameless = seen.page.evaluate(
            """[...document.querySelectorAll('img, svg[role=img], button, input')]
               .filter(e => !(e.alt || e.getAttribute('aria-label')
                 || e.closest('[aria-hidden]') || e.textContent.trim()))
               .map(e => e.outerHTML.slice(0, 80))"""
        )

        assert nameless == []


def test_hostile_names_and_settings_are_only_text(visit, make_run, tables):
    footers = {
        "poses_raw": {"model": {"name": HOSTILE, "warning": HOSTILE}},
        "poses": {"activity": HOSTILE, "params": {HOSTILE: HOSTILE}},
    }
    metrics = tables["metrics"].with_columns(
        metric=pl.lit(HOSTILE), reason=pl.lit(HOSTILE), unit=pl.lit("m")
    )
    clips = clip_row(path=f"{HOSTILE}.mp4", athlete=HOSTILE, activity=HOSTILE)
    run = make_run(
        clips=clips, metrics=metrics.unique(["metric", "side"]), footers=footers
    )
    files = [write_clip_report(run, CLIP_ID), write_index(run)]

    for path in files:
        with visit(path) as seen:
            assert seen.page.evaluate("window.hacked") is None
            assert seen.complaints == []
            assert "{{ 7*7 }}" in seen.page.locator("main").inner_text()
            assert seen.page.locator("main script, main img[src=x]").count() == 0


def test_the_index_leads_to_the_page_and_back(visit, make_run):
    run = make_run()
    write_clip_report(run, CLIP_ID)

    with visit(write_index(run)) as seen:
        seen.page.click(".clips a")
        assert "walk.mp4" in seen.page.title()
        seen.page.click(".brand a")
        assert seen.page.url.endswith("index.html")


def test_the_downloaded_table_is_that_of_the_run(visit, page_file, tables, tmp_path):
    with visit(page_file) as seen:
        with seen.page.expect_download() as download:
            seen.page.click("a[download$='.csv']")
        path = tmp_path / "metrics.csv"
        download.value.save_as(path)

    key = ["metric", "side"]
    found, wanted = (
        t.select(*key, "value").sort(key).rows()
        for t in (pl.read_csv(path), tables["metrics"].cast({"side": pl.String}))
    )
    assert found == wanted


def test_a_page_without_video_still_shows_where_an_event_is(visit, make_run):
    page_file = write_clip_report(make_run(has_video=False), CLIP_ID)

    with visit(page_file) as seen:
        seen.page.locator("details.events .jump").first.click()

        assert seen.complaints == []
        assert seen.page.locator(".timed .cursor").first.is_visible()


def test_it_prints_on_a_few_pages_of_paper(visit, page_file):
    with visit(page_file) as seen:
        a4 = seen.page.pdf(format="A4")
        letter = seen.page.pdf(format="Letter")

    for document in (a4, letter):
        assert document.startswith(b"%PDF")
        assert 2 <= document.count(b"/Type /Page\n") <= 6
