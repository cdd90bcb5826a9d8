"""The draft's requirement sentences, by id, for people who read a failure. It checks nothing: the
draft's own tests do.
"""

import functools
import xml.etree.ElementTree

from harness import ROOT


@functools.cache
def sentences():
    """{id: (sentence, section number and title)}; empty when the draft is not there."""
    found = {}
    for file in sorted((ROOT / "draft").glob("draft-*.xml")):
        middle = xml.etree.ElementTree.parse(file).getroot().find("middle")
        for number, section in enumerate(middle.findall("section") if middle is not None else [], 1):
            _walk(section, str(number), found)
    return found


def _walk(section, number, found):
    title = "".join(section.find("name").itertext()) if section.find("name") is not None else ""
    sub = 0
    for child in section:
        if child.tag == "section":
            sub += 1
            _walk(child, f"{number}.{sub}", found)
            continue
        for element in child.iter("t"):
            if element.get("anchor", "").startswith("CBV-"):
                text = " ".join("".join(_words(element)).split())
                found[element.get("anchor")] = (text, f"{number} {title}")


def _words(element):
    """Text in order; a reference without text of its own is shown by its target."""
    yield element.text or ""
    for child in element:
        if child.tag == "xref" and not (child.text or "").strip():
            section = child.get("section")
            yield child.get("target") + (f" section {section}" if section else "")
        else:
            yield from _words(child)
        yield child.tail or ""


def sentence(requirement):
    """'"The reverse-path ... MUST be null." (section 8 The dialogue)', or '' when unknown."""
    if requirement not in sentences():
        return ""
    text, section = sentences()[requirement]
    return f'"{text}" (section {section})'


# The first BCP 14 words of a sentence give its level; NOT does not change it.
_LEVELS = ("MUST", "SHOULD", "MAY")


def level(requirement):
    """'MUST', 'SHOULD' or 'MAY'; KeyError when unknown."""
    text = sentences()[requirement][0]
    return min((word for word in _LEVELS if word in text), key=text.index)
