"""How the site looks in a real Chromium: two widths, two schemes, on paper, from a disk and from a server, with and
without scripts. Pictures go to build/report-screenshots.
"""

import functools
import http.server
import threading

import pytest

from harness.report import data

from .chromium_site import CASE, CONTRAST, OVERFLOW, PICTURES
from .test_site import SHOWN

pytest.importorskip("cbv", reason="the module cbv is not built")

VIEWS = [(width, dark) for width in (400, 1400) for dark in (False, True)]


@pytest.mark.parametrize("width, dark", VIEWS)
def test_the_page_fits_and_can_be_read(show, width, dark):
    page = show(width, dark)
    name = f"{width}-{'dark' if dark else 'light'}"
    page.picture(PICTURES / f"top-{name}.png")
    assert max(page.run(OVERFLOW)) <= 0
    contrast = page.run(CONTRAST)
    assert contrast["seen"] > 150 and contrast["bad"] == []
    page.run("document.querySelector('#matrix').scrollIntoView()")
    page.picture(PICTURES / f"matrix-{name}.png")
    if width == 400:  # it scrolls in itself
        assert page.run("(() => { const m = document.querySelector('#matrix'); return m.scrollWidth - m.clientWidth; })()") > 0
    # The head and the first column stay while the matrix is scrolled.
    page.run("(() => { const m = document.querySelector('#matrix'); m.scrollBy(200, 1500); "
             "if (getComputedStyle(m).overflowY === 'visible') scrollBy(0, 1500); })()")
    head, column = page.run("""(() => {
        const [head, column, matrix] = [".matrix thead th", ".matrix tbody.area tr:nth-child(3) th", "#matrix"].map(
            (selector) => document.querySelector(selector).getBoundingClientRect());
        return [head.top - Math.max(matrix.top, 0), column.left - matrix.left]; })()""")
    assert abs(head) < 3 and abs(column) < 3


@pytest.mark.parametrize("width, dark", VIEWS)
def test_the_panel_fits_and_can_be_read(show, width, dark):
    page = show(width, dark, f"#open={CASE}")
    page.picture(PICTURES / f"panel-{width}-{'dark' if dark else 'light'}.png")
    page.run("for (const card of document.querySelectorAll('dialog details')) card.fill ? card.fill() : card.open = true")
    assert max(page.run(OVERFLOW)) <= 0
    assert page.run("(() => { const d = document.querySelector('dialog'); return d.scrollWidth - d.clientWidth; })()") <= 0
    contrast = page.run(CONTRAST)
    assert contrast["seen"] > 60 and contrast["bad"] == []
    page.run("document.querySelector('dialog .wire').scrollIntoView()")
    page.picture(PICTURES / f"ladder-{width}-{'dark' if dark else 'light'}.png")


def test_contrast_is_really_computed(show):
    page = show()
    page.run("document.querySelector('h1').style.color = '#999'")
    assert page.run(CONTRAST)["bad"][0][0] == "SMTP call-back verification"


def test_each_state_has_a_word_and_a_sign(show):
    page = show()
    states = page.run("Object.fromEntries([...document.querySelectorAll('.matrix td.s')].map((td) => [td.className.slice(2), "
                      "[td.querySelector('.vh').textContent.trim(), getComputedStyle(td.querySelector('a'), '::before').content[1]]]))")
    assert states == {state: list(data.STATES[state]) for state in ("pass", "note", "recorded", "new", "error", "waived", "unsupported", "fail")}


def test_the_theme_switch(show):
    page = show(1400)
    grounds = []
    for _ in range(3):
        page.run("document.querySelector('#theme').click()")
        grounds.append(page.run("[document.querySelector('#theme').textContent, getComputedStyle(document.body).backgroundColor]"))
    assert [words for words, _ in grounds] == ["Theme: light", "Theme: dark", "Theme: auto"]
    assert grounds[0][1] == grounds[2][1] != grounds[1][1]


def test_hostile_text_is_only_text(show, folder):
    slug = next(path.name for path in (folder / "data").iterdir() if "script" in path.name)
    page = show(1400, hash=f"#open={slug}/CBV-DLG-005/dlg-null-sender")
    assert page.run("document.querySelectorAll('dialog script, dialog img').length") == 0
    assert page.run("document.querySelector('dialog .finding dd').textContent") == SHOWN
    page.run("document.querySelector('dialog details.table summary').click()")
    page.wait("document.querySelector('dialog .table td.text')")
    assert page.run("[...document.querySelectorAll('dialog .table td.text')].at(-1).textContent") == SHOWN
    assert max(page.run(OVERFLOW)) <= 0
    page.picture(PICTURES / "hostile-1400-light.png")


def test_print(show):
    page = show(1400, dark=True)
    page.size(800, 1100, dark=True, media="print")
    assert page.run("getComputedStyle(document.querySelector('#filters')).display") == "none"
    assert page.run("[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]") == [
        "rgb(255, 255, 255)", "rgb(28, 36, 48)"]
    assert page.pdf().startswith(b"%PDF")
    page = show(1400, hash=f"#open={CASE}")
    page.run("dispatchEvent(new Event('beforeprint'))")
    assert page.run("[...document.querySelectorAll('dialog .case')].every((card) => card.open && card.querySelector('.case-body'))")
    page.size(800, 1100, media="print")
    assert page.run("getComputedStyle(document.querySelector('main')).display") == "none"
    (PICTURES / "panel.pdf").write_bytes(page.pdf())


def test_motion_is_left_out_when_it_is_not_wanted(show):
    assert show(1400, hash=f"#open={CASE}").run("document.querySelector('dialog').getAnimations().length") == 0
    style = show(1400, hash=f"#open={CASE}", reduced=False).run("getComputedStyle(document.querySelector('dialog')).animationName")
    assert style == "slide"


def test_from_a_server(browser, folder):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder.parent))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        base = f"http://127.0.0.1:{server.server_port}/site/"
        browser.size(1400)
        browser.open(f"{base}index.html#open={CASE}")
        browser.wait("document.querySelector('dialog[open] .ladder')")
        assert not browser.messages and all(url.startswith(base) for url in browser.requests)
        server.shutdown()


def test_without_scripts_the_matrix_reads(show, browser):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    try:
        page = show(400)
        assert page.run("document.querySelector('#CBV-DLG-005 td.s').textContent").startswith("holds ")
        assert page.run("document.querySelector('#filters').checkVisibility()") is False
        assert page.run("document.querySelector('noscript p').checkVisibility()") is True
    finally:
        browser.call("Emulation.setScriptExecutionDisabled", value=False)
