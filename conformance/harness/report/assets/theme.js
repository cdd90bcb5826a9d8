// Puts the chosen theme on the page before it is drawn. Loaded first and alone; the switch is in report.js.
(function () {
    "use strict";
    let theme = null;
    try { theme = localStorage.getItem("cbv-theme"); } catch { /* a page without storage keeps the system's theme */ }
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
