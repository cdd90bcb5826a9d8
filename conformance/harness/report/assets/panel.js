// What a cell opens: the requirement, the implementations beside each other, and the cases with findings, replies,
// ladder and table. Everything a result says is put in as text.
(function (CBV) {
    "use strict";

    const HELD = ["pass", "note"];

    // el("p.hint", {title: "x"}, "text", element): an element; children that are null are left out.
    function el(name, attributes, ...children) {
        const [tag, ...classes] = name.split(".");
        const made = document.createElement(tag);
        if (classes.length) made.className = classes.join(" ");
        for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
        made.append(...children.filter((child) => child != null));
        return made;
    }

    function address(slug, requirement, name) {
        return "#" + CBV.hash({ open: slug + "/" + requirement + (name ? "/" + name : "") });
    }

    // The draft's sentence with its key words marked.
    function quoted(sentence) {
        return sentence.split(/\b((?:MUST|SHOULD)(?: NOT)?|MAY)\b/).map((part, place) => place % 2 ? el("b", {}, part) : part);
    }

    function tabs(view) {
        const items = Object.entries(CBV.data.catalogue.implementations).map(([slug, implementation]) => {
            const cell = document.querySelector(`a[href="#open=${CSS.escape(slug)}/${CSS.escape(view.requirement)}"]`);
            if (!cell) return null;
            const state = cell.parentElement.className.split(" ")[1];
            const [word, sign] = CBV.data.catalogue.states[state];
            const share = cell.textContent.slice(cell.textContent.search(/\d+\/\d+$/) >>> 0);
            const link = el("a", { href: address(slug, view.requirement) }, implementation.label,
                el("span.s." + state, { title: word }, sign + " " + share));
            if (slug === view.slug) link.setAttribute("aria-current", "true");
            return el("li", {}, link);
        });
        return el("nav", { "aria-label": "Implementations" }, el("ul.tabs", {}, ...items));
    }

    function definition(term, ...value) {
        return [el("dt", {}, term), el("dd", {}, ...value)];
    }

    function capital(text) {
        return text.charAt(0).toUpperCase() + text.slice(1);
    }

    // What explained.toml says of a deviation.
    function known(why) {
        if (!why) return null;
        return el("div.known", {}, el("p", {}, why.explanation),
            el("p", {}, why.setting ? "Setting that changes it: " : "No setting changes it.", why.setting ? el("code", {}, why.setting) : null),
            why.reference ? el("p", {}, "Reference: " + why.reference) : null);
    }

    function finding(one, view) {
        const kind = one.note ? "Note: " : one.timing ? "Too late or too early: " : "";
        const box = el("div.finding." + (one.note ? "is-note" : "is-bad"), {},
            el("strong", {}, capital(kind + (CBV.data.catalogue.words[one.word] || one.word))), " ", el("code.word", {}, one.word),
            el("dl", {}, ...definition("expected", el("code", {}, one.expected)), ...definition("seen", el("code", {}, lines(one.seen))),
                ...(one.requirement && one.requirement !== view.requirement
                    ? definition("requirement", el("a", { href: "draft.html#" + one.requirement }, one.requirement)) : [])));
        const why = known(one.known);
        if (why) box.append(why);
        return box;
    }

    // Texts separate a reply's lines by an escaped line feed.
    function lines(text) {
        return text.replaceAll("\\n", "\n");
    }

    function table(heads, body) {
        return el("table.plain", {}, el("thead", {}, el("tr", {}, ...heads.map((head) => el("th", { scope: "col" }, head)))),
            el("tbody", {}, ...body));
    }

    function replies(found) {
        if (!(found.replies || []).length) return [];
        const several = new Set(found.replies.map((reply) => reply.client)).size > 1;
        const body = found.replies.map((reply) => el("tr", {},
            el("td.n", {}, (several ? reply.client + ", " : "") + reply.step),
            el("td.text", {}, reply.code ? reply.code + " " + lines(reply.text) : "no reply"),
            el("td.n", {}, CBV.ladder.duration(reply.replied - reply.sent) + (reply.asked > 1 ? ", asked " + reply.asked + " times" : ""))));
        return [el("h4", {}, "Replies to the client"), table([several ? "client, step" : "step", "reply", "after"], body)];
    }

    function eventTable(events, marks) {
        return table(["seconds", "who", "event", "text"], events.map((event, index) => el(marks.has(index) ? "tr.marked" : "tr", {},
            el("td.n", {}, event.seconds.toFixed(6)),
            el("td.n", {}, event.party + (event.connection ? "#" + event.connection : "")),
            el("td.n", {}, event.event), el("td.text", {}, event.text))));
    }

    // Fills a <details> when it is opened, once.
    function lazily(details, fill) {
        details.addEventListener("toggle", () => {
            if (details.open && fill) { const once = fill; fill = null; details.append(...once()); }
        });
        details.fill = () => { details.open = true; if (fill) { const once = fill; fill = null; details.append(...once()); } };
        return details;
    }

    function timeLine(found, strings, implementation) {
        const events = CBV.data.unpacked(found.timeline || [], strings);
        if (!events.length) return [];
        const marks = new Set((found.findings || []).flatMap((one) => [...CBV.ladder.marksOf(one, events, found.replies || [])]));
        const room = Math.min(document.documentElement.clientWidth, 1216) - 98; // what the panel's margins leave
        const plan = CBV.ladder.layout(events, { target: implementation.label, marks, room });
        const label = "Time line of " + events.length + " events between " + plan.lanes.map((lane) => lane.name).join(", ") +
            "; the same as a table follows.";
        return [el("h4", {}, "Time line"),
            el("div.wire", { tabindex: "0", role: "region", "aria-label": "Time line, scrolls sideways" }, CBV.draw(plan, label)),
            lazily(el("details.table", {}, el("summary", {}, "The same as a table (" + events.length + " events)")),
                () => [eventTable(events, marks)])];
    }

    function replay(implementation, name) {
        if (!implementation.replay) return [];
        const command = implementation.replay.replaceAll("{case}", name);
        const button = el("button", { type: "button" }, "Copy");
        button.addEventListener("click", async () => {
            try {
                await navigator.clipboard.writeText(command);
                button.textContent = "Copied";
            } catch { getSelection().selectAllChildren(box.firstChild); }
        });
        const box = el("div.replay", {}, el("pre", { tabindex: "0" }, el("code", {}, command)), button);
        return [el("h4", {}, "Run it again"), box];
    }

    function caseBody(view, one) {
        const { name, found } = one, head = CBV.data.catalogue.cases[name];
        const others = head.requirements.filter((requirement) => requirement !== view.requirement);
        return [el("div.case-body", {},
            head.why ? el("p", {}, head.why) : null,
            ...["reason", "rerun", "problem"].filter((key) => found[key] && found.status !== "recorded").map((key) => el("p", {}, found[key])),
            one.state === "other" ? el("p.soft", {}, "This case fails by another of its requirements, so it says nothing about this one.") : null,
            ...(found.findings || []).map((f) => finding(f, view)),
            ...timeLine(found, one.strings, view.implementation),
            found.command ? el("p", {}, `The command: ${found.command}`) : null,
            ...replies(found),
            ...replay(view.implementation, name),
            el("p.links", {}, others.length ? "Also of this case: " : null, ...others.flatMap((other, place) => [place ? ", " : null,
                el("a", { href: address(view.slug, other, name) }, other)]), others.length ? ". " : null,
                el("a", { href: address(view.slug, view.requirement, name) }, "Link to this case")))];
    }

    // What an implementation does otherwise, at a glance: a card for each finding; in it, what is known and the cases.
    function deviation(view, groups) {
        const word = groups[0].word, count = new Set(groups.flatMap((group) => group.cases)).size;
        const card = el("details.case", {}, el("summary", {}, el("span.badge.s.fail", {}, count + (count === 1 ? " case" : " cases")),
            el("span.title", {}, capital(CBV.data.catalogue.words[word] || word), el("small", {}, word))));
        return lazily(card, () => [el("div.case-body", {}, ...groups.map((group) => el("section.group", {}, known(group.known),
            el("ul.cases", {}, ...group.cases.map((name) => el("li", {},
                el("a", { href: address(view.slug, CBV.data.catalogue.cases[name].requirements[0], name) }, CBV.data.catalogue.cases[name].title),
                " ", el("span.soft", {}, CBV.data.catalogue.cases[name].requirements[0])))))))]);
    }

    function overview(view) {
        const { label, description, versions, date, seconds, levels, unsupported, record, deviations } = view.implementation;
        const byWord = new Map();
        for (const group of deviations) byWord.set(group.word, [...(byWord.get(group.word) || []), group]);
        const facts = el("dl.facts", {}, ...definition("version", ...versions.flatMap((version, place) => place ? [el("br"), version] : [version]),
            versions.length ? null : "\u2013"),
        ...["MUST", "SHOULD", "MAY"].filter((level) => levels[level] && levels[level].judged).flatMap((level) =>
            definition(level, levels[level].held + " of " + levels[level].judged + " cases hold")),
        ...(unsupported ? definition("not asked", unsupported + (unsupported === 1 ? " case needs" : " cases need") +
            " something it does not have or do") : []),
        ...(date ? definition("run", date.slice(0, 10) + ", " + CBV.ladder.duration(seconds)) : []),
        ...(record ? definition("compared with", "the record of " + record) : []));
        return [el("p.quote", {}, description), facts,
            el("h3", {}, deviations.length ? "What it does otherwise" : "Nothing it does otherwise was found"),
            ...[...byWord.values()].map((groups) => deviation(view, groups))];
    }

    function panelHead(title, ...buttons) {
        const button = (words, name, text, far) => el("button" + (far ? ".far" : ""),
            { type: "button", "data-do": name, "aria-label": words, title: words }, text);
        return el("div.panel-head", {}, title, ...buttons.map((one) => button(...one)), button("Close", "close", "\u2715"));
    }

    function caseCard(view, one) {
        const [word, sign] = CBV.data.catalogue.states[one.state];
        const card = el("details.case", { id: "case-" + one.name }, el("summary", {},
            el("span.badge.s." + one.state, {}, sign + " " + word),
            el("span.title", {}, CBV.data.catalogue.cases[one.name].title, el("small", {}, one.name))));
        return lazily(card, () => caseBody(view, one));
    }

    function summary(view) {
        const states = view.cases.map((one) => one.state);
        const judged = states.filter((state) => !["unsupported", "other"].includes(state)).length;
        const held = states.filter((state) => HELD.includes(state)).length;
        const rest = states.length - judged;
        return (judged ? held + " of " + judged + (judged === 1 ? " case holds" : " cases hold") : "No case could be judged") +
            (rest && judged ? "; " + rest + " could not be judged" : "") + ".";
    }

    // The panel's children for a view; `chosen`: the case to be open. Deviations come first, what was not judged comes last.
    function render(view, chosen) {
        if (!view.row) {
            return [panelHead(el("h2", { id: "panel-title", tabindex: "-1" }, view.implementation.label)),
                el("div.panel-body", {}, ...overview(view))];
        }
        const row = view.row;
        const rank = (one) => HELD.includes(one.state) ? 1 : ["unsupported", "other"].includes(one.state) ? 2 : 0;
        const order = [...view.cases].sort((a, b) => rank(a) - rank(b));
        const cards = order.map((one) => caseCard(view, one));
        const first = order.findIndex((one) => one.name === chosen);
        if (cards.length) cards[Math.max(first, 0)].fill();
        const title = el("h2", { id: "panel-title", tabindex: "-1" }, el("a", { href: "draft.html#" + view.requirement }, view.requirement), " ",
            el("span.chip." + row.level.split(" ")[0].toLowerCase(), {}, row.level), " ",
            el("a.soft", { href: "#" + CBV.hash({ open: view.slug }) }, view.implementation.label));
        return [
            panelHead(title, ["Requirement before", "before", "\u2191", true], ["Next requirement", "after", "\u2193", true]),
            el("div.panel-body", {},
                el("p.quote", {}, ...quoted(row.sentence)),
                el("p.soft", {}, row.section ? "Section " + row.section + ". " : null,
                    el("a", { href: "draft.html#" + view.requirement }, "In the draft")),
                tabs(view), el("p", {}, summary(view)), ...cards),
        ];
    }

    CBV.panel = { render };
})(globalThis.CBV ??= {});
