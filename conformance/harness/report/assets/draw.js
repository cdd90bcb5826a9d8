// A ladder's layout (ladder.js) as SVG. Text goes in as text, never as markup.
(function (CBV) {
    "use strict";

    const { ROW, TOP, cut } = CBV.ladder;
    const SVG = "http://www.w3.org/2000/svg";

    function element(name, attributes, ...children) {
        const made = document.createElementNS(SVG, name);
        for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
        made.append(...children);
        return made;
    }

    function head(x, y, direction) {
        return element("path", { class: "head", d: `M${x} ${y}l${-7 * direction} -3.5v7z` });
    }

    function arrow(one) {
        const direction = Math.sign(one.x2 - one.x1), made = [];
        const end = one.style === "dropped" ? (one.x1 + one.x2) / 2 : one.x2 - 4 * direction;
        made.push(element("line", { class: "arrow", x1: one.x1 + 4 * direction, x2: end, y1: one.y, y2: one.y }));
        if (one.style === "dropped" || one.style === "reset") {
            const x = one.style === "dropped" ? end : one.x2 - 14 * direction;
            made.push(element("path", { class: "cross", d: `M${x - 4} ${one.y - 4}l8 8m0 -8l-8 8` }));
        }
        if (one.style !== "dropped") made.push(head(one.x2 - 3 * direction, one.y, direction));
        if (one.both) made.push(head(one.x1 + 3 * direction, one.y, -direction));
        return made;
    }

    function drawRow(one, before, width, side) {
        const group = element("g", { class: one.style + (one.marked ? " marked" : "") });
        if (one.events.length) group.dataset.events = one.events.join(" ");
        if (one.style === "gap" || one.style === "cut") {
            group.setAttribute("class", "gap");
            group.append(element("rect", { x: side, y: one.y - 15, width: width - side - 8, height: 18, rx: 3 }),
                element("text", { class: "text", x: side + (width - side) / 2, y: one.y - 2 },
                    one.style === "gap" ? one.text + " pass" : one.text));
            return group;
        }
        if (one.marked) group.append(element("rect", { class: "mark", x: 4, y: one.y - 17, width: width - 8, height: ROW - 1, rx: 3 }));
        const time = one.at.toFixed(3);
        if (time !== before) group.append(element("text", { class: "time", x: side - 12, y: one.y + 2 }, time));
        group.append(element("title", {}, time + " s  " + one.lines.join("\n") + (one.answer ? ": " + one.answer : "")));
        if (one.style === "note") {
            group.append(element("text", { class: "text", x: one.middle, y: one.y }, one.shown));
        } else {
            group.append(...arrow(one), element("text", { class: "text", x: one.middle, y: one.y - 4 }, one.shown));
        }
        return group;
    }

    function names(lanes, y) {
        return lanes.map((lane, place) => {
            const near = Math.min(place ? lane.step : 120, place + 1 < lanes.length ? lanes[place + 1].step : 120);
            return element("text", { class: "name", x: lane.x, y }, cut(lane.name, Math.floor(near / 7)));
        });
    }

    // The <svg> of a layout.
    function draw(plan, label) {
        const { lanes, width, height } = plan;
        const svg = element("svg", { class: "ladder", width, height, viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label });
        for (const lane of lanes) svg.append(element("line", { class: "lane", x1: lane.x, x2: lane.x, y1: TOP - 6, y2: height - 22 }));
        for (const { x, y1, y2 } of plan.bars) svg.append(element("rect", { class: "active", x: x - 3, y: y1, width: 6, height: y2 - y1, rx: 2 }));
        let before = "";
        const marked = plan.rows.filter((one) => one.marked), others = plan.rows.filter((one) => !one.marked);
        const drawn = new Map();
        for (const one of plan.rows) {
            drawn.set(one, drawRow(one, before, width, plan.time));
            if (one.from) before = one.at.toFixed(3);
        }
        // Marks lie below the others' lines.
        svg.append(...marked.map((one) => drawn.get(one)), ...others.map((one) => drawn.get(one)));
        svg.append(...names(lanes, 18), ...(plan.rows.length > 14 ? names(lanes, height - 8) : []));
        return svg;
    }

    CBV.draw = draw;
})(globalThis.CBV ??= {});
