"""A headless Chromium, driven by its own protocol over a pair of pipes. No package is needed.

    with Browser() as browser:
        page = browser.open("http://127.0.0.1:8080/")
        page.wait("document.title")
"""

import base64
import json
import os
import shutil
import subprocess
import tempfile
import time

PATIENCE = 30
"""How many seconds anything in the browser may take."""

NAMES = ["chromium", "chromium-browser", "google-chrome"]

OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]


class BrowserError(Exception):
    """The browser did not do what it was told, or a page is not as it should be."""


class Browser:
    """A Chromium with a profile of its own, gone at the end of the `with`."""

    def __enter__(self):
        program = next(filter(None, map(shutil.which, NAMES)), None)
        if program is None:
            raise BrowserError("there is no Chromium here: apt-get install chromium")
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs_in, self.commands = os.pipe()
        self.answers, theirs_out = os.pipe()

        def as_three_and_four():
            # First out of the way: the two may be 3 and 4 already, but crosswise.
            spare_in, spare_out = os.dup(theirs_in), os.dup(theirs_out)
            os.dup2(spare_in, 3)
            os.dup2(spare_out, 4)

        self.process = subprocess.Popen(
            [program, *OPTIONS, f"--user-data-dir={self.profile.name}", "about:blank"],
            preexec_fn=as_three_and_four,
            close_fds=False,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        self.number = 0
        self.unread = b""
        self.events = []
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.commands)
        os.close(self.answers)
        self.profile.cleanup()

    def call(self, method, session=None, **parameters):
        """Sends a command and returns its answer; what happens meanwhile goes to `events`."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.next_message()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise BrowserError(f"{method}: {answer['error']['message']}")
                return answer["result"]
            self.events.append(answer)

    def next_message(self):
        while b"\0" not in self.unread:
            piece = os.read(self.answers, 1 << 16)
            if not piece:
                raise BrowserError("the browser has gone")
            self.unread += piece
        message, self.unread = self.unread.split(b"\0", 1)
        return json.loads(message)

    def open(self, url, width=1280, height=900, scheme="light"):
        """Opens a page of this size, in light or dark."""
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        page = Page(self, session)
        for domain in ["Page", "Runtime", "Log", "Network"]:
            page.call(f"{domain}.enable")
        page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )
        page.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        page.go(url)
        return page


class Page:
    """One page in the browser."""

    def __init__(self, browser, session):
        self.browser = browser
        self.session = session

    def call(self, method, **parameters):
        return self.browser.call(method, self.session, **parameters)

    def go(self, url):
        answer = self.call("Page.navigate", url=url)
        if "errorText" in answer:
            raise BrowserError(f"cannot open {url}: {answer['errorText']}")
        self.wait(f"location.href === {json.dumps(url)} && document.readyState === 'complete'")

    def value(self, expression):
        """What a JavaScript expression is in this page; a promise is awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in answer:
            details = answer["exceptionDetails"]
            words = details.get("exception", {}).get("description", details["text"])
            raise BrowserError(f"{expression}: {words}")
        return answer["result"].get("value")

    def wait(self, expression):
        """Waits until an expression is true."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if self.value(f"!!({expression})"):
                    return
            except BrowserError as error:
                # Between two pages there is none to ask.
                if "context" not in str(error).lower():
                    raise
            time.sleep(0.02)
        raise BrowserError(f"after {PATIENCE} s still not so: {expression}")

    def choose_file(self, selector, path):
        """Chooses a file in a field for files, as a person does in the dialogue."""
        root = self.call("DOM.getDocument")["root"]["nodeId"]
        node = self.call("DOM.querySelector", nodeId=root, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", files=[str(path)], nodeId=node)

    def answer_questions(self, yes):
        """Answers whatever the page asks from now on, without a dialogue."""
        self.value(f"window.confirm = () => {json.dumps(yes)}; true")

    def complaints(self):
        """What the page has written to its console as an error, and what it could not load."""
        self.value("0")
        found = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            method, parameters = event.get("method"), event.get("params", {})
            if method == "Runtime.exceptionThrown":
                found.append(parameters["exceptionDetails"]["text"])
            elif method == "Runtime.consoleAPICalled" and parameters["type"] == "error":
                found.append(str([it.get("value") for it in parameters["args"]]))
            elif method == "Log.entryAdded" and parameters["entry"]["level"] == "error":
                entry = parameters["entry"]
                found.append(f"{entry['text']} {entry.get('url', '')}")
            elif method == "Network.loadingFailed" and not parameters.get("canceled"):
                found.append(f"not loaded: {parameters['errorText']}")
        return found

    def overflow(self):
        """By how many pixels the page is wider than the window."""
        return self.value("document.documentElement.scrollWidth - window.innerWidth")

    def picture(self, path):
        """Takes a picture of the window."""
        data = self.call("Page.captureScreenshot", format="png")["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
