"""Debian's Chromium without a head, driven by the DevTools protocol over two pipes: no driver, no socket, no
package besides the browser. A page is loaded, looked at, typed into and photographed. What the page writes to the
console and asks the network for is kept.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import time

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PATIENCE = 60.0  # seconds for any answer; the machine may be busy


class Browser:
    """One Chromium; `with Browser(directory) as browser: browser.open(...)`."""

    def __init__(self, profile):
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        arguments = [CHROMIUM, "--headless=new", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-first-run",
                     "--disable-gpu", "--disable-extensions", "--disable-background-networking", "--disable-sync",
                     "--disable-component-update", "--no-default-browser-check", "--hide-scrollbars",
                     "--force-color-profile=srgb", "--disable-dev-shm-usage", "about:blank"]
        if os.geteuid() == 0:
            arguments.insert(1, "--no-sandbox")  # Chromium refuses to run as root with one

        # The browser reads the protocol from descriptor 3 and writes it to 4. The pipes' own numbers may be these.
        os.set_inheritable(to_browser, True)
        os.set_inheritable(from_browser, True)
        script = f'exec 8<&{to_browser} 9>&{from_browser}; exec "$@" 3<&8 4>&9 8<&- 9>&-'
        self._process = subprocess.Popen(["/bin/bash", "-c", script, "bash", *arguments], stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, pass_fds=(to_browser, from_browser),
                                         start_new_session=True)
        os.close(to_browser)
        os.close(from_browser)
        self._buffer, self._number, self._session = b"", 0, None
        self.messages, self.requests, self._loaded = [], [], set()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network", "DOM"):
            self.call(f"{domain}.enable")
        self.call("Page.setLifecycleEventsEnabled", enabled=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self._session = None
            self.call("Browser.close")
        except (OSError, TimeoutError, EOFError):
            self._process.kill()
        os.close(self._out)
        os.close(self._in)
        self._process.wait(PATIENCE)

    def _read(self, until):
        """The next message; TimeoutError after `until` (monotonic)."""
        while b"\0" not in self._buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self._in], [], [], left)[0]:
                raise TimeoutError("chromium does not answer")
            piece = os.read(self._in, 1 << 20)
            if not piece:
                raise EOFError("chromium has gone")
            self._buffer += piece
        message, _, self._buffer = self._buffer.partition(b"\0")
        return json.loads(message)

    def _note(self, message):
        method, values = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.messages.append(json.dumps(values["exceptionDetails"])[:500])
        elif method == "Runtime.consoleAPICalled" and values["type"] in ("error", "warning", "assert"):
            self.messages.append(f"{values['type']}: {[a.get('value', a.get('description')) for a in values['args']]}")
        elif method == "Log.entryAdded" and values["entry"]["level"] in ("error", "warning"):
            self.messages.append(f"{values['entry']['level']}: {values['entry']['text']} {values['entry'].get('url', '')}")
        elif method == "Network.requestWillBeSent":
            self.requests.append(values["request"]["url"])
        elif method == "Page.lifecycleEvent" and values["name"] == "load":
            self._loaded.add(values["loaderId"])

    def call(self, method, **params):
        """A command of the protocol; its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + PATIENCE
        while (answer := self._read(until)).get("id") != self._number:
            self._note(answer)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def size(self, width, height=900, dark=False, media="", reduced=False):
        """The window, the scheme, and the medium ("print")."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", media=media, features=[
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"},
            {"name": "prefers-reduced-motion", "value": "reduce" if reduced else "no-preference"}])

    def open(self, url):
        """Loads a page; what an earlier one said is forgotten."""
        self._load("about:blank")
        self.messages.clear()
        self.requests.clear()
        self._load(url)

    def _load(self, url):
        answer = self.call("Page.navigate", url=url)
        if "errorText" in answer:
            raise RuntimeError(f"{url}: {answer['errorText']}")
        until = time.monotonic() + PATIENCE
        while answer["loaderId"] not in self._loaded:
            self._note(self._read(until))

    def run(self, expression):
        """The value of a JavaScript expression; promises are awaited."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"].get("exception", {}).get("description", "") + f" in {expression}")
        return answer["result"].get("value")

    def wait(self, expression):
        """Until an expression is true; the browser itself does the waiting."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            try:
                if self.run(f"new Promise((done) => {{ const end = Date.now() + 2000; (function look() {{ if ({expression}) done(true); "
                            "else if (Date.now() > end) done(false); else setTimeout(look, 20); })(); })"):
                    return
            except RuntimeError as error:  # the page went away under the question
                if "navigat" not in str(error) and "context" not in str(error).lower():
                    raise
        raise TimeoutError(f"not so within {PATIENCE:.0f} s: {expression}")

    def key(self, name, shift=False):
        """Presses a key: Tab, Enter, Escape, ArrowDown ..."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32, "End": 35, "Home": 36, "ArrowLeft": 37, "ArrowUp": 38,
                 "ArrowRight": 39, "ArrowDown": 40}
        values = {"key": name, "code": "Space" if name == " " else name, "windowsVirtualKeyCode": codes[name],
                  "modifiers": 8 if shift else 0}
        text = {"text": "\r"} if name == "Enter" else {"text": " "} if name == " " else {}
        self.call("Input.dispatchKeyEvent", type="keyDown" if text else "rawKeyDown", **values, **text)
        self.call("Input.dispatchKeyEvent", type="keyUp", **values)

    def picture(self, path, whole=False):
        """A screenshot as PNG; `whole`: of the page rather than the window."""
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)["data"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(data))

    def pdf(self):
        """The page printed."""
        return base64.b64decode(self.call("Page.printToPDF", printBackground=True)["data"])
