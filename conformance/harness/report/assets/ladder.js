// A time line as a ladder: lanes for clients, implementation, DNS and called hosts, an arrow for each thing said.
// rows(), layout() and marksOf() know nothing of a page; draw.js makes SVG of a layout.
(function (CBV) {
    "use strict";

    const GAP = 0.4; // seconds from which a pause is marked
    const MOST_ROWS = 150, LAST_ROWS = 30; // a longer ladder leaves out its middle
    const MOST_LANES = 6; // of clients, and of hosts; the others share one lane
    const ROW = 24, TOP = 34, CHARACTER = 7.3;
    const NARROW = 640; // room below which lanes stand close and a text may reach beyond its arrow
    const TARGET = " target", DNS = " dns"; // no party has a blank in its id

    // What an event of a leg is drawn as: [towards the target?, style, word when it has no text of its own].
    // "dns" and hosts see the target from their side: what a host received, the target sent.
    const SHAPES = {
        client: {
            connected: [true, "open", "connects"], sent: [true, "sent", ""], received: [false, "received", ""],
            closed: [true, "close", "closes"], "peer-closed": [false, "close", "closes"],
            reset: [true, "reset", "resets"], "peer-reset": [false, "reset", "resets"],
        },
        host: {
            connected: [false, "open", "connects"], received: [false, "sent", ""], sent: [true, "received", ""],
            closed: [true, "close", "closes"], "peer-closed": [false, "close", "closes"],
            reset: [true, "reset", "resets"], "peer-reset": [false, "reset", "resets"],
            "early-octets": [false, "early", "before the greeting"],
        },
        dns: { query: [false, "query", ""], answer: [true, "answer", ""] },
    };

    function duration(seconds) {
        if (seconds < 10) return seconds.toFixed(1) + " s";
        if (seconds < 120) return Math.round(seconds) + " s";
        const minutes = Math.round(seconds / 60);
        if (minutes < 120) return minutes + " min";
        return Math.floor(minutes / 60) + " h" + (minutes % 60 ? " " + (minutes % 60) + " min" : "");
    }

    // Whether one event continues the reply of the one before it: "250-a", "250-b", "250 c" are one arrow.
    function continues(before, event) {
        return before.leg === event.leg && before.party === event.party && before.connection === event.connection &&
            before.event === event.event && /^\d\d\d-/.test(before.text) && before.text.slice(0, 3) === event.text.slice(0, 3);
    }

    // [{at, style, from, to, text, lines, both, connection, marked, events}], in order; pauses are rows of style "gap".
    function rows(events, marks = new Set()) {
        const found = [];
        const several = connectionsOf(events);
        let last = null; // the row a reply's next line may join
        let end = events.length ? events[0].seconds : 0;
        events.forEach((event, index) => {
            if (event.event === "greeting-done") return;
            const marked = marks.has(index);
            if (last && continues(last.last, event)) {
                last.lines.push(event.text);
                last.events.push(index);
                last.marked = last.marked || marked;
                last.last = event;
                end = event.seconds;
                return;
            }
            if (event.seconds - end >= GAP) found.push({ style: "gap", text: duration(event.seconds - end), at: end, events: [] });
            end = event.seconds;
            if (last && joins(last, event)) {
                last.both = true;
                if (event.leg === "dns") last.answer = result(last.lines[0], event.text);
                last.events.push(index);
                last.marked = last.marked || marked;
                last.last = event;
                return;
            }
            last = row(event, several);
            last.events = [index];
            last.marked = marked;
            found.push(last);
        });
        for (const one of found) if (one.lines) one.text = words(one);
        return found;
    }

    function connectionsOf(events) {
        const most = new Map();
        for (const event of events) most.set(event.party, Math.max(most.get(event.party) || 0, event.connection));
        return most;
    }

    // An answer at once to its query, or the other side's close at once: one row with two heads.
    function joins(before, event) {
        if (before.both || before.last.party !== event.party || before.last.connection !== event.connection) return false;
        if (event.seconds - before.last.seconds >= GAP) return false;
        if (event.leg === "dns") return before.style === "query" && event.event === "answer" && event.text.startsWith(before.last.text);
        return before.style === "close" && (event.event === "closed" || event.event === "peer-closed") && before.last.event !== event.event;
    }

    function row(event, several) {
        const party = event.leg === "dns" ? DNS : event.party;
        const shape = (SHAPES[event.leg] || {})[event.event];
        const made = { at: event.seconds, last: event, lines: [event.text], word: "", both: false, party, leg: event.leg,
            connection: several.get(event.party) > 1 ? event.connection : 0 };
        if (!shape) {
            const lost = event.leg === "dns" && event.text.endsWith("(no answer)");
            return { ...made, style: lost ? "dropped" : "note", from: lost ? DNS : party, to: lost ? TARGET : party };
        }
        const [towards, style, word] = shape;
        return { ...made, style, word, from: towards ? party : TARGET, to: towards ? TARGET : party };
    }

    // What an answer adds to its query: "MX a.test NOERROR 2 records" is "2 records".
    function result(query, answer) {
        const added = answer.slice(query.length).trim();
        return added.replace(/^NOERROR /, "").replace(/^([A-Z]{4,}) 0 records$/, "$1");
    }

    function words(one) {
        const own = one.lines[0];
        const number = one.connection ? "#" + one.connection + " " : "";
        if (one.word) return number + one.word + (own ? ": " + own : "");
        return number + own + (one.lines.length > 1 ? "  (+" + (one.lines.length - 1) + " lines)" : "");
    }

    // {lanes: [{id, name, x}], rows: [row with y, x1, x2, shown], bars, left, width, height}. `room`: a width to
    // be filled, from a third of what is asked for to half as much again.
    function layout(events, { target = "target", marks = new Set(), room = 0 } = {}) {
        let all = rows(events, marks);
        let left = 0;
        if (all.length > MOST_ROWS) {
            left = all.length - MOST_ROWS;
            const cut = { style: "cut", events: [], at: 0, text: left + " further steps are left out here; the table has them all" };
            all = [...all.slice(0, MOST_ROWS - LAST_ROWS), cut, ...all.slice(-LAST_ROWS)];
        }
        const narrow = room > 0 && room < NARROW;
        const time = narrow ? 56 : 74, margin = narrow ? 26 : 66;
        const lanes = lanesOf(all, target, (x, needed) => (room - x - margin) / needed, time + (narrow ? 24 : 40), narrow ? 0.3 : 1);
        const width = lanes.at(-1).x + margin;
        const place = new Map(lanes.flatMap((lane) => lane.parties.map((party) => [party, lane])));
        let y = TOP;
        const placed = all.map((one) => {
            y += one.style === "gap" || one.style === "cut" ? ROW + 2 : ROW;
            if (!one.from) return { ...one, y };
            const x1 = place.get(one.from).x, x2 = place.get(one.to).x;
            const span = narrow ? width - time - 6 : one.style === "note" ? 300 : Math.abs(x2 - x1) - 22;
            const most = Math.floor(span / CHARACTER);
            const shared = place.get(one.party).shared ? one.party + ": " : "";
            const shown = one.answer ? cut(one.text, most - one.answer.length - 2) + ": " + one.answer
                : cut(shared + one.text, most);
            const half = shown.length * CHARACTER / 2;
            const middle = narrow ? Math.max(time + half, Math.min((x1 + x2) / 2, width - 4 - half)) : (x1 + x2) / 2;
            return { ...one, y, x1, x2, shown, middle };
        });
        return { lanes, rows: placed, bars: barsOf(placed), left, width, height: y + 30, time };
    }

    function cut(text, room) {
        return text.length <= room ? text : text.slice(0, Math.max(room - 1, 1)) + "\u2026";
    }

    function lanesOf(all, target, fit, start, least) {
        const parties = { client: [], dns: [], host: [] };
        for (const one of all) if (one.party && !parties[one.leg].includes(one.party)) parties[one.leg].push(one.party);
        const lanes = [];
        const add = (ids, step, word) => {
            const alone = ids.length > MOST_LANES ? ids.slice(0, MOST_LANES - 1) : ids;
            for (const id of alone) lanes.push({ id, name: id === DNS ? "DNS" : id, x: 0, step, parties: [id] });
            const rest = ids.slice(alone.length);
            const name = rest.length + " more " + word;
            if (rest.length) lanes.push({ id: " more " + word, name, x: 0, step: step && step + 25, parties: rest, shared: true });
        };
        add(parties.client, parties.client.length > 1 ? 92 : 0, "clients");
        if (lanes.length) lanes[0].step = 0;
        lanes.push({ id: TARGET, name: target, x: 0, step: lanes.length ? 275 : 0, parties: [TARGET] });
        add(parties.dns, 235, "servers");
        const hosts = lanes.length;
        add(parties.host, 105, "hosts");
        if (lanes[hosts]) lanes[hosts].step = parties.dns.length ? 130 : 275;
        const needed = lanes.reduce((sum, lane) => sum + lane.step, 0);
        const scale = needed ? Math.min(1.5, Math.max(least, fit(start, needed))) : 1;
        let x = start;
        for (const lane of lanes) {
            lane.step *= scale;
            lane.x = x = Math.round(x + lane.step);
        }
        return lanes;
    }

    // Where connections are open: [{x, y1, y2}] on the called hosts' and clients' lanes.
    function barsOf(placed) {
        const open = new Map(), bars = [];
        for (const one of placed) {
            const key = one.party + "#" + one.connection;
            const x = one.from === TARGET ? one.x2 : one.x1;
            if (one.style === "open") open.set(key, { x, y1: one.y, y2: one.y });
            else if (open.has(key)) {
                open.get(key).y2 = one.y;
                if (one.style === "close" || one.style === "reset") { bars.push(open.get(key)); open.delete(key); }
            }
        }
        return [...bars, ...open.values()].filter((bar) => bar.y2 > bar.y1);
    }

    // The events a finding speaks of: places in `events`. It names one as "at 1.203 s mx1#1 received LINE", or a reply
    // by its step.
    function marksOf(finding, events, replies) {
        const found = new Set();
        const same = (a, b) => Math.abs(a - b) < 0.00075;
        for (const [, at, party, connection, kind] of finding.seen.matchAll(/\bat (\d+\.\d+) s (\S+)#(\d+) ([a-z-]+)/g)) {
            events.forEach((event, index) => {
                if (event.party === party && event.connection === Number(connection) && event.event === kind &&
                    same(event.seconds, Number(at))) found.add(index);
            });
        }
        const step = /\bat step (\d+)(?: of (\S+))? \(/.exec(finding.expected);
        const reply = step && replies.find((one) => one.step === Number(step[1]) && (!step[2] || one.client === step[2]));
        if (reply && reply.code) {
            events.forEach((event, index) => {
                if (event.leg === "client" && event.party === reply.client && event.event === "received" &&
                    same(event.seconds, reply.replied) && event.text.startsWith(String(reply.code)) &&
                    event.text.slice(4) === reply.text.split("\\n")[0]) found.add(index);
            });
        }
        return found;
    }

    CBV.ladder = { rows, layout, cut, marksOf, duration, ROW, TOP };
})(globalThis.CBV ??= {});
