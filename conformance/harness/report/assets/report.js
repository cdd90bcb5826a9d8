// Makes the matrix move: theme, filters kept in the address, arrow keys, and the panel that a cell opens. The address
// after # holds it all: level=MUST,SHOULD area=dlg show=differ q=words hide=NAME,... open=NAME[/REQUIREMENT[/CASE]].
(function (CBV) {
    "use strict";

    const $ = (selector, root = document) => root.querySelector(selector);
    const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
    const KEYS = ["level", "area", "show", "q", "hide", "open"];
    const state = {};

    // The address's text for the state with some keys changed; what is said by default is left out.
    function hash(changes = {}) {
        const now = { ...state, ...changes };
        return KEYS.filter((key) => now[key]).map((key) => key + "=" +
            encodeURIComponent(now[key]).replaceAll("%2F", "/").replaceAll("%2C", ",")).join("&");
    }

    function readHash() {
        const given = new Map(location.hash.slice(1).split("&").map((part) => {
            const [key, ...value] = part.split("=");
            let text = value.join("=");
            try { text = decodeURIComponent(text); } catch { /* as it stands */ }
            return [key, text];
        }));
        for (const key of KEYS) state[key] = given.get(key) || "";
    }

    function keep(changes) {
        Object.assign(state, changes);
        const text = hash();
        history.replaceState(null, "", text ? "#" + text : location.pathname + location.search);
    }

    // --- theme

    const THEMES = ["auto", "light", "dark"];

    function showTheme(theme) {
        if (theme === "auto") delete document.documentElement.dataset.theme;
        else document.documentElement.dataset.theme = theme;
        $("#theme").textContent = "Theme: " + theme;
    }

    function startTheme() {
        const button = $("#theme");
        button.hidden = false;
        showTheme(document.documentElement.dataset.theme || "auto");
        button.addEventListener("click", () => {
            const now = document.documentElement.dataset.theme || "auto";
            const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
            showTheme(next);
            try { if (next === "auto") localStorage.removeItem("cbv-theme"); else localStorage.setItem("cbv-theme", next); } catch { /* not kept */ }
        });
    }

    // --- filters

    const form = $("#filters"), rows = $$(".matrix tbody.area tr[id]"), columns = $$(".matrix thead th[data-column]").map((th) => th.dataset.column);
    const DEVIATES = /\b(fail|recorded|waived|new|error)\b/, JUDGED = /\b(pass|note|fail|recorded|waived|new|error)\b/;

    function formToState() {
        const on = (name) => $$(`input[name="${name}"]`, form).filter((box) => box.checked).map((box) => box.value);
        const levels = on("level"), shown = on("column");
        keep({
            level: levels.length === 3 ? "" : levels.join(",") || "none", area: form.elements.area.value, show: form.elements.show.value,
            q: form.elements.q.value.trim(), hide: columns.filter((name) => !shown.includes(name)).join(","),
        });
    }

    function stateToForm() {
        const levels = state.level ? state.level.split(",") : ["MUST", "SHOULD", "MAY"], hidden = state.hide.split(",");
        for (const box of $$('input[name="level"]', form)) box.checked = levels.includes(box.value);
        for (const box of $$('input[name="column"]', form)) box.checked = !hidden.includes(box.value);
        form.elements.area.value = state.area;
        form.elements.show.value = state.show;
        if (form.elements.q.value.trim() !== state.q) form.elements.q.value = state.q;
    }

    // Whether a row's shown cells say different things: another share of cases, or not every state alike.
    function differs(cells) {
        const said = cells.filter((cell) => JUDGED.test(cell.className)).map((cell) => {
            const [held, judged] = (/(\d+)\/(\d+)$/.exec(cell.textContent) || ["", "0", "0"]).slice(1);
            return DEVIATES.test(cell.className) ? held + "/" + judged : "holds";
        });
        return new Set(said).size > 1;
    }

    function applyFilters() {
        const hidden = state.hide ? state.hide.split(",") : [], places = columns.map((name) => !hidden.includes(name));
        for (const row of $$(".matrix tr")) [...row.cells].slice(1).forEach((cell, place) => { cell.hidden = !places[place]; });
        const levels = state.level ? state.level.split(",") : null, words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
        let shown = 0;
        for (const row of rows) {
            const cells = [...row.cells].slice(1).filter((cell) => !cell.hidden);
            const text = (row.cells[0].textContent + " " + row.dataset.cases).toLowerCase();
            const good = (!levels || levels.includes(row.dataset.level)) && (!state.area || row.parentElement.dataset.area === state.area) &&
                words.every((word) => text.includes(word)) && (state.show !== "differ" || differs(cells)) &&
                (state.show !== "deviate" || cells.some((cell) => DEVIATES.test(cell.className)));
            row.hidden = !good;
            shown += good;
        }
        for (const body of $$(".matrix tbody.area")) body.hidden = !$("tr[id]:not([hidden])", body);
        $("#count").textContent = shown === rows.length ? rows.length + " requirements" : shown + " of " + rows.length + " requirements";
        $("#clear").hidden = !KEYS.some((key) => key !== "open" && state[key]);
    }

    function startFilters() {
        form.hidden = false;
        form.addEventListener("submit", (event) => event.preventDefault());
        form.addEventListener("input", () => { formToState(); applyFilters(); roving(); });
        form.addEventListener("reset", (event) => {
            event.preventDefault();
            keep({ level: "", area: "", show: "", q: "", hide: "" });
            stateToForm();
            applyFilters();
            roving();
        });
        const menu = $("details.columns", form);
        document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
        menu.addEventListener("keydown", (event) => { if (event.key === "Escape") { menu.open = false; $("summary", menu).focus(); } });
    }

    // --- arrow keys: one cell is in the tab order, arrows move among those shown

    const grid = () => rows.filter((row) => !row.hidden).map((row) => $$("td.s:not([hidden]) a", row)).filter((cells) => cells.length);

    function roving(to) {
        for (const cell of $$('.matrix td.s a[tabindex="0"]')) cell.tabIndex = -1;
        const first = to || (grid()[0] || [])[0];
        if (first) first.tabIndex = 0;
    }

    function move(event) {
        const cell = event.target.closest && event.target.closest("td.s a");
        if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
        const all = grid(), at = all.findIndex((cells) => cells.includes(cell)), column = cell.parentElement.cellIndex;
        const near = (cells) => cells.find((other) => other.parentElement.cellIndex >= column) || cells.at(-1);
        const row = all[at], place = row.indexOf(cell);
        const to = {
            ArrowLeft: () => row[place - 1], ArrowRight: () => row[place + 1], Home: () => row[0], End: () => row.at(-1),
            ArrowUp: () => all[at - 1] && near(all[at - 1]), ArrowDown: () => all[at + 1] && near(all[at + 1]),
            PageUp: () => near(all[Math.max(at - 10, 0)]), PageDown: () => near(all[Math.min(at + 10, all.length - 1)]),
        }[event.key];
        if (!to) return;
        event.preventDefault();
        const next = to();
        if (!next) return;
        roving(next);
        next.focus({ preventScroll: true });
        reveal(next);
    }

    // Scrolls a cell out from under the sticky head and first column.
    function reveal(cell) {
        const box = cell.getBoundingClientRect(), scroller = $("#matrix"), own = getComputedStyle(scroller).overflowY !== "visible";
        const frame = own ? scroller.getBoundingClientRect() : { top: 0, left: 0, right: innerWidth, bottom: innerHeight };
        const top = frame.top + $(".matrix thead th").offsetHeight, left = frame.left + $(".matrix th.first").offsetWidth;
        const by = { top: 0, left: 0 };
        if (box.top < top) by.top = box.top - top - 4; else if (box.bottom > frame.bottom) by.top = box.bottom - frame.bottom + 4;
        if (box.left < left) by.left = box.left - left - 4; else if (box.right > frame.right) by.left = box.right - frame.right + 4;
        (own ? scroller : window).scrollBy({ ...by, behavior: "instant" });
    }

    // --- panel

    const panel = $("#panel");
    let shown = "";

    async function showPanel() {
        const [slug, requirement, name] = state.open.split("/"), wanted = requirement ? slug + "/" + requirement : slug;
        if (!state.open) { if (panel.open) panel.close(); shown = ""; return; }
        try {
            const view = await CBV.data.open(slug, requirement);
            if (!(state.open + "/").startsWith(wanted + "/")) return; // another was asked for meanwhile
            if (shown !== wanted) panel.replaceChildren(...CBV.panel.render(view, name));
        } catch (error) {
            const words = document.createElement("p"), head = document.createElement("h2"), close = document.createElement("button");
            words.textContent = "This cell cannot be opened: " + error.message + ".";
            head.id = "panel-title";
            head.textContent = "Not found";
            close.textContent = "Close";
            close.dataset.do = "close";
            const body = document.createElement("div");
            body.className = "panel-body";
            body.append(head, words, close);
            panel.replaceChildren(body);
        }
        const fresh = shown !== wanted;
        shown = wanted;
        if (!panel.open) panel.showModal();
        if (fresh) panel.scrollTop = 0;
        const card = name && document.getElementById("case-" + name);
        if (card) {
            card.fill();
            card.scrollIntoView({ block: "start" });
            $("summary", card).focus({ preventScroll: true });
        } else if (fresh) $("#panel-title", panel).focus({ preventScroll: true });
    }

    function go(changes) {
        const text = hash(changes);
        if ("#" + text === location.hash) return;
        location.hash = text; // a step of its own in the history
        if (!text) history.replaceState(null, "", location.pathname + location.search);
    }

    function neighbour(step) {
        const [slug, requirement] = state.open.split("/");
        const visible = rows.filter((row) => !row.hidden).map((row) => row.id);
        const at = visible.indexOf(requirement);
        const next = visible[at + step];
        if (at >= 0 && next) go({ open: slug + "/" + next });
    }

    function closePanel() {
        const origin = state.open.split("/").slice(0, 2).join("/");
        keep({ open: "" });
        shown = "";
        if (panel.open) panel.close();
        const cell = $$('main a[href^="#open="]').find((link) => link.getAttribute("href") === "#open=" + origin);
        if (cell && !cell.closest("td.s")) cell.focus();
        else if (cell) { roving(cell); cell.focus({ preventScroll: true }); reveal(cell); }
    }

    function startPanel() {
        $("main").addEventListener("click", (event) => {
            const cell = event.target.closest('a[href^="#open="]');
            if (!cell || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
            event.preventDefault();
            go({ open: cell.getAttribute("href").slice("#open=".length) });
        });
        panel.addEventListener("cancel", (event) => { event.preventDefault(); closePanel(); });
        panel.addEventListener("click", (event) => {
            if (event.target === panel) { closePanel(); return; }
            const button = event.target.closest("button[data-do]");
            if (button) ({ close: closePanel, before: () => neighbour(-1), after: () => neighbour(1) })[button.dataset.do]();
        });
        addEventListener("beforeprint", () => { if (panel.open) for (const card of $$("details.case", panel)) card.fill(); });
    }

    function follow() {
        readHash();
        stateToForm();
        applyFilters();
        roving();
        showPanel();
    }

    CBV.hash = hash;
    startTheme();
    startFilters();
    startPanel();
    $("#matrix").addEventListener("keydown", move);
    addEventListener("hashchange", follow);
    follow();
})(globalThis.CBV ??= {});
