"""A badge as SVG: "CBV conformance | MUST 362/519". No font of its own, nothing from elsewhere; its words are
its title, for those who do not see it.
"""

import html

LABEL = "CBV conformance"
HEIGHT = 20
# Advance widths of Verdana at 11 px, in tenths of a pixel; what is not listed takes the default.
_WIDTHS = {**dict.fromkeys("ijl|'.,:;! ", 40), **dict.fromkeys("frt()[]/-I", 49),
           **dict.fromkeys("mwMW@%", 105), **dict.fromkeys("ABCDEFGHJKLNOPQRSTUVXYZ", 78)}
_DEFAULT = 69
# From green to red; white text has a contrast of 4.5 or more on each.
_COLOURS = ((1.0, "#1a7446"), (0.9, "#4b6d1d"), (0.6, "#84600a"), (0.0, "#a5382c"))
_LEFT, _NOTHING = "#45505b", "#5d666f"


def _width(text):
    return round(sum(_WIDTHS.get(c, _DEFAULT) for c in text) / 10)


def message(result):
    """'MUST 362/519', or of the strictest level that was judged."""
    for level in ("MUST", "SHOULD", "MAY"):
        counts = result["levels"].get(level, {})
        if counts.get("judged"):
            return f"{level} {counts['held']}/{counts['judged']}", counts["held"] / counts["judged"]
    return "nothing judged", None


def svg(result):
    """The badge of one result, as text."""
    words, share = message(result)
    colour = _NOTHING if share is None else next(c for least, c in _COLOURS if share >= least)
    left, right = _width(LABEL) + 12, _width(words) + 12
    title = html.escape(f"{LABEL}: {words}")

    def word(text, centre):
        # textLength keeps the text inside its half whatever the font.
        return (f'<text x="{centre:g}" y="14" textLength="{_width(text)}" lengthAdjust="spacingAndGlyphs">'
                f"{html.escape(text)}</text>")
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="{HEIGHT}" role="img" aria-label="{title}">
<title>{title}</title>
<clipPath id="r"><rect width="{left + right}" height="{HEIGHT}" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="{HEIGHT}" fill="{_LEFT}"/>
<rect x="{left}" width="{right}" height="{HEIGHT}" fill="{colour}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,Geneva,sans-serif" font-size="11">
{word(LABEL, left / 2)}
{word(words, left + right / 2)}
</g>
</svg>
"""
