"use strict";
// Everything this page shows stands in the JSON block above; nothing is asked of the network.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

// --- The plans -------------------------------------------------------------------------------------------------

// Numbers that go into a recipe are kept as the texts the command line writes.
const column = (name) => (data.points[name] === "" ? [] : data.points[name].split(" "));
const points = column("bytes").map((bytes) => ({ bytes: Number(bytes) }));
for (const name of ["impact", "bitsPerWeight", "bound", "gap", "solver", "price"]) {
  column(name).forEach((text, index) => { points[index][name] = text; });
}
// Per point only the layers that change from the point before: "layer.option layer.option", points by commas.
let choices = data.layers.map(() => 0);
data.points.changes.split(",").forEach((text, index) => {
  choices = choices.slice();
  for (const change of text.split(" ").filter(Boolean)) {
    const [layer, option] = change.split(".").map(Number);
    choices[layer] = option;
  }
  points[index].choices = choices;
});
const chosen = (point, layer) => data.layers[layer].options[points[point].choices[layer]];
const layerSize = (option) => option.bytes;

// The last plan within a budget; the first where none is.
function within(bytes) {
  let found = 0;
  points.forEach((point, index) => { if (point.bytes <= bytes) found = index; });
  return found;
}

// --- The recipe, written byte for byte as the command line writes it ---------------------------------------------

// A number by its text, which JavaScript might spell otherwise.
class NumberText { constructor(text) { this.text = String(text); } }
const n = (text) => new NumberText(text);

const quoted = (text) =>
  JSON.stringify(text).replace(/[\u2028\u2029]/g, (c) => "\\u" + c.charCodeAt(0).toString(16));

// A map keeps the order of keys that look like numbers, which an object does not.
const membersOf = (value) => (value instanceof Map ? [...value] : Object.entries(value));

function onOneLine(value) {
  if (value instanceof NumberText) return value.text;
  if (Array.isArray(value)) return "[" + value.map(onOneLine).join(", ") + "]";
  if (value && typeof value === "object") {
    return "{" + membersOf(value).map(([k, v]) => quoted(k) + ": " + onOneLine(v)).join(", ") + "}";
  }
  return typeof value === "string" ? quoted(value) : String(value);
}

// Arrays and objects stand on one line where that line has at most 120 characters, else a member per line.
function write(value, depth, columnNow, limit) {
  const line = onOneLine(value);
  if (columnNow + [...line].length <= limit) return line;
  const isArray = Array.isArray(value);
  if (value instanceof NumberText || !value || typeof value !== "object") return line;
  const members = membersOf(value);
  if (members.length === 0) return line;
  const indent = "  ".repeat(depth + 1);
  const lines = members.map(([key, member], index) => {
    const isLast = index === members.length - 1;
    const start = indent + (isArray ? "" : quoted(key) + ": ");
    return start + write(member, depth + 1, [...start].length, isLast ? 120 : 119) + (isLast ? "" : ",");
  });
  return (isArray ? "[\n" : "{\n") + lines.join("\n") + "\n" + "  ".repeat(depth) + (isArray ? "]" : "}");
}

function recipe(index) {
  const point = points[index];
  const own = data.layers.map((_, layer) => chosen(index, layer));
  const tensorData = own.reduce((sum, option) => sum + option.data, data.keptBytes);
  const isProven = point.bound === "=";
  return write({
    version: n(data.recipeVersion),
    generator: {
      name: data.generator.name, version: data.generator.version,
      arguments: ["--budget", String(point.bytes), ...data.generator.arguments],
    },
    model: { name: data.model.name, parameters: n(data.model.parameters), digest: data.model.digest },
    impacts: data.impacts,
    converter: data.converter,
    budget: { bytes: n(point.bytes) },
    size: {
      bytes: n(point.bytes), bitsPerWeight: n(point.bitsPerWeight),
      tensorData: n(tensorData), headerAndAlignment: n(point.bytes - tensorData),
      exact: data.sizeExact,
    },
    impact: { total: n(point.impact), combine: data.combine },
    proof: {
      solver: data.solvers[Number(point.solver)], status: isProven ? "optimal" : "feasible", objective: "impact",
      bound: n(isProven ? point.impact : point.bound), gap: n(point.gap),
    },
    layers: data.layers.map((layer, at) => ({
      layer: layer.name, format: own[at].format, bytes: n(own[at].data), impact: n(own[at].impact),
      tensors: layer.tensors,
    })),
    kept: data.kept.map((kept) => ({ tensor: kept[0], format: kept[1], bytes: n(kept[2]) })),
  }, 0, 0, 120) + "\n";
}

// --- Converters' files, written byte for byte as plan export writes them -------------------------------------------

// 3, 5, 6, 7 as "3, 5-7".
function ranges(numbers) {
  const parts = [];
  for (const number of numbers) {
    const last = parts[parts.length - 1];
    if (last && last[1] + 1 === number) last[1] = number;
    else parts.push([number, number]);
  }
  return parts.map(([low, high]) => (low === high ? low : `${low}-${high}`)).join(", ");
}
const castRange = (blocks) => (blocks.length === 1 ? `'${blocks[0]}'` : ranges(blocks));
const unique = (list) => [...new Set(list)];

// Rules [pattern, type]; names that differ in their number only, and have one type, share a rule.
function rules(sheet, typeOf) {
  const groups = new Map();
  for (const [head, number, tail, type] of sheet.entries) {
    const own = typeof type === "number" ? typeOf(type) : type;
    const key = JSON.stringify([head, tail, own]);
    if (!groups.has(key)) groups.set(key, { head, tail, own, numbers: [] });
    groups.get(key).numbers.push(number);
  }
  return [...groups.values()].map(({ head, tail, own, numbers }) =>
    [head + (numbers.length === 1 ? numbers[0] : `(${numbers.join("|")})`) + tail, own]);
}

const shapes = {
  rules: (sheet, typeOf) => rules(sheet, typeOf).map((rule) => rule.join("=")).join(sheet.separator) + "\n",
  ruleObject: (sheet, typeOf) => write(new Map(rules(sheet, typeOf).map(([pattern, type]) =>
    [pattern, type === "skip" ? { skip: true } : { format: type }])), 0, 0, 120) + "\n",
  modules: (sheet, typeOf, formatOf) => write({
    format_version: "1.0",
    layers: new Map(sheet.entries.filter(([, layer]) => !sheet.untouched.includes(formatOf(layer)))
      .map(([module, layer]) => [module, { format: typeOf(layer) }])),
  }, 0, 0, 120) + "\n",
  streams: (sheet, typeOf) => "casts:\n" + unique(sheet.entries.map(([, stream]) => stream)).map((stream) =>
    sheet.spellings.map((cast) => {
      const blocks = sheet.entries.filter((e) => e[1] === stream && typeOf(e[2]) === cast).map((e) => e[0]);
      if (blocks.length === 0) return "";
      const name = stream === "x" ? "" : " " + stream;
      return `  - layers: ${castRange(blocks)}\n    blocks:${name}\n    castto: ${cast}\n`;
    }).join("")).join(""),
  blocks: (sheet, typeOf, _, point) => {
    const hundredths = Math.round(Number(point.bitsPerWeight) * 100);
    const key = `${Math.floor(hundredths / 100)}_${String(hundredths % 100).padStart(2, "0")}`;
    const casts = sheet.spellings.map((cast) => {
      const blocks = unique(sheet.entries.filter((e) => typeOf(e[2]) === cast).map((e) => e[0]));
      return blocks.length === 0 ? "" : `    - castto: ${cast}\n      layers: ${castRange(blocks)}\n`;
    }).join("");
    return `configurations:\n  '${key}':\n    casts:\n${casts}    notes: made by plan\nmetadata:\n  native: ${sheet.native}\n`;
  },
};

// The chosen converter's file for a plan, or why it has none.
function converterFile(index) {
  const sheet = data.converters.find((sheet) => sheet.name === $("converter").value);
  if (!sheet) return {};
  const formatOf = (layer) => chosen(index, layer).format;
  const refused = data.layers.findIndex((_, layer) => !(formatOf(layer) in sheet.accepted[layer]));
  if (refused >= 0) {
    return { reason: `${sheet.name} cannot make ${data.layers[refused].name} ${formatOf(refused)}.` };
  }
  const torn = sheet.ties.find((tie) => unique(tie.map(formatOf)).length > 1);
  if (torn) {
    return { reason: `${sheet.name} needs one format for ${torn.map((layer) => data.layers[layer].name).join(" and ")}.` };
  }
  const text = shapes[sheet.shape](sheet, (layer) => sheet.accepted[layer][formatOf(layer)], formatOf, points[index]);
  if (sheet.limit && new TextEncoder().encode(text).length - 1 > sheet.limit) {
    return { reason: `The rules for ${sheet.name} are longer than it can read.` };
  }
  return { name: sheet.fileName, text };
}

function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}

// --- Writing for people ------------------------------------------------------------------------------------------

function decimal(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let unit = 0;
  let value = Math.abs(bytes);
  while (unit < 4 && value >= 999.995) { value /= 1000; unit += 1; }
  return (bytes < 0 ? "-" : "") + (unit === 0 ? value : value.toFixed(2)) + " " + units[unit];
}
const binary = (bytes) => (bytes / 2 ** 30).toFixed(2) + " GiB";
const figure = (value) => (Number(value) === 0 ? "0" : String(Number(Number(value).toPrecision(5))));
const signed = (value, text) => (value > 0 ? "+" : "") + text;
const percent = (to, from) => (from > 0 ? signed(to - from, ((to / from - 1) * 100).toFixed(1)) + "\u00a0%" : "");

// An element with text and children; text from files only ever becomes a text node.
function make(tag, attributes = {}, ...children) {
  const isDrawing = ["path", "circle", "text", "g", "title"].includes(tag);
  const element = isDrawing
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

// --- Formats: a letter, a colour and a pattern each, from the fewest bits to the most -----------------------------

const colours = ["#ffe08a", "#e8b33c", "#bda55f", "#8f9a80", "#6d8fa3", "#4a74ad", "#3355a0", "#20336f"];
const dressOf = new Map(data.formats.map((format, index) => {
  const place = data.formats.length > 1 ? index / (data.formats.length - 1) : 0;
  const step = Math.round(place * (colours.length - 1));
  const colour = colours[step];
  const letter = index < 26 ? String.fromCharCode(65 + index) : String(index);
  // Stripes lean away from the ink, so that letters keep their contrast.
  const [ink, stripe] = step < 5 ? ["#000", "#fff6"] : ["#fff", "#0005"];
  // Every second format is striped, each time at another angle.
  const pattern = index % 2 === 0 ? "" :
    `;background-image:repeating-linear-gradient(${index * 45}deg,${stripe} 0 3px,transparent 3px 8px)`;
  return [format.name, { letter, style: `background-color:${colour};color:${ink}${pattern}` }];
}));

// --- The map: a column per stream, its layers in order -------------------------------------------------------------

// Layers whose names differ in their first number only make a stream.
const streams = new Map();
const places = data.layers.map((layer, index) => {
  const parts = /^(.*?)(\d+)(.*)$/s.exec(layer.name);
  const stream = parts ? parts[1] + "*" + parts[3] : "*";
  if (!streams.has(stream)) streams.set(stream, []);
  streams.get(stream).push(index);
  return parts ? parts[2] : layer.name;
});
const cells = [];
for (const [stream, layers] of streams) {
  const row = make("div", { class: "cells", role: "group", "aria-label": stream });
  for (const layer of layers) {
    cells[layer] = make("button", { type: "button", class: "cell", tabindex: "-1" });
    cells[layer].addEventListener("click", () => explain(layer));
    row.append(cells[layer]);
  }
  $("map").append(make("div", {}, make("h3", {}, stream), row));
}
// One stop for the tabulator key; arrows move among the layers, in the model's order.
let focused = 0;
function focusCell(layer) {
  cells[focused].tabIndex = -1;
  focused = layer;
  cells[focused].tabIndex = 0;
}
focusCell(0);
$("map").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
  const end = { Home: 0, End: cells.length - 1 }[event.key];
  if (step === undefined && end === undefined) return;
  event.preventDefault();
  focusCell(end ?? Math.min(cells.length - 1, Math.max(0, focused + step)));
  cells[focused].focus();
});

// --- The curve -----------------------------------------------------------------------------------------------------

const frame = { left: 60, right: 780, top: 30, bottom: 335 };
const allSizes = [...points.map((p) => p.bytes), ...data.compared.map((p) => p.bytes)];
const allImpacts = [...points.map((p) => Number(p.impact)), ...data.compared.map((p) => p.impact)];
const range = { low: Math.min(...allSizes), high: Math.max(...allSizes), top: Math.max(...allImpacts) || 1 };
const x = (bytes) =>
  frame.left + (frame.right - frame.left) * (bytes - range.low) / Math.max(1, range.high - range.low);
const y = (impact) => frame.bottom - (frame.bottom - frame.top) * impact / range.top;

// Round numbers between two ends.
function marks(low, high, count) {
  const rough = (high - low) / count || 1;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((f) => f * unit).find((s) => s >= rough) || unit;
  const result = [];
  for (let value = Math.ceil(low / step) * step; value <= high && result.length < 50; value += step) result.push(value);
  return result;
}

const here = make("circle", { class: "here", r: 8 });
const there = make("path", { class: "there", d: "" });
(function drawCurve() {
  const [unit, name] = [[1e9, "GB"], [1e6, "MB"], [1e3, "kB"]].find(([size]) => range.high >= size) ?? [1, "B"];
  for (const value of marks(range.low / unit, range.high / unit, 8)) {
    const at = x(value * unit);
    $("curve").append(make("path", { class: "grid", d: `M${at} ${frame.top}V${frame.bottom}` }));
    $("curve").append(make("text", { x: at, y: 355, "text-anchor": "middle" }, String(Number(value.toPrecision(6)))));
  }
  for (const value of marks(0, range.top, 5)) {
    $("curve").append(make("path", { class: "grid", d: `M${frame.left} ${y(value)}H${frame.right}` }));
    $("curve").append(
      make("text", { x: 52, y: y(value) + 4, "text-anchor": "end" }, String(Number(value.toPrecision(6)))));
  }
  $("curve").append(make("text", { x: 420, y: 376, "text-anchor": "middle" }, `Size in ${name}; impact upwards`));
  const path = points.map((p, i) => (i ? `H${x(p.bytes).toFixed(1)}V` : `M${x(p.bytes).toFixed(1)} `) + y(p.impact).toFixed(1));
  $("curve").append(make("path", { class: "line", d: path.join("") }));
  for (const knee of data.knees) {
    $("curve").append(make("circle", { class: "knee", r: 7, cx: x(points[knee].bytes), cy: y(points[knee].impact) },
      make("title", {}, "knee at " + decimal(points[knee].bytes))));
  }
  for (const plan of data.compared) {
    const [px, py] = [x(plan.bytes), y(plan.impact)];
    const shape = plan.kind === "uniform" ? `M${px} ${py}m-5 -5l10 10m0 -10l-10 10` : `M${px} ${py}m0 -7l7 7l-7 7l-7 -7z`;
    const anchor = px > 700 ? { x: px - 9, "text-anchor": "end" } : { x: px + 9 };
    $("curve").append(make("path", { class: "mark", d: shape }));
    $("curve").append(make("text", { ...anchor, y: py - 6 }, plan.name));
  }
  $("curve").append(there, here);
})();

// --- Showing a plan ------------------------------------------------------------------------------------------------

let explained = null;
const shown = () => Number($("plan").value);
const compared = () => ($("compare").checked ? Number($("other").value) : null);

function describe(index) {
  const point = points[index];
  const gap = point.bound === "=" ? "proven to be the best" : `gap ${(Number(point.gap) * 100).toPrecision(2)} %`;
  return `${decimal(point.bytes)}, impact ${figure(point.impact)}, ${gap}`;
}

function figures(index, other) {
  const point = points[index];
  const second = other === null ? null : points[other];
  const next = points[index + 1];
  const entries = [
    ["Size", `${decimal(point.bytes)} (${binary(point.bytes)})`,
      second && signed(point.bytes - second.bytes, decimal(point.bytes - second.bytes))],
    ["Bits per weight", Number(point.bitsPerWeight).toFixed(2),
      second && signed(point.bytes - second.bytes, (point.bitsPerWeight - second.bitsPerWeight).toFixed(2))],
    [`Impact (${data.combine})`, figure(point.impact),
      second && `${signed(point.impact - second.impact, figure(point.impact - second.impact))} ${percent(Number(point.impact), Number(second.impact))}`],
    ["Gap", point.bound === "=" ? "0, proven" : (Number(point.gap) * 100).toPrecision(2) + " %", null],
    ["Next step", next
      ? `+${decimal(next.bytes - point.bytes)} buys ${percent(Number(next.impact), Number(point.impact))}` : "none: this is the best", null],
  ];
  if (second) {
    const changed = data.layers.filter((_, layer) => point.choices[layer] !== second.choices[layer]).length;
    entries.push(["Layers that differ", `${changed} of ${data.layers.length}`, null]);
  }
  $("figures").replaceChildren(...entries.map(([name, value, note]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value, ...(note ? [make("small", {}, note)] : [])))));
}

// The mark of a layer that takes another format than in the other plan: up where it has more bytes, else down.
function direction(layer, index, other) {
  if (other === null || points[index].choices[layer] === points[other].choices[layer]) return "";
  const [now, before] = [chosen(index, layer), chosen(other, layer)];
  // Of formats of one size, the one with less impact counts as more.
  const isMore = layerSize(now) === layerSize(before) ? now.impact < before.impact : layerSize(now) > layerSize(before);
  return isMore ? "▲" : "▼";
}

function showMap(index, other) {
  data.layers.forEach((layer, at) => {
    const option = chosen(index, at);
    const dress = dressOf.get(option.format);
    const arrow = direction(at, index, other);
    const was = arrow ? `, ${chosen(other, at).format} in the other plan` : "";
    cells[at].setAttribute("style", dress.style);
    cells[at].setAttribute("aria-label",
      `${layer.name}: ${option.format}, ${decimal(layerSize(option))}, impact ${figure(option.impact)}${was}`);
    cells[at].setAttribute("aria-pressed", String(explained === at));
    cells[at].replaceChildren(places[at] + " ", make("b", {}, dress.letter), arrow);
  });
  $("legend").replaceChildren(...data.formats.map((format) => {
    const own = data.layers.map((_, at) => chosen(index, at)).filter((option) => option.format === format.name);
    const dress = dressOf.get(format.name);
    const size = own.reduce((sum, option) => sum + layerSize(option), 0);
    return make("li", {}, make("span", { class: "cell", style: dress.style }, make("b", {}, dress.letter)),
      ` ${format.name}, ${format.bitsPerWeight} bpw: ${own.length} layers, ${decimal(size)}`);
  }));
}

function row(tag, values, numbersFrom) {
  return make("tr", {}, ...values.map((value, at) =>
    make(at === 0 && tag === "td" ? "th" : tag,
      { class: at >= numbersFrom ? "number" : null, scope: tag === "th" ? "col" : at === 0 ? "row" : null }, value)));
}

function showTable(index, other) {
  const heads = ["Layer", "Format", ...(other === null ? [] : ["Other plan"]), "Size", "Impact"];
  const rows = data.layers.map((layer, at) => {
    const option = chosen(index, at);
    const second = other === null ? [] : [`${chosen(other, at).format} ${direction(at, index, other)}`];
    return row("td", [layer.name, option.format, ...second, decimal(layerSize(option)), figure(option.impact)], heads.length - 2);
  });
  $("table").replaceChildren(
    make("thead", {}, row("th", heads, heads.length - 2)), make("tbody", {}, ...rows));
}

// --- Explaining a layer --------------------------------------------------------------------------------------------

function explain(layer) {
  explained = layer;
  focusCell(layer);
  show();
}

function showExplanation(index) {
  $("explanation").hidden = explained === null;
  if (explained === null) return;
  const layer = data.layers[explained];
  const option = chosen(index, explained);
  $("explanation-title").textContent = `${layer.name} takes ${option.format}`;
  const texts = [];
  // Where the format changes along the line of plans.
  let low = index;
  while (low >= 0 && chosen(low, explained) === option) low -= 1;
  let high = index;
  while (high < points.length && chosen(high, explained) === option) high += 1;
  if (low >= 0) texts.push(`${chosen(low, explained).format} below a budget of ${decimal(points[low + 1].bytes)}`);
  if (high < points.length) texts.push(`${chosen(high, explained).format} from ${decimal(points[high].bytes)} on`);
  // The cost of every option at the price of a byte, beyond the least of them.
  const price = points[index].price === "-" || layer.isTied ? null : Number(points[index].price);
  const cost = (o) => (data.combine === "rss" ? o.impact ** 2 : Number(o.impact)) + price * o.bytes;
  const least = Math.min(...layer.options.map(cost));
  const heads = ["Format", "Size", "Impact", ...(price === null ? [] : ["Reduced cost"]), ""];
  const rows = layer.options.map((o) => row("td", [
    o.format, decimal(layerSize(o)), figure(o.impact),
    ...(price === null ? [] : [figure((cost(o) - least).toPrecision(4))]),
    o === option ? "chosen" : o.dominatedBy ? `dominated by ${o.dominatedBy}` : "",
  ], 1));
  const paragraphs = [
    texts.length ? `Its format changes: ${texts.join(", ")}.` : "It has this format in every plan.",
    price === null ? "" : price === 0 ? "Every layer has the best of its formats here." : `The price of a byte: a further MB would save ${figure((price * 1e6).toPrecision(4))} of ${data.combine === "rss" ? "squared impact" : "impact"}. The reduced cost is what a format costs beyond the layer's best at that price.`,
  ].filter(Boolean).map((text) => make("p", {}, text));
  $("explanation-text").replaceChildren(...paragraphs,
    make("div", { class: "scroll" }, make("table", {}, make("thead", {}, row("th", heads, 1)), make("tbody", {}, ...rows))),
    make("p", {}, "What pinning it to another format costs: ",
      make("code", {}, command(["explain", layer.name, "--budget", String(points[index].bytes), ...data.generator.arguments]))));
}

// --- Putting it together -------------------------------------------------------------------------------------------

const shellWord = (word) => (/^[\w.,:=%+\/-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'");
const command = (words) => ["plan", ...words].map(shellWord).join(" ");
const recipeName = (index) =>
  data.model.name.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^\.+/, "").slice(0, 100) + "-" + points[index].bytes + ".json";

function show() {
  const index = shown();
  const other = compared();
  for (const [slider, at] of [[$("plan"), index], [$("other"), Number($("other").value)]]) {
    slider.setAttribute("aria-valuetext", describe(at));
  }
  $("other-row").hidden = other === null;
  if (document.activeElement !== $("budget")) $("budget").value = String(Number((points[index].bytes / 1e9).toPrecision(6)));
  here.setAttribute("cx", x(points[index].bytes));
  here.setAttribute("cy", y(points[index].impact));
  there.setAttribute("d", other === null ? "" : `M${x(points[other].bytes)} ${y(points[other].impact)}m0 -9l9 9l-9 9l-9 -9z`);
  $("curve-text").textContent = `${points.length} plans from ${describe(0)} to ${describe(points.length - 1)}. Shown: ${describe(index)}.`;
  const file = converterFile(index);
  $("save-file").disabled = !file.text;
  $("hint").replaceChildren(make("p", {}, "The recipe is what this writes: ",
    make("code", {}, command(["--budget", String(points[index].bytes), ...data.generator.arguments]))));
  if (file.reason) $("hint").append(make("p", {}, file.reason));
  figures(index, other);
  showMap(index, other);
  showTable(index, other);
  showExplanation(index);
  $("status").textContent = describe(index);
}

$("plan").addEventListener("input", show);
$("other").addEventListener("input", show);
$("compare").addEventListener("change", show);
$("converter").addEventListener("change", show);
$("budget").addEventListener("change", () => {
  const bytes = Number($("budget").value) * 1e9;
  if (bytes > 0) $("plan").value = String(within(bytes));
  show();
});
$("budget").addEventListener("blur", show);
$("save").addEventListener("click", () => save(recipeName(shown()), recipe(shown())));
for (const sheet of data.converters) $("converter").append(make("option", { value: sheet.name }, sheet.name));
$("converters").hidden = data.converters.length === 0;
$("save-file").addEventListener("click", () => {
  const file = converterFile(shown());
  if (file.text) save(file.name, file.text);
});
show();
