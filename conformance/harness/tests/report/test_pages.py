"""The site in a real Chromium: two widths, two schemes, keyboard alone, from a disk and from a server. Pictures go
to build/report-screenshots.
"""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading

import pytest

from harness import CONFORMANCE, ROOT, draft
from harness.report import data, site

from .test_site import HOSTILE, SHOWN

cbv = pytest.importorskip("cbv", reason="the module cbv is not built")

PICTURES = ROOT / "build" / "report-screenshots"
VIEWS = [(width, dark) for width in (400, 1400) for dark in (False, True)]
CASE = "made/CBV-DLG-005/dlg-null-sender"

# Every piece of text with less contrast to its ground than WCAG 2 AA asks for. Colours are read back from a canvas,
# so that any way to write one works; grounds are composed from the outermost inwards.
CONTRAST = """(() => {
    const paint = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const rgba = (colour) => { paint.clearRect(0, 0, 1, 1); paint.fillStyle = colour; paint.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = paint.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255]; };
    const over = (top, below) => [0, 1, 2].map((i) => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const light = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
        .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (element) => {
        const chain = [];
        for (let e = element; e; e = e.parentElement) {
            const own = e.matches("g.marked") ? getComputedStyle(e.querySelector(".mark")).fill
                : e.matches("g.gap") ? getComputedStyle(e.querySelector("rect")).fill : getComputedStyle(e).backgroundColor;
            chain.unshift(rgba(own));
            if (e.tagName === "DIALOG") break;
        }
        return chain.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    };
    const root = document.querySelector("dialog[open]") || document.body, bad = [];
    const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    let seen = 0;
    while (walk.nextNode()) {
        const e = walk.currentNode.parentElement;
        if (!walk.currentNode.data.trim() || e.closest("title, .vh, .skip, noscript, option, script") || !e.checkVisibility()) continue;
        const style = getComputedStyle(e), below = ground(e);
        const ink = over(rgba(e.namespaceURI.endsWith("svg") ? style.fill : style.color), below);
        const [a, b] = [light(ink), light(below)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
        const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        seen++;
        if (ratio < (large ? 3 : 4.5)) bad.push([walk.currentNode.data.trim().slice(0, 40), e.className.baseVal ?? e.className, ratio.toFixed(2)]);
    }
    return { seen, bad: bad.slice(0, 20) };
})()"""
# Not by innerWidth: a phone zooms out until an overflow fits.
OVERFLOW = "[document.documentElement, document.body].map((e) => e.scrollWidth - document.documentElement.clientWidth)"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A site of a real run, of a made-up result with everything in it, and of one full of hostile text."""
    from .conftest import case, finding, result
    place = tmp_path_factory.mktemp("report")
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(CONFORMANCE), os.path.dirname(cbv.__file__)])}
    subprocess.run([sys.executable, "-m", "harness", "run", "--target", "library", "--area", "dlg", "--json", str(place / "r.json")],
                   check=True, capture_output=True, env=environment)
    known = {"explanation": "It sends its own address.", "setting": "address_verify_sender =", "reference": "manual, 1.2"}
    bad = case(status="recorded", words=[finding(known=known, seen="1; number 1 at 0.008 s mx1#1 received MAIL FROM:<a@x.test>"),
                                         finding("bad-path-accepted", expected="verdict fail at step 2 (RCPT TO:<u@t.test>)", seen="250 Accepted")])
    lost = case("mx-exchange-lookup-silent", ("CBV-MX-010",), "note", [finding("not-preferred", note=True)])
    lost["timeline"].insert(9, {**lost["timeline"][9], "event": "note", "text": "MX x.test (no answer)"})
    others = [case("dlg-a-b", ("CBV-DLG-006", "CBV-DLG-005"), "fail", ["no-quit"]), case("dlg-noop", ("CBV-DLG-010",), "unsupported", reason="the target lacks: x"),
              case("time-a", ("CBV-TIME-001",), "error", reason="broke"), case("int-a", ("CBV-INT-001",), "waived", ["no-quit"])]
    made = result("made", [bad, lost, *others], compared_with={"recorded": "2026-11-24", "versions": []})
    hostile = case(status="fail", words=[finding(seen=HOSTILE, expected=HOSTILE, known=dict.fromkeys(known, HOSTILE))], title=HOSTILE, why=HOSTILE, reason=HOSTILE)
    for event in hostile["timeline"]:
        event.update(text=HOSTILE, party=HOSTILE if event["leg"] == "host" else event["party"])
    hostile["replies"][0]["text"] = HOSTILE
    bent = result(HOSTILE, [hostile])
    bent["target"].update(description=HOSTILE, versions=[HOSTILE] * 5, replay=HOSTILE)
    for name, value in (("made", made), ("bent", bent)):
        value["suite"] = json.loads((place / "r.json").read_text())["suite"]
        (place / f"{name}.json").write_text(json.dumps(value))
    site.write(data.Matrix(data.load([
        *(str(place / f"{name}.json") for name in ("r", "made", "bent")), *(f"more-{n}={place / 'made.json'}" for n in (1, 2))]), draft.requirements()), place / "site")
    return place / "site"


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
    page.run("(() => { const m = document.querySelector('#matrix'); m.scrollBy(200, 1500); if (getComputedStyle(m).overflowY === 'visible') scrollBy(0, 1500); })()")
    head, column = page.run("[document.querySelector('.matrix thead th').getBoundingClientRect(), document.querySelector('.matrix tbody.area tr:nth-child(3) th')"
                            ".getBoundingClientRect(), document.querySelector('#matrix').getBoundingClientRect()].map(({ top, left }, i, all) => "
                            "[top - (i ? 0 : Math.max(all[2].top, 0)), left - all[2].left]).slice(0, 2)")
    assert abs(head[0]) < 3 and abs(column[1]) < 3


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


def test_keyboard_alone(show):
    page = show(1400)
    where = "document.activeElement.matches('.matrix td.s a') ? document.activeElement.getAttribute('href') : document.activeElement.id"
    for _ in range(40):
        page.key("Tab")
        if str(page.run(where)).startswith("#open="):
            break
        focus = page.run("getComputedStyle(document.activeElement).outlineStyle")
        assert focus != "none", page.run("document.activeElement.outerHTML")
    first = page.run(where)
    assert first.startswith("#open=")
    page.key("ArrowRight")
    page.key("ArrowDown")
    assert page.run(where) != first and page.run("document.querySelectorAll('.matrix td.s a[tabindex=\"0\"]').length") == 1
    at = page.run(where)
    assert page.run("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.key("Enter")
    page.wait("document.querySelector('dialog[open] .ladder')")
    assert page.run("location.hash") == at and page.run("document.querySelector('dialog').contains(document.activeElement)")
    inside = set()
    for _ in range(12):  # the focus goes round in the panel
        page.key("Tab")
        inside.add(page.run("document.activeElement === document.body || document.querySelector('dialog').contains(document.activeElement)"))
    assert inside == {True}
    page.key("Escape")
    page.wait("!document.querySelector('dialog[open]')")
    assert page.run("location.hash") == "" and page.run(where) == at
    page.key("End")
    page.key("Home")
    assert page.run("document.activeElement.parentElement.cellIndex") == 1


def test_a_case_by_its_address_with_ladder_and_table(show):
    page = show(1400, hash=f"#open={CASE}")
    assert page.run("document.querySelector('#case-dlg-null-sender').open")
    assert page.run("document.querySelector('#case-dlg-a-b').open") is False
    svg = "document.querySelector('#case-dlg-null-sender .ladder')"
    # 18 events: "greeting-done" is not drawn, "250-t 250 HELP" is one arrow, and so are a query and its answer.
    assert page.run(f"{svg}.querySelectorAll('.arrow').length") == 15
    assert page.run(f"[...{svg}.querySelectorAll('.gap text')].map((t) => t.textContent)") == ["4.0 s pass"]
    assert page.run(f"[...{svg}.querySelectorAll('.marked .text')].map((t) => t.textContent)") == ["MAIL FROM:<a@x.test>", "250 Accepted"]
    assert page.run(f"[...{svg}.querySelectorAll('.name')].slice(0, 4).map((t) => t.textContent)") == ["client", "made", "DNS", "mx1"]
    assert page.run(f"{svg}.querySelectorAll('.reset .cross').length") == 1
    page.run("document.querySelector('#case-dlg-null-sender details.table summary').click()")
    page.wait("document.querySelectorAll('#case-dlg-null-sender .table tbody tr').length === 18")
    words = page.run("document.querySelector('#case-dlg-null-sender').textContent")
    for text in ("The probe's reverse-path was not <>", "It sends its own address.", "address_verify_sender =", "manual, 1.2",
                 "./run conformance replay dlg-null-sender --target made", "A bounce has a null reverse-path"):
        assert text in words


def test_what_is_lost_is_marked_and_a_passing_cell_opens_too(show):
    page = show(1400, hash="#open=made/CBV-MX-010")
    assert page.run("document.querySelectorAll('.ladder .dropped .cross').length") == 1
    page = show(1400, hash="#open=library/CBV-DLG-005")
    assert page.run("document.querySelectorAll('dialog .ladder').length") == 1
    assert page.run("document.querySelectorAll('dialog .case').length") > 1
    assert page.run("document.querySelectorAll('dialog .tabs a').length") == 5


def test_from_cell_to_cell_and_back(show):
    page = show(1400, hash="#open=library/CBV-DLG-005")
    page.run("document.querySelector('[data-do=after]').click()")
    page.wait("document.querySelector('#panel-title').textContent.includes('CBV-DLG-006')")
    page.run("history.back()")
    page.wait("document.querySelector('#panel-title').textContent.includes('CBV-DLG-005')")
    page.run("[...document.querySelectorAll('dialog .tabs a')].find((a) => a.textContent.startsWith('made')).click()")
    page.wait("document.querySelector('#panel-title').textContent.includes('made')")
    page.run("document.querySelector('[data-do=close]').click()")
    page.wait("!document.querySelector('dialog[open]')")


@pytest.mark.parametrize("address", ["#open=nobody/CBV-DLG-005", "#open=made/CBV-DLG-999x", "#open=toString", "#open=made/toString", "#open=%E0%A4%A/..%2F..%2Fx"])
def test_an_address_of_nothing(show, address):
    page = show(1400, hash=address)
    assert "cannot be opened" in page.run("document.querySelector('dialog').textContent")
    page.key("Escape")
    page.wait("!document.querySelector('dialog[open]')")


def test_an_implementation_at_a_glance(show):
    page = show(1400, hash="#open=made")
    assert page.run("document.querySelector('.facts').textContent") == "versionmade 1.0MUST1 of 5 cases holdnot asked1 case needs something it does not have or do" \
        "run2026-11-24, 9.5 scompared withthe record of 2026-11-24"
    assert page.run("[...document.querySelectorAll('dialog .case > summary')].map((s) => s.textContent)") == [
        "1 caseAccepted although the path was known to be undeliverablebad-path-accepted",
        "1 caseThe probe's reverse-path was not <>null-sender-violated", "2 casesThe connection was not ended with QUITno-quit"]
    page.picture(PICTURES / "implementation-1400-light.png")
    page.run("for (const card of document.querySelectorAll('dialog .case')) card.fill()")
    assert page.run(CONTRAST)["bad"] == []
    page.run("document.querySelector('dialog .cases a').click()")
    page.wait("document.querySelector('#case-dlg-null-sender[open]')")
    page.run("history.back()")
    page.wait("document.querySelector('#panel-title').textContent === 'made'")
    page.key("Escape")
    page.wait("document.activeElement.matches('.implementations .name') && document.activeElement.textContent === 'made'")


ROWS = "[...document.querySelectorAll('.matrix tbody.area tr[id]')].filter((row) => row.checkVisibility()).map((row) => row.id)"


def test_filters_are_kept_in_the_address(show):
    page = show(1400)
    everything = page.run(ROWS)
    page.run("(() => { const q = document.querySelector('[name=q]'); q.value = 'null-sender'; q.dispatchEvent(new Event('input', { bubbles: true })); })()")
    assert page.run("location.hash") == "#q=null-sender"
    found = page.run(ROWS)
    assert "CBV-DLG-005" in found and len(found) < len(everything)
    page = show(1400, hash="#level=SHOULD,MAY&show=differ&area=dlg&hide=library")
    assert page.run("[...document.querySelectorAll('[name=level]')].map((box) => box.checked)") == [False, True, True]
    assert page.run("document.querySelectorAll('.matrix thead th:not([hidden])').length") == 5
    assert page.run(ROWS) == []
    page = show(1400, hash="#show=differ")
    assert page.run(ROWS) == ["CBV-DLG-005", "CBV-DLG-006"]
    assert page.run("document.querySelector('#count').textContent").startswith("2 of ")
    page.run("document.querySelector('#clear').click()")
    assert page.run(ROWS) == everything and page.run("location.hash") == ""
    page = show(1400, hash="#show=deviate")
    assert page.run(ROWS) == ["CBV-DLG-005", "CBV-DLG-006", "CBV-TIME-001", "CBV-INT-001"]


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
