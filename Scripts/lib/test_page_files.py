"""Holds what the page saves and works out against what the command line writes and proves."""

import json
import shlex
import subprocess

from page_browser import PROGRAM, PageTestCase, plan
from selenium.webdriver.common.by import By


class SavedFiles(PageTestCase):
    """Recipes, converters' files and the costs of pins, each beside the command line's own."""

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
        (self.folder / "costs.csv").write_text("format,cost\nBF16,1\nQ8_0,1.1\nfloat8_e4m3fn,1\nQ5_1,1.4\nQ4_1,1.3\n")
        slow = ["--slowdown", "1.25", "--costs", "costs.csv"]
        plan("report", *slow, "--points", "4", "-o", "slow.html", folder=self.folder)
        pages = [
            ("flux.html", [], 41),
            ("rss.html", ["--combine", "rss"], 7),
            ("max.html", ["--combine", "max"], 3),
            ("hostile.html", self.own, 1),
            ("bound.html", bound, 2),
            ("slow.html", slow, 1),
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

    def test_the_command_shown_for_a_converter_works_as_it_stands(self):
        self.open("flux.html")
        name, recipe = self.saved("save")
        (self.folder / name).write_bytes(recipe)
        labels = [o.text for o in self.find("converter").find_elements(By.TAG_NAME, "option")]
        for label in ("cg-mixed-casting", "thireus"):
            self.assertIn(label, labels)
            self.choose(label)
            shown = self.find("hint").find_elements(By.TAG_NAME, "code")[1].text
            words = shlex.split(shown)
            self.assertEqual(words[0], "plan")
            (self.folder / words[-1]).unlink(missing_ok=True)
            plan(*words[1:], folder=self.folder)
            expected = plan("export", name, "--converter", label, folder=self.folder)
            self.assertEqual((self.folder / words[-1]).read_bytes(), expected, label)
        self.choose("mixed-gguf-converter")
        self.assertFalse(self.find("copy").is_enabled())
        self.assertIn("needs one format for layer00.img and layer00.txt", self.find("hint").text)

    def test_a_word_stands_for_what_came_through_a_pipe(self):
        table = (self.folder / "table.csv").read_bytes()
        words = [PROGRAM, "report", "--model", "model.json", "--impacts", "-", "-o", "piped.html"]
        subprocess.run(words, cwd=self.folder, input=table, check=True)
        self.open("piped.html")
        self.assertIn("--impacts IMPACTS-FILE", self.find("hint").text)

    def test_a_command_is_shown_where_export_takes_the_plan_and_a_reason_where_it_does_not(self):
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
                    found = self.browser.execute_script("return exportOf(arguments[0])", index)
                    run = subprocess.run(
                        [PROGRAM, "export", "recipe.json", "--converter", label, *words[: 2 * (words is mlx)]],
                        cwd=self.folder,
                        capture_output=True,
                        check=False,
                    )
                    where = f"{page}, plan {index}, {label}: {run.stderr.decode()}"
                    self.assertEqual(run.returncode == 0, "command" in found, where)
                    if run.returncode == 0:
                        self.assertEqual(bool(found["note"]), b"otherwise than planned" in run.stderr, where)
                        written.add(label)
        self.assertGreaterEqual(len(written), 7, f"only {written} were compared")

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

    def test_a_plan_on_devices_has_a_page_of_its_own(self):
        listed = plan("inspect", "llama-3.1-8b", "--layers", "--grouping", "per tensor", "--format", "json", folder=self.folder)
        names = [row["layer"] for row in json.loads(listed)]
        lines = ["layer,Q4_K,Q6_K,Q8_0"]
        lines += [f"{name},{1 / (at % 7 + 2)!r},{0.1 / (at % 5 + 2)!r},{0.01 / (at % 3 + 2)!r}" for at, name in enumerate(names)]
        (self.folder / "llama.csv").write_text("\n".join(lines) + "\n")
        words = ["--model", "llama-3.1-8b", "--impacts", "llama.csv", "--combine", "sum", "--context", "8k"]
        words += ["--device", "gpu=6GiB,400GB/s", "--device", "cpu=64GiB,60GB/s", "--min-speed", "20"]
        plan("report", *words, "-o", "devices.html", folder=self.folder)
        expected = plan(*words, "-o", "-", folder=self.folder)
        self.open("devices.html")
        self.assertEqual(self.saved("save")[1], expected)
        for name in ("plan", "budget", "compare", "curve"):
            self.assertFalse(self.find(name).is_displayed(), name)
        shown = self.find("devices").text
        self.assertIn("cpu 64.00 GiB (CPU), ", shown)
        self.assertIn("gpu 6.00 GiB (CUDA0), ", shown)
        self.assertIn("20 asked for", shown)
        self.assertIn("llama-server -m ", self.find("run").text)
        rows = self.find("table").find_elements(By.TAG_NAME, "tr")
        self.assertEqual(rows[0].text.split(), ["Layer", "Format", "Device", "Size", "Impact"])
        layers = json.loads(expected)["layers"]
        self.assertEqual(len(rows), len(layers) + 1)
        for row, layer in zip(rows[1:], layers):
            self.assertIn(f"{layer['layer']} {layer['format']} {layer['device']} ", row.text)
        hint = self.find("hint").find_element(By.TAG_NAME, "code").text
        self.assertEqual(plan(*shlex.split(hint)[1:], "-o", "-", folder=self.folder), expected)
        self.browser.execute_script("explain(3)")
        layer = layers[3]
        title = f"{layer['layer']} takes {layer['format']} on {layer['device']}"
        self.assertEqual(self.find("explanation-title").text, title)
        self.assertNotIn("Pin costs", self.find("explanation").text)
