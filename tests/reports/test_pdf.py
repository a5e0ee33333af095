import stat

import pytest

from reports.html import write_clip_report
from reports.pdf import PrintError, find_browser, write_pdf
from tests.reports.conftest import CLIP_ID


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("print") / "page.html"
    path.write_text("<!doctype html><title>x</title><p>Hello", encoding="utf-8")
    return path


def script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_a_report_is_printed_beside_its_page(make_run):
    if find_browser() is None:
        pytest.skip("no browser that can print is installed")
    path = write_clip_report(make_run(), CLIP_ID)

    pdf = write_pdf(path)

    assert pdf == path.with_suffix(".pdf")
    assert pdf.read_bytes().startswith(b"%PDF")


def test_without_a_browser_the_message_says_what_to_do(page, monkeypatch):
    monkeypatch.setenv("PATH", "")

    with pytest.raises(PrintError, match="install Chromium or Google Chrome"):
        write_pdf(page)


def test_a_browser_that_prints_nothing_is_an_error_with_its_words(page, tmp_path):
    browser = script(tmp_path / "browser", "echo no display >&2")

    with pytest.raises(PrintError, match=r"did not print .*: no display"):
        write_pdf(page, browser=browser)

    assert not page.with_suffix(".pdf").exists()


def test_a_browser_that_is_not_there_is_an_error(page, tmp_path):
    with pytest.raises(PrintError, match="cannot print with"):
        write_pdf(page, browser=str(tmp_path / "nothing"))
