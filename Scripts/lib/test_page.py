"""Drives the page that `plan report` writes in headless Chromium; run by Scripts/test-page."""

import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import unittest

from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

PROGRAM = os.environ["PLAN_PROGRAM"]
SIZES = {"desk": (1280, 1000), "tablet": (820, 1180), "phone": (390, 844)}
HOSTILE = "</script><script>window.broken=1</script><img src=x onerror=window.broken=1>"

arguments = argparse.ArgumentParser()
arguments.add_argument("--screenshots", type=pathlib.Path)
arguments.add_argument("--picture", type=pathlib.Path)
options, rest = arguments.parse_known_args()


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


class Page(unittest.TestCase):
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

    def test_the_slider_changes_what_is_shown(self):
        self.open("flux.html")
        self.assertIn("9.00 GB (8.38 GiB)", self.find("figures").text)
        before = [self.find(name).text for name in ("figures", "legend", "map", "table")]
        place = self.find("curve").find_element(By.CLASS_NAME, "here").get_attribute("cx")
        slider = self.find("plan")
        slider.send_keys(Keys.END)
        self.assertIn("23.81 GB", self.find("figures").text)
        self.assertIn("23.81 GB, impact 0, proven", slider.get_attribute("aria-valuetext"))
        after = [self.find(name).text for name in ("figures", "legend", "map", "table")]
        for old, new in zip(before, after):
            self.assertNotEqual(old, new)
        self.assertNotEqual(place, self.find("curve").find_element(By.CLASS_NAME, "here").get_attribute("cx"))
        slider.send_keys(Keys.HOME)
        self.assertIn("7.54 GB", self.find("figures").text)
        slider.send_keys(Keys.ARROW_RIGHT)
        self.assertIn("7.55 GB", self.find("figures").text)

    def test_a_budget_can_be_typed(self):
        self.open("flux.html")
        field = self.find("budget")
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys("10", Keys.ENTER)
        self.assertIn("9.99 GB", self.find("figures").text)

    def test_every_budget_shown_selects_its_plan(self):
        plan("report", *self.own, "-o", "small.html", folder=self.folder)
        for name, unit in [("flux.html", "GB"), ("small.html", "kB")]:
            self.open(name)
            self.assertEqual(self.find("budget-unit").text, unit)
            wrong = self.browser.execute_script(
                """
                const wrong = [];
                const field = document.getElementById("budget");
                for (let index = 0; index < points.length; index += 1) {
                  const slider = document.getElementById("plan");
                  slider.value = index;
                  slider.dispatchEvent(new Event("input"));
                  const text = field.value;
                  slider.value = index === 0 ? points.length - 1 : 0;
                  field.value = text;
                  field.dispatchEvent(new Event("change"));
                  if (Number(slider.value) !== index) wrong.push([index, text]);
                }
                return wrong;
                """
            )
            self.assertEqual(wrong, [])
        self.open("flux.html")
        self.assertEqual(self.find("budget").get_attribute("value"), "9.00")
        self.find("budget").send_keys(Keys.CONTROL, "a")
        self.find("budget").send_keys("1", Keys.ENTER)
        self.assertIn("No plan fits that budget", self.find("hint").text)

    def test_small_steps_keep_their_digits(self):
        for name in ("flux.html", "rss.html", "max.html", "hostile.html"):
            self.open(name)
            for index in range(int(self.find("plan").get_attribute("max"))):
                texts = self.browser.execute_script(
                    "document.getElementById('plan').value = arguments[0]; show();"
                    "return document.getElementById('figures').textContent", index
                )
                self.assertRegex(texts, r"buys -(\d+|\d*\.\d*[1-9]\d*|[1-9](\.\d)?e-\d+)\u00a0%", f"{name}, plan {index}")
                self.assertNotIn("-0\u00a0%", texts)

    def test_a_second_slider_compares(self):
        self.open("flux.html")
        self.assertFalse(self.find("other").is_displayed())
        self.find("compare").click()
        self.assertTrue(self.find("other").is_displayed())
        self.move(600)
        figures = self.find("figures").text
        self.assertIn("Layers that differ", figures)
        size, impact = self.browser.execute_script(
            "const other = Number(document.getElementById('other').value);"
            "return [decimal(points[other].bytes), figure(points[other].impact)]"
        )
        self.assertIn(f"other plan {size}", figures)
        self.assertIn(f"other plan {impact}", figures)
        self.assertIn("▲", self.find("map").text)
        self.assertIn("Other plan", self.find("table").text)

    def test_saved_recipes_are_those_of_the_command_line(self):
        self.open("flux.html")
        last = int(self.find("plan").get_attribute("max"))
        self.assertEqual(last, 1212)
        for index in (0, 1, 300, last):
            self.move(index)
            size = self.browser.execute_script("return points[arguments[0]].bytes", index)
            name, content = self.saved("save")
            self.assertEqual(name, f"flux1-dev-{size}.json")
            self.assertEqual(content, plan("--budget", str(size), "-o", "-", folder=self.folder))

    def test_every_kind_of_page_makes_the_command_lines_recipes(self):
        bound = ["--converter", "mixed-gguf-converter", "--pin", "layer00.*=Q8_0"]
        plan("report", *bound, "--points", "9", "-o", "bound.html", folder=self.folder)
        pages = [
            ("flux.html", [], 41),
            ("rss.html", ["--combine", "rss"], 7),
            ("max.html", ["--combine", "max"], 3),
            ("hostile.html", self.own, 1),
            ("bound.html", bound, 2),
        ]
        for name, words, step in pages:
            self.open(name)
            last = int(self.find("plan").get_attribute("max"))
            for index in range(0, last + 1, step):
                size, text = self.browser.execute_script(
                    "return [points[arguments[0]].bytes, recipe(arguments[0])]", index
                )
                expected = plan("--budget", str(size), *words, "-o", "-", folder=self.folder)
                self.assertEqual(text.encode(), expected, f"{name}, plan {index}")

    def test_saved_converters_files_are_those_of_the_command_line(self):
        self.open("flux.html")
        size = self.browser.execute_script("return points[document.getElementById('plan').value].bytes")
        plan("--budget", str(size), "-o", "recipe.json", folder=self.folder)
        labels = [o.text for o in self.find("converter").find_elements(By.TAG_NAME, "option")]
        for label in ("cg-mixed-casting", "stable-diffusion.cpp", "thireus"):
            self.assertIn(label, labels)
            self.choose(label)
            _, content = self.saved("save-file")
            expected = plan("export", "recipe.json", "--converter", label, "--force", folder=self.folder)
            self.assertEqual(content, expected, label)
        self.choose("mixed-gguf-converter")
        self.assertFalse(self.find("save-file").is_enabled())
        self.assertIn("needs one format for layer00.img and layer00.txt", self.find("hint").text)

    def test_every_converters_file_is_that_of_the_command_line(self):
        blocks = ["--impacts", "blocks.csv"]
        (self.folder / "blocks.csv").write_text(
            "layer,Q4_1,Q8_0\n" + "".join(f"{n},{1 / (n + 2)!r},{0.1 / (n + 3)!r}\n" for n in range(57))
        )
        floats = ["--formats", "float8_e4m3fn"]
        plan("report", *blocks, "--points", "9", "-o", "blocks.html", folder=self.folder)
        plan("report", *floats, "--points", "9", "-o", "floats.html", folder=self.folder)
        written = set()
        # Rows of which not every group size is a divisor, experts that are stacked, and a module that is kept.
        names = ["a.weight", "mlp.experts.0.up.weight", "mlp.experts.1.up.weight", "b.weight", "norm.weight"]
        shapes = [[64, 192], [64, 128], [64, 128], [8, 96], [128]]
        tensors = [{"name": name, "shape": shape} for name, shape in zip(names, shapes)]
        (self.folder / "mlx.json").write_text(json.dumps({"model": "mlx", "tensors": tensors}))
        formats = ["MLX_Q4_G32", "MLX_Q4_G64", "MLX_MXFP4", "MLX_Q8_G64"]
        (self.folder / "mlx.csv").write_text(
            f"layer,{','.join(formats)}\n"
            + "".join(f"{name},{0.4 / (at + 2)!r},{0.9 / (at + 3)!r},{0.2 * (at + 1)!r},{0.01 * (at + 1)!r}\n" for at, name in enumerate(names[:4]))
        )
        mlx = ["--model", "mlx.json", "--impacts", "mlx.csv", "--converter", "mlx"]
        plan("report", *mlx, "-o", "mlx.html", folder=self.folder)
        own = ("mlx.html", mlx, 1)
        for page, words, step in [("flux.html", [], 173), ("blocks.html", blocks, 2), ("floats.html", floats, 2), own]:
            self.open(page)
            last = int(self.find("plan").get_attribute("max"))
            labels = [o.text for o in self.find("converter").find_elements(By.TAG_NAME, "option")]
            for index in range(0, last + 1, step):
                size = self.browser.execute_script("return points[arguments[0]].bytes", index)
                plan("--budget", str(size), *words, "-o", "recipe.json", folder=self.folder)
                for label in labels:
                    self.choose(label)
                    text = self.browser.execute_script("return converterFile(arguments[0]).text ?? null", index)
                    run = subprocess.run(
                        [PROGRAM, "export", "recipe.json", "--converter", label, "--force", *words[:2 * (words is mlx)]],
                        cwd=self.folder,
                        capture_output=True,
                        check=False,
                    )
                    if text is None:
                        self.assertNotEqual(run.returncode, 0, f"{page}, plan {index}, {label}")
                    else:
                        self.assertEqual(text.encode(), run.stdout, f"{page}, plan {index}, {label}")
                        written.add(label)
        self.assertEqual(len(written), 9, f"only {written} were compared")

    def choose(self, converter):
        self.browser.execute_script(
            "const c = document.getElementById('converter'); c.value = arguments[0];"
            "c.dispatchEvent(new Event('change'));",
            converter,
        )

    def test_a_click_explains_a_layer(self):
        self.open("flux.html")
        cells = self.find("map").find_elements(By.CLASS_NAME, "cell")
        self.assertEqual(len(cells), 76)
        cell = next(c for c in cells if c.get_attribute("aria-label").startswith("layer05.txt:"))
        cell.click()
        text = self.find("explanation").text
        self.assertIn("layer05.txt takes Q5_1", text)
        self.assertIn("Q4_1 below a budget of 8.33 GB, Q8_0 from 10.59 GB on", text)
        self.assertIn("dominated by Q4_1", text)
        self.assertIn("0.01827", text)
        self.assertIn("plan explain layer05.txt --budget 8995022112", text)

    def test_pins_cost_what_the_command_line_proves(self):
        tied = ["--tie", "layer*.???", "--at-most", "layer0*=Q8_0"]
        plan("report", *tied, "--points", "40", "-o", "tied.html", folder=self.folder)
        pages = [
            ("flux.html", [], [(0, "layer00.img"), (431, "layer05.txt"), (800, "layer18.img"), (1212, "layer56.x")]),
            ("rss.html", ["--combine", "rss"], [(20, "layer05.txt")]),
            ("max.html", ["--combine", "max"], [(4, "layer18.txt")]),
            ("tied.html", tied, [(12, "layer07.img"), (30, "layer40.x")]),
            ("hostile.html", self.own, [(2, "e.1.w")]),
        ]
        for name, words, asked in pages:
            self.open(name)
            for index, layer in asked:
                self.move(index)
                size, pins = self.browser.execute_script(
                    """
                    const layer = data.layers.findIndex(({ name }) => name === arguments[1]);
                    explain(layer);
                    const pins = optionsOf(layer).map((option) => (option ? pinnedImpact(arguments[0], option) ?? null : null));
                    return [points[arguments[0]].bytes, data.layers[layer].options.map((o, at) => [o.format, pins[at]])];
                    """,
                    index,
                    layer,
                )
                answer = plan("explain", layer, "--budget", str(size), *words, "--format", "json", folder=self.folder)
                proven = {row["format"]: row["pinnedImpact"] for row in json.loads(answer)["options"]}
                for form, impact in pins:
                    where = f"{name}, plan {index}, {layer} as {form}"
                    if impact is None:
                        self.assertIsNone(proven[form], where)
                    else:
                        self.assertAlmostEqual(impact, proven[form], delta=1e-9 * abs(impact), msg=where)

    def test_what_cannot_be_worked_out_is_not_claimed(self):
        (self.folder / "costs.csv").write_text("format,cost\nBF16,1\nQ8_0,1.1\nfloat8_e4m3fn,1\nQ5_1,1.4\nQ4_1,1.3\n")
        for words in (["--max-formats", "2"], ["--slowdown", "1.2", "--costs", "costs.csv"]):
            plan("report", *words, "--points", "4", "-o", "limited.html", folder=self.folder)
            self.open("limited.html")
            self.browser.execute_script("explain(3)")
            text = self.find("explanation").text
            self.assertIn("is not worked out here; the command line proves it", text)
            self.assertNotIn("Pin costs", text)

    def test_an_explanation_comes_into_sight_and_the_way_back_is_short(self):
        try:
            for name in SIZES:
                self.resize(*SIZES[name], "light")
                self.open("flux.html")
                cell = self.find("map").find_elements(By.CLASS_NAME, "cell")[9]
                cell.click()
                box = self.browser.execute_script(
                    "const t = document.getElementById('explanation-title').getBoundingClientRect();"
                    "const c = getComputedStyle(document.getElementById('controls'));"
                    "const top = c.position === 'sticky' ? document.getElementById('controls').getBoundingClientRect().bottom : 0;"
                    "return [t.top - top, t.bottom, innerHeight]"
                )
                self.assertGreaterEqual(box[0], 0, name)
                self.assertLessEqual(box[1], box[2], name)
                wide = self.browser.execute_script(
                    "const s = document.querySelector('#explanation .scroll'); return [s.scrollWidth, s.clientWidth]"
                )
                self.assertLessEqual(wide[0], wide[1], f"the explanation's table is cut off at {name}")
                self.assertEqual(self.browser.switch_to.active_element.get_attribute("id"), "explanation-title")
                self.find("back").click()
                self.assertEqual(self.browser.switch_to.active_element, cell)
        finally:
            self.restore()

    def test_a_screen_reader_is_not_told_twice(self):
        self.open("flux.html")
        live = self.browser.find_elements(By.CSS_SELECTOR, "[aria-live], [role='status'], [role='alert']")
        self.assertEqual([e.get_attribute("id") for e in live], ["status"])
        self.find("map").find_element(By.CLASS_NAME, "cell").click()
        before = self.browser.execute_script("return document.getElementById('status').textContent")
        self.find("plan").send_keys(Keys.ARROW_RIGHT)
        after = self.browser.execute_script("return document.getElementById('status').textContent")
        self.assertEqual(before, after)

    def test_the_map_is_one_stop_for_the_keyboard(self):
        self.open("flux.html")
        stops = self.find("map").find_elements(By.CSS_SELECTOR, ".cell[tabindex='0']")
        self.assertEqual(len(stops), 1)
        stops[0].send_keys(Keys.ARROW_RIGHT)
        active = self.browser.switch_to.active_element
        self.assertTrue(active.get_attribute("aria-label").startswith("layer00.txt:"))
        active.send_keys(Keys.ENTER)
        self.assertIn("layer00.txt takes", self.find("explanation").text)

    def test_names_from_files_are_text(self):
        self.open("hostile.html")
        self.assertIsNone(self.browser.execute_script("return window.broken ?? null"))
        self.assertEqual(self.find("map").find_elements(By.TAG_NAME, "script"), [])
        self.assertEqual(self.browser.find_elements(By.TAG_NAME, "img"), [])
        self.assertEqual(self.browser.find_element(By.TAG_NAME, "h1").text, HOSTILE)
        self.assertTrue(self.browser.title.startswith(HOSTILE))
        self.assertIn("a<script>window.broken=1</script>", self.find("table").text)
        self.find("map").find_element(By.CLASS_NAME, "cell").click()
        self.assertIn("takes", self.find("explanation-title").text)

    def test_the_accessibility_tree_names_the_controls(self):
        self.open("flux.html")
        self.find("compare").click()
        self.browser.execute_cdp_cmd("Accessibility.enable", {})
        nodes = self.browser.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
        named = set()
        for node in nodes:
            if not node.get("ignored"):
                named.add((node.get("role", {}).get("value"), node.get("name", {}).get("value")))
        for control in [
            ("slider", "Plan"),
            ("slider", "Compared with"),
            ("spinbutton", "Budget in GB"),
            ("checkbox", "Compare with another plan"),
            ("button", "Save recipe"),
            ("combobox", "Converter"),
            ("button", "Save its file"),
            ("heading", "Layers"),
        ]:
            self.assertIn(control, named)
        layers = [name for role, name in named if role == "button" and (name or "").startswith("layer")]
        self.assertEqual(len(layers), 76)
        unnamed = [role for role, name in named if role in ("button", "slider", "checkbox", "combobox") and not name]
        self.assertEqual(unnamed, [])

    def test_the_page_is_small_and_fits_every_screen(self):
        self.assertLess((self.folder / "flux.html").stat().st_size, 1_000_000)
        try:
            for name, (width, height) in SIZES.items():
                self.resize(width, height, "dark" if name == "tablet" else "light")
                for page in ("flux.html", "hostile.html"):
                    self.open(page)
                    widths = self.browser.execute_script(
                        "return [document.documentElement.scrollWidth, window.innerWidth]"
                    )
                    self.assertLessEqual(widths[0], width, f"{page} at {name}")
                    if options.screenshots:
                        options.screenshots.mkdir(parents=True, exist_ok=True)
                        self.find("compare").click()
                        self.move(2)
                        self.browser.execute_script("explain(1); scrollTo(0, 0)")
                        self.picture(options.screenshots / f"{page[:-5]}-{name}.png", width, 3600)
                        if name == "desk":
                            printed = self.browser.execute_cdp_cmd("Page.printToPDF", {"printBackground": True})
                            (options.screenshots / f"{page[:-5]}.pdf").write_bytes(base64.b64decode(printed["data"]))
        finally:
            self.restore()

    def test_the_picture_of_the_readme(self):
        if not options.picture:
            self.skipTest("no --picture was asked for")
        width, height = 1100, 1380
        self.resize(width, height, "light")
        self.open("flux.html")
        self.find("compare").click()
        self.browser.execute_script("document.getElementById('plan').value = within(10e9); show(); scrollTo(0, 0)")
        self.picture(options.picture, width, height)
        self.browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

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


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
