"""browser.py URL TEXT: opens a page in headless Chromium and prints what a person sees of it, a line each.

First "shown: …"; then, once the page has TEXT in it, without being loaded again, "changed: …"; what the browser had to
complain of; and at last "without script: …", of the page opened anew in a browser that runs none.
"""

import fcntl
import json
import os
import subprocess
import sys
import tempfile

SHOWN = "document.body.innerText.replace(/\\s+/g, ' ')"
LIVE = "document.querySelector('.live').textContent"


class Browser:
    """Speaks the DevTools protocol through a pipe: messages in JSON, each with a NUL at its end."""

    def __init__(self, directory):
        read_commands, self.commands = os.pipe()
        self.answers, write_answers = os.pipe()

        def set_up():
            # The browser reads at descriptor 3 and writes at 4, which may be among those that are to go there.
            ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (read_commands, write_answers)]
            os.dup2(ends[0], 3)
            os.dup2(ends[1], 4)

        self.process = subprocess.Popen(
            ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
             "--no-first-run", "--remote-debugging-pipe", f"--user-data-dir={directory}", "about:blank"],
            env={**os.environ, "HOME": directory}, close_fds=False, preexec_fn=set_up, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        os.close(read_commands)
        os.close(write_answers)
        self.unread = b""
        self.number = 0
        self.session = None
        self.complaints = []

    def receive(self):
        while b"\0" not in self.unread:
            more = os.read(self.answers, 1 << 16)
            if not more:
                raise SystemExit("the browser has ended")
            self.unread += more
        text, _, self.unread = self.unread.partition(b"\0")
        message = json.loads(text)
        if message.get("method") == "Log.entryAdded":
            self.complaints.append(message["params"]["entry"]["text"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(message["params"]["exceptionDetails"]["text"])
        return message

    def call(self, method, **parameters):
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.commands, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]

    def open(self, url, runs_scripts=True):
        self.session = None
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Log", "Runtime"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setScriptExecutionDisabled", value=not runs_scripts)
        self.call("Page.navigate", url=url)
        while self.receive().get("method") != "Page.loadEventFired":
            pass

    def evaluate(self, expression):
        answer = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise SystemExit(str(answer["exceptionDetails"]))
        return answer["result"]["value"]

    def wait_until(self, condition):
        """Looks at each change of the page."""
        self.evaluate(f"""new Promise((done) => {{
            const look = () => {{ if ({condition}) {{ watcher.disconnect(); done(true); }} }};
            const watcher = new MutationObserver(look);
            watcher.observe(document, {{subtree: true, childList: true, characterData: true, attributes: true}});
            look();
        }})""")


def main(url, text):
    with tempfile.TemporaryDirectory(prefix="browser-", ignore_cleanup_errors=True) as directory:
        browser = Browser(directory)
        browser.open(url)
        browser.wait_until(f"{LIVE} === 'live'")
        print("shown:", browser.evaluate(SHOWN), flush=True)
        browser.wait_until(f"{SHOWN}.includes({json.dumps(text)})")
        print("changed:", browser.evaluate(SHOWN), flush=True)
        browser.open(url, runs_scripts=False)
        print("without script:", browser.evaluate(SHOWN), flush=True)
        print("complaints:", browser.complaints, flush=True)
        browser.session = None
        browser.call("Browser.close")
        browser.process.wait()


main(*sys.argv[1:])
