"""Line and bar charts as SVG text, without a library. Colours come in pairs for light and dark; each line
has a mark and a dash of its own besides its colour.
"""

import math
from xml.sax.saxutils import escape

COLOURS = {"grey": ("#56616d", "#9aa7b2"), "blue": ("#1b5c8a", "#8cbfe8"), "red": ("#982b1f", "#ff9f92"),
           "green": ("#1d6a46", "#7ed0a4"), "ochre": ("#735400", "#e2c46d"), "violet": ("#574788", "#c2b4ef")}
DASHES = ("", "7 3", "2 3", "9 3 2 3", "5 5", "1 4")
STYLE = "<style>.plot{font:12px system-ui,'DejaVu Sans',sans-serif;color-scheme:light dark}" + "".join(
    f".plot .{name}{{color:light-dark({light},{dark})}}" for name, (light, dark) in COLOURS.items()) + (
    ".plot text{fill:light-dark(#1c2430,#dfe5ea)}.plot .soft{fill:light-dark(#56616d,#9aa7b2)}"
    ".plot .grid{stroke:light-dark(#dadfd9,#303840)}.plot .axis{stroke:light-dark(#56616d,#9aa7b2)}"
    ".plot .line{stroke:currentColor;fill:none;stroke-width:2}.plot .mark{fill:currentColor}"
    ".plot .range{stroke:currentColor;stroke-width:1.2}.plot .area{fill:currentColor;opacity:.16}</style>")


class Scale:
    """Values to pixels: linear or logarithmic."""

    def __init__(self, low, high, start, end, log=False):
        self.low, self.high, self.start, self.end, self.log = low, high, start, end, log

    def __call__(self, value):
        low, high, value = (math.log10(max(x, 1e-9)) for x in (self.low, self.high, value)) if self.log else (
            self.low, self.high, value)
        place = self.start + (self.end - self.start) * (value - low) / (high - low)
        return min(max(place, min(self.start, self.end)), max(self.start, self.end))

    def ticks(self):
        """Where the grid is drawn: powers of ten, or four to six round steps."""
        if self.log:
            return [10.0 ** n for n in range(math.ceil(math.log10(self.low) - 1e-9), math.floor(math.log10(self.high) + 1e-9) + 1)]
        rough = (self.high - self.low) / 5
        power = 10 ** math.floor(math.log10(rough))
        step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= rough)
        return [self.low + step * i for i in range(int((self.high - self.low) / step + 1e-9) + 1)]


def number(value):
    """A number as people write it: thousands apart, no needless digits."""
    if value >= 1000:
        return f"{value:,.0f}".replace(",", "\u202f")
    return f"{value:.3g}"


def _mark(kind, x, y):
    r = 4
    return (f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="{r}"/>',
            f'<rect class="mark" x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}"/>',
            f'<path class="mark" d="M{x:.1f} {y - r - 1:.1f}l{r + 1} {2 * r}h-{2 * r + 2}z"/>',
            f'<path class="mark" d="M{x:.1f} {y - r - 1:.1f}l{r + 1} {r + 1}l-{r + 1} {r + 1}l-{r + 1} -{r + 1}z"/>',
            f'<path class="mark" d="M{x:.1f} {y + r + 1:.1f}l{r + 1} -{2 * r}h-{2 * r + 2}z"/>',
            f'<path class="range" d="M{x - r:.1f} {y - r:.1f}l{2 * r} {2 * r}m0 -{2 * r}l-{2 * r} {2 * r}"/>')[kind % 6]


def _frame(width, height, left, top, bottom, right, y, y_label):
    out = [f'<text class="soft" x="{left}" y="{top - 10}">{escape(y_label)}</text>']
    for tick in y.ticks():
        at = y(tick)
        out.append(f'<line class="grid" x1="{left}" x2="{width - right}" y1="{at:.1f}" y2="{at:.1f}"/>'
                   f'<text class="soft" x="{left - 6}" y="{at + 4:.1f}" text-anchor="end">{number(tick)}</text>')
    out.append(f'<line class="axis" x1="{left}" x2="{width - right}" y1="{height - bottom}" y2="{height - bottom}"/>')
    return out


def _legend(series, left, top, width):
    """Lines of samples and names, and the height they take."""
    out, x, y = [], left, top
    for i, (name, colour, *_rest) in enumerate(series):
        size = 34 + 6.6 * len(name)
        if x > left and x + size > width:
            x, y = left, y + 19
        out.append(f'<g class="{colour}"><line class="line" x1="{x}" x2="{x + 24}" y1="{y}" y2="{y}" '
                   f'stroke-dasharray="{DASHES[i % 6]}"/>{_mark(i, x + 12, y)}</g>'
                   f'<text x="{x + 30}" y="{y + 4}">{escape(name)}</text>')
        x += size + 8
    return out, y - top + 19


def _whole(width, height, title, parts):
    return (f'<svg class="plot" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img"><title>{escape(title)}</title>{STYLE}{"".join(parts)}</svg>')


def lines(title, series, x_label, y_label, x_range, y_range, log=(False, False), width=720, height=380, band=None):
    """A line chart. `series`: (name, colour, [(x, Estimate)]); `band`: (colour, name, [(x, low, high)])."""
    left, right, top = 62, 16, 32
    legend, taken = _legend(series, left, 0, width)
    bottom = 44 + taken
    x = Scale(*x_range, left, width - right, log[0])
    y = Scale(*y_range, height - bottom, top, log[1])
    out = _frame(width, height, left, top, bottom, right, y, y_label)
    for tick in x.ticks():
        out.append(f'<text class="soft" x="{x(tick):.1f}" y="{height - bottom + 16}" text-anchor="middle">{number(tick)}</text>')
    out.append(f'<text class="soft" x="{width - right}" y="{height - bottom + 33}" text-anchor="end">{escape(x_label)}</text>')
    if band:
        colour, name, edge = band
        path = " ".join(f"{x(at):.1f},{y(high):.1f}" for at, _low, high in edge) + " " + " ".join(
            f"{x(at):.1f},{y(low):.1f}" for at, low, _high in reversed(edge))
        out.append(f'<g class="{colour}"><polygon class="area" points="{path}"><title>{escape(name)}</title></polygon></g>')
    for i, (name, colour, points) in enumerate(series):
        path = " ".join(f"{x(at):.1f},{y(e.mean):.1f}" for at, e in points)
        out.append(f'<g class="{colour}"><polyline class="line" points="{path}" stroke-dasharray="{DASHES[i % 6]}"/>')
        for at, e in points:
            out.append(f'<line class="range" x1="{x(at):.1f}" x2="{x(at):.1f}" y1="{y(e.low):.1f}" y2="{y(e.high):.1f}"/>'
                       f'<g>{_mark(i, x(at), y(e.mean))}<title>{escape(name)}, {number(at)}: {number(e.mean)} '
                       f'({number(max(e.low, 0))} to {number(e.high)})</title></g>')
        out.append("</g>")
    legend, _ = _legend(series, left, height - taken + 6, width)
    return _whole(width, height, title, out + legend)


def bars(title, categories, series, y_label, y_range, log=False, width=720, height=380):
    """Columns in groups. `series`: (name, colour, [Estimate for each category])."""
    left, right, top = 62, 16, 32
    _, taken = _legend(series, left, 0, width)
    room = (width - left - right) / len(categories)
    slanted = room < 7 * max(map(len, categories))
    bottom = (62 if slanted else 30) + taken
    y = Scale(*y_range, height - bottom, top, log)
    out = _frame(width, height, left, top, bottom, right, y, y_label)
    each = room * 0.82 / len(series)
    for c, category in enumerate(categories):
        middle = left + room * (c + 0.5)
        at = f'x="{middle:.1f}" y="{height - bottom + 16}"'
        turn = f'text-anchor="end" transform="rotate(-45 {middle:.1f} {height - bottom + 10})"' if slanted else 'text-anchor="middle"'
        out.append(f'<text class="soft" {at} {turn}>{escape(category)}</text>')
        for i, (name, colour, values) in enumerate(series):
            e = values[c]
            if e.mean <= 0:
                continue
            at, to = middle - room * 0.41 + each * i, y(e.mean)
            out.append(f'<g class="{colour}"><rect class="mark" x="{at:.1f}" y="{to:.1f}" width="{each - 1:.1f}" '
                       f'height="{height - bottom - to:.1f}"><title>{escape(name)}, {escape(category)}: {number(e.mean)} '
                       f'({number(max(e.low, 0))} to {number(e.high)})</title></rect>'
                       f'<line class="axis" x1="{at + each / 2:.1f}" x2="{at + each / 2:.1f}" y1="{y(e.low):.1f}" y2="{y(e.high):.1f}"/></g>')
    legend, _ = _legend(series, left, height - taken + 6, width)
    return _whole(width, height, title, out + legend)
