"""Drives the page that `plan report` writes in headless Chromium; run by Scripts/test-page."""

import argparse
import base64
import json
import os
import pathlib
import subprocess
import sys
import time
import unittest

from page_browser import HOSTILE, PROGRAM, SIZES, PageTestCase, plan
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select
from test_page_files import SavedFiles as SavedFiles  # Its tests run with those here.

EVEN_TABLE = pathlib.Path(__file__).resolve().parents[2] / "Examples" / "even-table"

arguments = argparse.ArgumentParser()
arguments.add_argument("--screenshots", type=pathlib.Path)
arguments.add_argument("--picture", type=pathlib.Path)
options, rest = arguments.parse_known_args()


class Page(PageTestCase):
    """What the page shows, and how it is used by hand, by keyboard and by screen reader."""

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

    def test_a_step_over_thousands_of_layers_is_drawn_in_parts_and_whole_in_the_end(self):
        names = [f"blk.{index // 4}.part{index % 4}" for index in range(2400)]
        tensors = [{"name": name + ".weight", "shape": [64, 256], "type": "BF16"} for name in names]
        (self.folder / "large.json").write_text(json.dumps({"model": "large", "tensors": tensors}))
        rows = [f"{name},{1 + index % 7},{0.1 + index % 3 / 10}" for index, name in enumerate(names)]
        (self.folder / "large.csv").write_text("layer,Q4_0,Q8_0\n" + "\n".join(rows) + "\n")
        words = ["--model", "large.json", "--impacts", "large.csv", "--points", "6"]
        plan("report", *words, "-o", "large.html", folder=self.folder)
        self.open("large.html")
        wrong = (
            "const [i, o] = [shown(), compared()]; return cells.filter((cell, at) => "
            "!cell.textContent.endsWith(dressOf.get(chosen(i, at).format).letter + direction(at, i, o))"
            " || !cell.getAttribute('aria-label').includes(chosen(i, at).format)).length"
            " + rows.filter((row, at) => !row.textContent.includes(chosen(i, at).format)).length"
        )

        def expect_all(count):
            deadline = time.monotonic() + 60
            while self.browser.execute_script(wrong) and time.monotonic() < deadline:
                time.sleep(0.05)
            self.assertEqual(self.browser.execute_script(wrong), 0)
            self.assertEqual(self.browser.execute_script("return rows.length"), count)

        expect_all(200)
        self.move(0)
        self.move(4)
        self.move(2)
        expect_all(200)
        self.find("compare").click()
        self.move(0, "other")
        expect_all(200)
        self.browser.execute_script("document.getElementById('all-rows').click()")
        self.move(1)
        expect_all(2400)

    def test_a_context_picks_the_plan_of_the_card(self):
        table = subprocess.run(
            [EVEN_TABLE, "llama-3.1-8b"], env={**os.environ, "PLAN": PROGRAM}, capture_output=True, check=True
        )
        (self.folder / "even.csv").write_bytes(table.stdout)
        words = ["--model", "llama-3.1-8b", "--impacts", "even.csv", "--card", "8GiB"]
        plan("report", *words, "--contexts", "32k,4k,1024k,16k", "--points", "20", "-o", "context.html", folder=self.folder)
        self.open("context.html")
        control = Select(self.find("context"))
        self.assertEqual([option.text for option in control.options], ["4k", "16k", "32k", "1024k"])
        self.assertEqual(control.first_selected_option.text, "4k")
        sizes = []
        for name in ("4k", "16k", "32k"):
            control.select_by_visible_text(name)
            sizes.append(self.browser.execute_script("return points[shown()].bytes"))
            self.assertIn(f"a context of {name} tokens leaves", self.find("hint").text)
            left = self.browser.execute_script("return data.contexts[$('context').selectedIndex].bytes")
            self.assertLessEqual(sizes[-1], left)
            # What is saved is a recipe for the card, of a plan as good as the command line's.
            plan(*words, "--context", name, "-o", "card.json", "--force", folder=self.folder)
            own = json.loads((self.folder / "card.json").read_text())
            saved = json.loads(self.browser.execute_script("return recipe(shown())"))
            for member in own.keys() - {"impact", "proof", "layers", "size"}:
                self.assertEqual(saved[member], own[member], member)
            self.assertAlmostEqual(saved["impact"]["total"] / own["impact"]["total"], 1, 9)
            self.assertEqual(saved["size"]["bytes"], own["size"]["bytes"])
            (self.folder / "saved.json").write_text(json.dumps(saved))
            plan("check", "saved.json", *words[:4], folder=self.folder)
            self.assertIn(f"plan --card 8GiB --context {name}", self.find("hint").text)
            self.assertIn(f"llama-server -m FILE.gguf -c {int(name[:-1]) * 1024}", self.find("hint").text)
        self.assertEqual(sizes, sorted(sizes, reverse=True))
        self.assertGreater(sizes[0], sizes[-1])
        control.select_by_visible_text("1024k")
        self.assertIn("No plan leaves room for 1024k tokens on the card", self.find("hint").text)
        self.move(0)
        self.assertEqual(control.first_selected_option.text, "32k")
        self.assertIn("plan --budget ", self.find("hint").text)

    def test_every_budget_shown_selects_its_plan(self):
        plan("report", *self.own, "-o", "small.html", folder=self.folder)
        for name, unit in [("flux.html", "GB"), ("small.html", "kB")]:
            self.open(name)
            self.assertEqual(self.find("budget-unit").text, unit)
            wrong = self.browser.execute_script(
                "return points.map((_, index) => [index, budgetOf(index)])"
                ".filter(([index, text]) => within(Math.round(Number(text) * unit.bytes)) !== index)"
            )
            self.assertEqual(wrong, [])
            last = int(self.find("plan").get_attribute("max"))
            for index in range(0, last + 1, max(1, last // 20)):
                self.move(index)
                text = self.find("budget").get_attribute("value")
                self.move(0 if index > 0 else last)
                self.browser.execute_script(
                    "const field = document.getElementById('budget'); field.value = arguments[0];"
                    "field.dispatchEvent(new Event('change'));",
                    text,
                )
                self.assertEqual(self.find("plan").get_attribute("value"), str(index), text)
        self.open("flux.html")
        self.assertEqual(self.find("budget").get_attribute("value"), "9.00")
        self.find("budget").send_keys(Keys.CONTROL, "a")
        self.find("budget").send_keys("1", Keys.ENTER)
        self.assertIn("No plan fits that budget", self.find("hint").text)
        for text in ("0", "-5"):
            self.find("budget").send_keys(Keys.CONTROL, "a")
            self.find("budget").send_keys(text, Keys.ENTER)
            self.assertIn("A budget is a number above 0", self.find("hint").text, text)
            self.assertEqual(self.find("budget").get_attribute("aria-invalid"), "true")
        self.find("budget").send_keys(Keys.CONTROL, "a")
        self.find("budget").send_keys("9", Keys.ENTER)
        self.assertNotIn("A budget is", self.find("hint").text)
        self.assertEqual(self.find("budget").get_attribute("aria-invalid"), "false")
        self.open("small.html")
        self.assertRegex(self.find("figures").text, r"\d kB \(\d+\.\d\d KiB\)")

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
        # The arrow says what this plan does, and stands beside its format.
        columns = self.browser.execute_script(
            "const rows = [...document.querySelectorAll('#table tbody tr')];"
            "return [1, 2].map((at) => rows.filter((row) => /[▲▼]/.test(row.cells[at].textContent)).length)"
        )
        self.assertGreater(columns[0], 0)
        self.assertEqual(columns[1], 0)
        self.assertIn("▲ The layer has more bytes in this plan", self.find("arrows").text)
        self.find("compare").click()
        self.assertFalse(self.find("arrows").is_displayed())

    def test_the_loss_to_expect_stands_below_the_impact(self):
        self.open("flux.html")
        self.assertNotIn("Expect", self.find("figures").text)
        losses = "# kind: loss\n# unit: KL divergence, nats per token\n# uncertainty: 0.3\nlayer,Q4_0,Q8_0\n"
        model = {"model": "m", "tensors": [{"name": name, "shape": [64, 256]} for name in "ab"]}
        (self.folder / "loss.json").write_text(json.dumps(model), encoding="utf-8")
        (self.folder / "loss.csv").write_text(losses + "a,0.25,0.002\nb,0.5,0.004\n", encoding="utf-8")
        plan("report", "--model", "loss.json", "--impacts", "loss.csv", "-o", "loss.html", folder=self.folder)
        self.open("loss.html")
        last = int(self.find("plan").get_attribute("max"))
        for index in (0, last):
            self.move(index)
            impact = self.browser.execute_script("return figure(points[arguments[0]].impact)", index)
            self.assertIn(f"KL divergence of {impact} nats per token", self.find("figures").text)
        self.assertIn("±30 %", self.find("figures").text)
        self.move(0)
        # More than was ever held against its prediction.
        self.assertIn("0.75 nats per token at least", self.find("figures").text)

    def test_a_click_explains_a_layer(self):
        self.open("flux.html")
        cells = self.find("map").find_elements(By.CLASS_NAME, "cell")
        self.assertEqual(len(cells), 76)
        cell = next(c for c in cells if c.get_attribute("aria-label").startswith("layer05.txt:"))
        cell.click()
        text = self.find("explanation").text
        self.assertIn("layer05.txt takes Q5_1", text)
        self.assertIn("previous change: from Q4_1 at 8.33 GB; next change: Q8_0 at 10.59 GB.", text)
        self.assertIn("dominated by Q4_1", text)
        self.assertIn("0.01827", text)
        self.assertIn("plan explain layer05.txt --budget 8995022112", text)

    def test_an_explanation_is_printed_whole(self):
        try:
            self.resize(718, 1000, "light")
            for name in ("flux.html", "rss.html", "max.html"):
                self.open(name)
                self.browser.execute_script("document.getElementById('compare').click(); explain(9)")
                self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
                widths = self.browser.execute_script(
                    "return [document.documentElement, ...document.querySelectorAll('.scroll')]"
                    ".map((part) => [part.scrollWidth, part.clientWidth])"
                )
                for whole, seen in widths:
                    self.assertLessEqual(whole, seen, f"{name}: printed on A4, a table is cut off")
                self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        finally:
            self.restore()

    def test_names_of_marks_do_not_cover_each_other(self):
        formats = ["Q4_0", "Q4_K", "Q4_1", "Q5_0", "Q5_K", "Q5_1", "Q8_0"]
        impacts = [0.5, 0.49, 0.48, 0.3, 0.295, 0.29, 0.1]
        model = {"model": "m", "tensors": [{"name": f"l{i}", "shape": [4096, 4096]} for i in range(4)]}
        (self.folder / "many.json").write_text(json.dumps(model), encoding="utf-8")
        rows = ["layer," + ",".join(formats)]
        rows += [f"l{i}," + ",".join(str(impact * (i + 1)) for impact in impacts) for i in range(4)]
        (self.folder / "many.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
        plan("report", "--model", "many.json", "--impacts", "many.csv", "-o", "many.html", folder=self.folder)
        try:
            for size, (width, height) in SIZES.items():
                self.resize(width, height, "light")
                for page in ("many.html", "flux.html"):
                    self.open(page)
                    boxes = self.browser.execute_script(
                        "return [...document.querySelectorAll('#curve .name')].map((name) => {"
                        "const b = name.getBBox(); return [name.textContent, b.x, b.y, b.x + b.width, b.y + b.height]; })"
                    )
                    self.assertGreater(len(boxes), 3)
                    for at, one in enumerate(boxes):
                        self.assertLessEqual(one[3], 800, f"{one[0]} leaves {page} at {size}")
                        for other in boxes[:at]:
                            # Boxes have room above and below the letters.
                            apart = (
                                one[1] >= other[3] - 1 or other[1] >= one[3] - 1
                                or one[2] >= other[4] - 1 or other[2] >= one[4] - 1
                            )
                            self.assertTrue(apart, f"{one[0]} covers {other[0]} in {page} at {size}")
        finally:
            self.restore()

    def test_exceptions_are_said(self):
        self.open("flux.html")
        self.assertIn("layer18.img, layer18.txt in BF16", self.find("curve-title").find_element(By.XPATH, "..").text)
        names = self.browser.execute_script(
            "return [...document.querySelectorAll('#curve .name')].map((name) => name.textContent)"
        )
        self.assertIn("Q8_0*", names)
        self.assertIn("Q5_1", names)

    def test_names_stay_whole_on_a_phone(self):
        try:
            self.resize(360, 740, "light")
            self.open("flux.html")
            self.browser.execute_script("document.getElementById('compare').click()")
            self.move(600)
            broken, widths = self.browser.execute_script(
                "const heads = [...document.querySelectorAll('#table tbody th')];"
                "const lines = (head) => { const r = document.createRange(); r.selectNodeContents(head); return r.getClientRects().length; };"
                "const t = document.getElementById('table').parentElement;"
                "return [heads.filter((head) => lines(head) !== 1).map((head) => head.textContent), [t.scrollWidth, t.clientWidth]]"
            )
            self.assertEqual(broken, [])
            self.assertLessEqual(widths[0], widths[1])
        finally:
            self.restore()

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
            ("button", "Copy its command"),
            ("heading", "Layers"),
        ]:
            self.assertIn(control, named)
        layers = [name for role, name in named if role == "button" and (name or "").startswith("layer")]
        self.assertEqual(len(layers), 76)
        said = self.find("curve-text").get_attribute("textContent")
        telling = [
            key
            for node in nodes
            if not node.get("ignored") and node.get("role", {}).get("value") in ("image", "img")
            for key in ("name", "description")
            if said in node.get(key, {}).get("value", "")
        ]
        self.assertEqual(telling, ["description"], "the curve is not described once")
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
                    if page == "flux.html":
                        self.browser.execute_script("document.getElementById('compare').click()")
                        inner = self.browser.execute_script(
                            "const t = document.getElementById('table').parentElement; return [t.scrollWidth, t.clientWidth]"
                        )
                        self.assertLessEqual(inner[0], inner[1], f"the table is cut off at {name}")
                        self.browser.execute_script("document.getElementById('compare').click()")
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


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *rest], verbosity=2)
