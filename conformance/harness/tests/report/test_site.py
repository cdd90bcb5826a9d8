"""The site's files: everything is there, nothing comes from elsewhere, no text of a result becomes markup or code."""

import json
import re
from html.parser import HTMLParser

import pytest

from harness import SuiteError, UsageError, draft, report_json
from harness.report import data, page, payload, site

pytest.importorskip("cbv", reason="the module cbv is not built")

HOSTILE = '</script><script>alert(1)</script> "\'><img src=x onerror=alert(1)> & \x00\x1b[31m \u2028 \u202e end'
SHOWN = HOSTILE.replace("\x00", "\\u0000").replace("\x1b", "\\u001b").replace("\u2028", "\\u2028").replace("\u202e", "\\u202e")


@pytest.fixture
def matrix(make):
    hostile = make.case("dlg-b", status="fail", words=[make.finding(seen=HOSTILE, expected=HOSTILE, known={
        "explanation": HOSTILE, "setting": HOSTILE, "reference": HOSTILE})], title=HOSTILE, why=HOSTILE, reason=HOSTILE)
    hostile["timeline"][3]["text"] = hostile["timeline"][3]["party"] = hostile["replies"][0]["text"] = HOSTILE
    result = make.result(HOSTILE, [make.case(), hostile])
    result["target"].update(description=HOSTILE, versions=[HOSTILE], replay=HOSTILE)
    return data.Matrix([data.Implementation("good", make.result("good", [make.case()])),
                        data.Implementation(HOSTILE, result)], draft.requirements())


class Tags(HTMLParser):
    """What elements and attributes a page has."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def test_the_page_holds_no_markup_of_a_result(matrix):
    tags = Tags(page.page(matrix)).found
    assert [a["src"] for tag, a in tags if tag == "script"] == ["theme.js", *(f"{name}.js" for name in page.SCRIPTS)]
    assert not [a for _, a in tags if any(name.startswith("on") or name == "style" for name in a)]
    assert not set("\x00\x1b\u2028\u202e") & set(page.page(matrix))
    images = [a["src"] for tag, a in tags if tag == "img"]
    assert len(images) == 2 and all(re.fullmatch(r"badges/[A-Za-z0-9._-]+\.svg", src) for src in images)


def test_what_scripts_load_is_ascii_without_markup(matrix):
    files = {name: text for name, text in site.files(matrix).items() if name.startswith("data/")}
    assert len(files) == 3
    for name, text in files.items():
        assert re.fullmatch(r"data/([A-Za-z0-9._-]+/)?[a-z]+\.js", name)
        assert text.isascii() and "<" not in text and "\x00" not in text
    area = json.loads(next(t for n, t in files.items() if "script" in n)[len('CBV.area('):-3].split(",", 2)[2])
    assert area["cases"]["dlg-b"]["findings"][0]["seen"] == HOSTILE and HOSTILE in area["strings"]


def test_nothing_comes_from_elsewhere(matrix):
    for name, text in site.files(matrix).items():
        if name.endswith((".html", ".css", ".svg")):
            loaded = [a.get("src") or a.get("href") for tag, a in Tags(text).found if tag in ("script", "img", "link", "iframe", "use", "image")]
            assert not [url for url in loaded if url and re.match(r"([a-z]+:)?//", url)], name
            assert not re.search(r"@import|url\(\s*['\"]?(https?:)?//", text), name
        if name.endswith(".js"):
            assert "fetch(" not in text and "XMLHttpRequest" not in text and "innerHTML" not in text and "eval(" not in text, name


def test_every_link_leads_somewhere(matrix):
    files = site.files(matrix)
    anchors = {name: {a["id"] for _, a in Tags(text).found if "id" in a} for name, text in files.items() if name.endswith(".html")}
    for tag, attributes in Tags(files["index.html"]).found:
        link = attributes.get("href") or attributes.get("src") or ""
        path, _, anchor = link.partition("#")
        assert not path or path in files, link
        if anchor and not anchor.startswith("open="):
            assert anchor in anchors[path or "index.html"], link


def test_a_requirement_without_an_anchor_in_the_draft_is_refused(matrix):
    row = next(iter(matrix.requirements.values()))
    matrix.requirements["CBV-NONE-001"] = data.Requirement("CBV-NONE-001", "MUST", "It MUST.", "1 X", row.own)
    with pytest.raises(SuiteError, match="no anchor for CBV-NONE-001"):
        site.draft_html(matrix)


def test_a_folder_that_holds_something_else_is_left_alone(matrix, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "thesis.txt").write_text("x")
    with pytest.raises(UsageError, match="is not empty and holds no report"):
        site.write(matrix, tmp_path)
    assert (tmp_path / "data" / "thesis.txt").is_file()


def test_a_site_replaces_an_older_one(matrix, tmp_path):
    site.write(matrix, tmp_path / "a" / "b")
    stale = tmp_path / "a" / "b" / "data" / "gone" / "dlg.js"
    stale.parent.mkdir()
    stale.write_text("x")
    site.write(matrix, tmp_path / "a" / "b")
    assert not stale.exists() and (tmp_path / "a" / "b" / "data" / "catalogue.js").is_file()


def test_a_time_line_is_packed_without_loss(make):
    events = make.case()["timeline"]
    strings = {}
    packed, names = payload._packed(events, strings), list(strings)
    now, found = 0, []
    for i in range(0, len(packed), 6):
        now += packed[i]
        found.append((now / 1e6, ["client", "dns", "host"][packed[i + 1]], names[packed[i + 2]], packed[i + 3], names[packed[i + 4]],
                      names[packed[i + 5]]))
    assert found == [tuple(event.values()) for event in events]


def test_what_is_known_of_a_deviation_is_in_the_json(make):
    import types
    entry = types.SimpleNamespace(explanation="e", setting="", reference="r")
    explanations = types.SimpleNamespace(find=lambda case, requirement, word: entry if word == "no-quit" else None)
    finding = types.SimpleNamespace(word="no-quit", requirement="", expected="", seen="", timing=False, note=False)
    case = types.SimpleNamespace(id="dlg-x", requirements=["CBV-DLG-005"])
    assert report_json._finding_json(case, finding, explanations)["known"] == {"explanation": "e", "setting": "", "reference": "r"}
    finding.word = "no-ehlo"
    assert "known" not in report_json._finding_json(case, finding, explanations)
