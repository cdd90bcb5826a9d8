"""Fixtures: makers of results, one Chromium for all tests, and a site to show in it."""

import types

import pytest

from . import makers
from .browser import CHROMIUM, Browser


@pytest.fixture
def make():
    """The makers of findings, cases and results."""
    return types.SimpleNamespace(finding=makers.finding, case=makers.case, result=makers.result)


@pytest.fixture(scope="session")
def browser(tmp_path_factory):
    """One Chromium for all tests."""
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """The site of chromium_site.py."""
    from . import chromium_site
    return chromium_site.make(tmp_path_factory.mktemp("report"))


@pytest.fixture
def show(browser, folder):
    """show(width, dark, hash): the page, and the panel if the hash opens one."""
    def open_page(width=1400, dark=False, hash="", reduced=True):
        browser.size(width, 900 if width > 600 else 800, dark, reduced=reduced)
        browser.open(f"file://{folder}/index.html{hash}")
        if "open=" in hash:
            browser.wait("document.querySelector('dialog[open] .panel-body')")
        return browser
    yield open_page
    assert not browser.messages
    assert not [url for url in browser.requests if not url.startswith(f"file://{folder}/")]
