"""A site with everything in it, and what the tests measure on it in the browser."""

import json
import os
import subprocess
import sys

from harness import CONFORMANCE, ROOT, draft
from harness.report import data, site

from .makers import case, finding, result
from .test_site import HOSTILE

PICTURES = ROOT / "build" / "report-screenshots"
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
        const unseen = "title, .vh, .skip, noscript, option, script";
        if (!walk.currentNode.data.trim() || e.closest(unseen) || !e.checkVisibility()) continue;
        const style = getComputedStyle(e), below = ground(e);
        const ink = over(rgba(e.namespaceURI.endsWith("svg") ? style.fill : style.color), below);
        const [a, b] = [light(ink), light(below)].sort((x, y) => y - x), ratio = (a + 0.05) / (b + 0.05);
        const size = parseFloat(style.fontSize), large = size >= 24 || (size >= 18.66 && style.fontWeight >= 700);
        seen++;
        if (ratio < (large ? 3 : 4.5))
            bad.push([walk.currentNode.data.trim().slice(0, 40), e.className.baseVal ?? e.className, ratio.toFixed(2)]);
    }
    return { seen, bad: bad.slice(0, 20) };
})()"""
# Not by innerWidth: a phone zooms out until an overflow fits.
OVERFLOW = "[document.documentElement, document.body].map((e) => e.scrollWidth - document.documentElement.clientWidth)"


def make(place):
    """A site of a real run, of a made-up result with everything in it, and of one full of hostile text. Returns its folder."""
    import cbv
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(CONFORMANCE), os.path.dirname(cbv.__file__)])}
    subprocess.run([sys.executable, "-m", "harness", "run", "--target", "library", "--area", "dlg", "--json", str(place / "r.json")],
                   check=True, capture_output=True, env=environment)
    known = {"explanation": "It sends its own address.", "setting": "address_verify_sender =", "reference": "manual, 1.2"}
    bad = case(status="recorded", words=[finding(known=known, seen="1; number 1 at 0.008 s mx1#1 received MAIL FROM:<a@x.test>"),
                                         finding("bad-path-accepted", expected="verdict fail at step 2 (RCPT TO:<u@t.test>)", seen="250 Accepted")])
    lost = case("mx-exchange-lookup-silent", ("CBV-MX-010",), "note", [finding("not-preferred", note=True)])
    lost["timeline"].insert(9, {**lost["timeline"][9], "event": "note", "text": "MX x.test (no answer)"})
    others = [case("dlg-a-b", ("CBV-DLG-006", "CBV-DLG-005"), "fail", ["no-quit"]),
              case("dlg-noop", ("CBV-DLG-010",), "unsupported", reason="the target lacks: x"),
              case("time-a", ("CBV-TIME-001",), "error", reason="broke"), case("int-a", ("CBV-INT-001",), "waived", ["no-quit"])]
    made = result("made", [bad, lost, *others], compared_with={"recorded": "2026-11-24", "versions": []})
    hostile = case(status="fail", words=[finding(seen=HOSTILE, expected=HOSTILE, known=dict.fromkeys(known, HOSTILE))],
                   title=HOSTILE, why=HOSTILE, reason=HOSTILE)
    for event in hostile["timeline"]:
        event.update(text=HOSTILE, party=HOSTILE if event["leg"] == "host" else event["party"])
    hostile["replies"][0]["text"] = HOSTILE
    bent = result(HOSTILE, [hostile])
    bent["target"].update(description=HOSTILE, versions=[HOSTILE] * 5, replay=HOSTILE)
    for name, value in (("made", made), ("bent", bent)):
        value["suite"] = json.loads((place / "r.json").read_text())["suite"]
        (place / f"{name}.json").write_text(json.dumps(value))
    results = [*(str(place / f"{name}.json") for name in ("r", "made", "bent")), *(f"more-{n}={place / 'made.json'}" for n in (1, 2))]
    site.write(data.Matrix(data.load(results), draft.requirements()), place / "site")
    return place / "site"
