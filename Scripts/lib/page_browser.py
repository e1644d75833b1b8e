"""A headless Chromium with the pages that `plan report` writes, for the tests of Scripts/test-page."""

import base64
import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

PROGRAM = os.environ["PLAN_PROGRAM"]
SIZES = {"desk": (1280, 1000), "tablet": (820, 1180), "phone": (390, 844)}
HOSTILE = "</script><script>window.broken=1</script><img src=x onerror=window.broken=1>"


def plan(*words, folder):
    """What the program writes to standard output; fails unless it ends well."""
    run = subprocess.run([PROGRAM, *words], cwd=folder, capture_output=True, check=False)
    if run.returncode != 0:
        raise AssertionError(f"plan {' '.join(words)} ended with {run.returncode}: {run.stderr.decode()}")
    return run.stdout


def start_browser(downloads):
    settings = webdriver.ChromeOptions()
    settings.binary_location = os.environ["PLAN_BROWSER"]
    settings.add_argument("--headless=new")
    settings.add_argument("--hide-scrollbars")
    if os.geteuid() == 0:
        # Chromium's sandbox refuses to work for root, as which containers run.
        settings.add_argument("--no-sandbox")
    settings.add_experimental_option("prefs", {"download.default_directory": str(downloads)})
    settings.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=settings, service=Service(os.environ["PLAN_DRIVER"]))


class PageTestCase(unittest.TestCase):
    """The page of the built-in model, and pages of models with names that try to break out."""

    @classmethod
    def setUpClass(cls):
        cls.scratch = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.scratch.name)
        cls.downloads = cls.folder / "downloads"
        cls.downloads.mkdir()
        cls.browser = start_browser(cls.downloads)
        plan("report", "--budget", "9GB", "-o", "flux.html", folder=cls.folder)
        plan("report", "--combine", "rss", "--points", "60", "-o", "rss.html", folder=cls.folder)
        plan("report", "--combine", "max", "--points", "12", "-o", "max.html", folder=cls.folder)
        # Names with markup, quotes, characters of several bytes, and a long one that breaks lines.
        names = ["a<script>window.broken=1</script>", HOSTILE, "c\"'&é😀`${1}", "d" * 115, "e.1.w", "e.2.w"]
        model = {"model": HOSTILE, "tensors": [{"name": name, "shape": [64, 256]} for name in names]}
        (cls.folder / "model.json").write_text(json.dumps(model), encoding="utf-8")
        lines = ["layer,Q4_0,Q8_0"]
        for index, name in enumerate(names):
            quoted = '"' + name.replace('"', '""') + '"'
            lines.append(f"{quoted},{1 / (index + 3)!r},{1e-05 * (index + 1)!r}")
        (cls.folder / "table.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        cls.own = ["--model", "model.json", "--impacts", "table.csv"]
        plan("report", *cls.own, "-o", "hostile.html", folder=cls.folder)

    @classmethod
    def tearDownClass(cls):
        cls.browser.quit()
        cls.scratch.cleanup()

    def open(self, name):
        self.browser.get_log("browser")
        self.browser.get_log("performance")
        self.browser.get((self.folder / name).as_uri())

    def tearDown(self):
        complaints = self.browser.get_log("browser")
        self.assertEqual([c for c in complaints if c["level"] != "INFO"], [], "the console has complaints")
        for entry in self.browser.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                address = message["params"]["request"]["url"]
                own = address.startswith((self.folder.as_uri(), "data:", "blob:"))
                self.assertTrue(own, f"the page asked for {address}")

    def find(self, name):
        return self.browser.find_element(By.ID, name)

    def move(self, index, slider="plan"):
        """Puts a slider to a position as a user's drag does."""
        self.browser.execute_script(
            "const s = document.getElementById(arguments[0]); s.value = arguments[1];"
            "s.dispatchEvent(new Event('input', {bubbles: true}));",
            slider,
            index,
        )

    def saved(self, button):
        """What a button saves: the file's name and its bytes."""
        before = set(self.downloads.iterdir())
        self.find(button).click()
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            new = [f for f in self.downloads.iterdir() if f not in before and not f.name.endswith(".crdownload")]
            if new and not new[0].name.startswith("."):
                content = new[0].read_bytes()
                new[0].unlink()
                return new[0].name, content
            time.sleep(0.05)
        raise AssertionError(f"the button {button} saved nothing")

    def choose(self, converter):
        self.browser.execute_script(
            "const c = document.getElementById('converter'); c.value = arguments[0];"
            "c.dispatchEvent(new Event('change'));",
            converter,
        )

    def restore(self):
        self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})

    def resize(self, width, height, scheme):
        self.browser.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        self.browser.execute_cdp_cmd(
            "Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        )

    def picture(self, path, width, height):
        length = self.browser.execute_script("return document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": width, "height": min(length, height), "scale": 1}
        answer = self.browser.execute_cdp_cmd("Page.captureScreenshot", {"captureBeyondViewport": True, "clip": clip})
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(answer["data"]))
