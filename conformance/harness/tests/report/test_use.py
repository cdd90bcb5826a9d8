"""The site at work in a real Chromium: keyboard alone, addresses, filters, what a cell opens."""

import pytest

from .chromium_site import CASE, CONTRAST, PICTURES

pytest.importorskip("cbv", reason="the module cbv is not built")


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


@pytest.mark.parametrize("address", ["#open=nobody/CBV-DLG-005", "#open=made/CBV-DLG-999x", "#open=toString", "#open=made/toString",
                                     "#open=%E0%A4%A/..%2F..%2Fx"])
def test_an_address_of_nothing(show, address):
    page = show(1400, hash=address)
    assert "cannot be opened" in page.run("document.querySelector('dialog').textContent")
    page.key("Escape")
    page.wait("!document.querySelector('dialog[open]')")


def test_an_implementation_at_a_glance(show):
    page = show(1400, hash="#open=made")
    assert page.run("document.querySelector('.facts').textContent") == (
        "versionmade 1.0MUST1 of 5 cases holdnot asked1 case needs something it does not have or do"
        "run2026-11-24, 9.5 scompared withthe record of 2026-11-24")
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
    page.run("(() => { const q = document.querySelector('[name=q]'); q.value = 'null-sender'; "
             "q.dispatchEvent(new Event('input', { bubbles: true })); })()")
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
