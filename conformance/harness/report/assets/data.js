// The results behind the page: a catalogue and one file for each implementation and area, loaded by script elements
// when they are asked for, each once; a page opened from a disk may fetch nothing.
(function (CBV) {
    "use strict";

    const LEGS = ["client", "dns", "host"];
    let catalogue = null;
    const areas = new Map(), loading = new Map();

    CBV.catalogue = (data) => { catalogue = cleaned(data); };
    CBV.area = (slug, name, data) => { areas.set(slug + "/" + name, cleaned(data)); };

    // Controls and what changes the direction of text would hide what a text really says.
    function visible(text) {
        return text.replace(/[\0-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
            (found) => "\\u" + found.charCodeAt(0).toString(16).padStart(4, "0"));
    }

    // A value with every text in it made visible, once for each file.
    function cleaned(value) {
        if (typeof value === "string") return visible(value);
        if (Array.isArray(value)) return value.every((part) => typeof part === "number") ? value : value.map(cleaned);
        if (value && typeof value === "object") return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, cleaned(part)]));
        return value;
    }

    function load(path) {
        if (!loading.has(path)) {
            loading.set(path, new Promise((resolve, reject) => {
                const script = document.createElement("script");
                script.src = path;
                script.onload = resolve;
                script.onerror = () => { loading.delete(path); reject(new Error(path + " cannot be loaded")); };
                document.head.append(script);
            }));
        }
        return loading.get(path);
    }

    function unpacked(packed, strings) {
        const events = [];
        let now = 0;
        for (let i = 0; i < packed.length; i += 6) {
            now += packed[i];
            events.push({ seconds: now / 1e6, leg: LEGS[packed[i + 1]], party: strings[packed[i + 2]], connection: packed[i + 3],
                event: strings[packed[i + 4]], text: strings[packed[i + 5]] });
        }
        return events;
    }

    // Mirrors data.Implementation.state.
    function stateOf(implementation, name, found, requirement) {
        if (!["fail", "recorded", "waived"].includes(found.status)) return found.status;
        const own = catalogue.cases[name].requirements[0] === requirement;
        if (!own && !(found.findings || []).some((f) => f.requirement === requirement && !f.note)) return "other";
        return found.status === "fail" && implementation.compared ? "new" : found.status;
    }

    async function open(slug, requirement) {
        await load("data/catalogue.js");
        const implementation = Object.hasOwn(catalogue.implementations, slug) && catalogue.implementations[slug];
        if (implementation && !requirement) return { slug, implementation };
        const row = Object.hasOwn(catalogue.requirements, requirement) && catalogue.requirements[requirement];
        if (!row || !implementation) throw new Error("there is no " + slug + "/" + requirement + " here");
        const needed = new Set(row.cases.map((name) => catalogue.cases[name].area).filter((area) => implementation.areas.includes(area)));
        await Promise.all([...needed].map((area) => load("data/" + slug + "/" + area + ".js")));
        const cases = [];
        for (const name of row.cases) {
            const area = areas.get(slug + "/" + catalogue.cases[name].area);
            const found = area && area.cases[name];
            if (found) cases.push({ name, found, strings: area.strings, state: stateOf(implementation, name, found, requirement) });
        }
        return { slug, requirement, row, implementation, cases };
    }

    CBV.data = { open, unpacked, get catalogue() { return catalogue; } };
})(globalThis.CBV ??= {});
