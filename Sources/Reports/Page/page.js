// --- Showing a plan ------------------------------------------------------------------------------------------------

let explained = null;
// What there is to say of a budget that was typed.
let remark = "";
const shown = () => Number($("plan").value);
const compared = () => ($("compare").checked ? Number($("other").value) : null);

const gapOf = (point) => (point.bound === "=" ? "0, proven" : `${(Number(point.gap) * 100).toPrecision(2)} %`);
function describe(index) {
  const point = points[index];
  const gap = point.bound === "=" ? "proven to be the best" : `gap ${gapOf(point)}`;
  return `${decimal(point.bytes)}, impact ${figure(point.impact)}, ${gap}`;
}

// The loss that a plan is expected to have, where the table holds losses that add up.
function expected(point) {
  const { limit, within, beyond, kept, scope } = data.expectation;
  const loss = Number(point.impact) + kept;
  const [before, after] = loss > limit ? beyond : within;
  return before + figure(loss) + after + (kept > 0 ? `, with ${figure(kept)} of what is kept` : "") + scope;
}

// What is said of one plan; with a second plan, what that has and how far this one is from it stand below.
function figures(index, other) {
  const point = points[index];
  const second = other === null ? null : points[other];
  const next = points[index + 1];
  const more = (text, difference) => (difference ? `other plan ${text}, ${difference} from there` : `other plan ${text}`);
  const away = second && point.bytes - second.bytes;
  const worse = second && point.impact - second.impact;
  const entries = [
    ["Size", `${decimal(point.bytes)} (${binary(point.bytes)})`,
      second && more(`${decimal(second.bytes)} (${binary(second.bytes)})`, away && signed(away, decimal(away)))],
    ["Bits per weight", Number(point.bitsPerWeight).toFixed(2), second && more(Number(second.bitsPerWeight).toFixed(2))],
    [`Impact (${common.impact.combine})`, figure(point.impact), second && more(figure(second.impact),
      worse && `${signed(worse, figure(worse))} (${percent(Number(point.impact), Number(second.impact))})`)],
    ["Gap", gapOf(point), second && more(gapOf(second))],
  ];
  if (data.expectation) entries.splice(3, 0, ["Expect", expected(point), second && more(expected(second))]);
  if (!data.devices) {
    entries.push(["Next step", next
      ? `+${decimal(next.bytes - point.bytes)} buys ${percent(Number(next.impact), Number(point.impact))}` : "none: this is the best", null]);
  }
  if (second) {
    const [now, before] = [choicesOf(index), choicesOf(other)];
    const changed = data.layers.filter((_, layer) => now[layer] !== before[layer]).length;
    entries.push(["Layers that differ", `${changed} of ${data.layers.length}`, null]);
  }
  $("figures").replaceChildren(...entries.map(([name, value, note]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value, ...(note ? [make("small", {}, note)] : [])))));
}

// The mark of a layer that takes another format than in the other plan: up where it has more bytes, else down.
function direction(layer, index, other) {
  if (other === null || choicesOf(index)[layer] === choicesOf(other)[layer]) return "";
  const [now, before] = [chosen(index, layer), chosen(other, layer)];
  // Of formats of one size, the one with less impact counts as more.
  const isMore = now.bytes === before.bytes ? Number(now.impact) < Number(before.impact) : now.bytes > before.bytes;
  return isMore ? "▲" : "▼";
}

function showCell(at, index, other) {
  const layer = data.layers[at];
  const option = chosen(index, at);
  const dress = dressOf.get(option.format);
  const arrow = direction(at, index, other);
  const was = arrow ? `, ${chosen(other, at).format} in the other plan` : "";
  cells[at].setAttribute("style", dress.style);
  cells[at].setAttribute("aria-label",
    `${layer.name}: ${option.format}${deviceOf(at) ? ` on ${deviceOf(at)}` : ""}, ${decimal(option.bytes)}, impact ${figure(option.impact)}${was}`);
  cells[at].setAttribute("aria-pressed", String(explained === at));
  cells[at].replaceChildren(places[at] + " ", make("b", {}, dress.letter), arrow);
}

function showLegend(index) {
  const uses = new Map(data.formats.map(({ name }) => [name, { layers: 0, bytes: 0 }]));
  data.layers.forEach((_, at) => {
    const option = chosen(index, at);
    const use = uses.get(option.format);
    use.layers += 1;
    use.bytes += option.bytes;
  });
  $("legend").replaceChildren(...data.formats.map((format) => {
    const dress = dressOf.get(format.name);
    const use = uses.get(format.name);
    return make("li", {}, make("span", { class: "cell", style: dress.style }, make("b", {}, dress.letter)),
      ` ${format.name}, ${format.bitsPerWeight} bpw: ${counted(use.layers, "layer")}, ${decimal(use.bytes)}`);
  }));
}

// A row of a table. Roles are written out, as a table that is laid out otherwise on a phone would lose its own.
function row(tag, values, [firstNumber, lastNumber], labels = []) {
  return make("tr", { role: "row" }, ...values.map((value, at) => {
    const isHead = tag === "th" || at === 0;
    return make(isHead ? "th" : "td", {
      class: at >= firstNumber && at <= lastNumber ? "number" : null,
      scope: tag === "th" ? "col" : isHead ? "row" : null,
      // A name stays whole on a phone where it is not too long for that.
      style: tag === "td" && isHead ? `--length:${value.length}` : null,
      role: tag === "th" ? "columnheader" : isHead ? "rowheader" : "cell",
      "data-label": at > 0 && labels[at] ? labels[at] + " " : null,
    }, value);
  }));
}

// Of more layers than this the table has the first few until all are asked for, cells out of sight are not laid out, and a step of
// the slider is drawn in parts.
const manyLayers = 2000;
const isLarge = data.layers.length > manyLayers;
$("map").classList.toggle("large", isLarge);
let rows = [];
let rowCount = isLarge ? 200 : data.layers.length;
const headsOf = (other) => ["Layer", "Format", ...(data.devices ? ["Device"] : []), ...(other === null ? [] : ["Other plan"]), "Size", "Impact"];

function tableRow(at, index, other) {
  const heads = headsOf(other);
  const option = chosen(index, at);
  const second = other === null ? [] : [chosen(other, at).format];
  const device = data.devices ? [deviceOf(at) ?? ""] : [];
  return row("td", [data.layers[at].name, `${option.format} ${direction(at, index, other)}`.trim(), ...device, ...second,
    decimal(option.bytes), figure(option.impact)], [heads.length - 2, heads.length - 1]);
}

function makeTable(index, other) {
  const heads = headsOf(other);
  rows = data.layers.slice(0, rowCount).map((_, at) => tableRow(at, index, other));
  $("table").replaceChildren(
    make("thead", {}, row("th", heads, [heads.length - 2, heads.length - 1])), make("tbody", {}, rows));
  $("all-rows").hidden = rowCount === data.layers.length;
  $("all-rows").textContent = `Show all ${counted(data.layers.length, "layer")}`;
}

// What was drawn last of every layer, and in what kind of table, so that a step draws only what it changes.
let drawn = { hasOther: null, layers: [], rows: [] };
let unfinished = 0;
function showLayers(index, other) {
  if (drawn.hasOther !== (other !== null) || rows.length !== rowCount) {
    makeTable(index, other);
    drawn = { hasOther: other !== null, layers: [], rows: rows.map((_, at) => stateOf(at, index, other)) };
  }
  $("arrows").hidden = other === null;
  showLegend(index);
  clearTimeout(unfinished);
  drawLayers(index, other, 0);
}

function stateOf(at, index, other) {
  return (choicesOf(index)[at] * 256 + (other === null ? 0 : choicesOf(other)[at])) * 2 + (explained === at ? 1 : 0);
}

// Draws the layers from one on. Of many layers what takes longer than a moment is drawn after the slider could move again, and not
// at all where it has moved by then.
const sliceMilliseconds = 25;
function drawLayers(index, other, from) {
  const start = performance.now();
  for (let at = from; at < data.layers.length; at += 1) {
    const state = stateOf(at, index, other);
    if (drawn.layers[at] === state) continue;
    drawn.layers[at] = state;
    showCell(at, index, other);
    if (at < rows.length && drawn.rows[at] !== state) {
      drawn.rows[at] = state;
      const fresh = tableRow(at, index, other);
      rows[at].replaceWith(fresh);
      rows[at] = fresh;
    }
    if (isLarge && performance.now() - start > sliceMilliseconds) {
      unfinished = setTimeout(drawLayers, 0, index, other, at + 1);
      return;
    }
  }
}

// --- Putting it together -------------------------------------------------------------------------------------------

const shellWord = (word) => (/^[\w.,:=%+\/-]+$/.test(word) ? word : "'" + word.replaceAll("'", "'\\''") + "'");
// What came through standard input or a pipe is not there any more: the option that named it stands for its file.
const fileWord = (word, index, words) => /^(-|\/dev\/stdin|\/(dev|proc\/self)\/fd\/\d+)$/.test(word)
  ? (words[index - 1] ?? "").replace(/^-+/, "").toUpperCase() + "-FILE" : word;
const command = (words) => ["plan", ...words].map(fileWord).map(shellWord).join(" ");
const recipeName = (index) =>
  common.model.name.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^\.+/, "").slice(0, 100) + "-" + points[index].bytes + ".json";

// The longest context that leaves room for the plan, where the one that was chosen is not the plan's own.
function showContext(index) {
  const own = data.contexts[$("context").selectedIndex];
  if (own && within(own.bytes) === index && (own.bytes >= points[index].bytes || remark)) return;
  $("context").selectedIndex = data.contexts.findLastIndex(({ bytes }) => bytes >= points[index].bytes);
}

function show() {
  const index = shown();
  const other = compared();
  for (const [slider, at] of [[$("plan"), index], [$("other"), Number($("other").value)]]) {
    slider.setAttribute("aria-valuetext", describe(at));
  }
  $("other-row").hidden = other === null;
  $("figures-title").textContent = other === null ? "This plan" : "This plan, and the other";
  if (document.activeElement !== $("budget")) $("budget").value = budgetOf(index);
  here.setAttribute("cx", x(points[index].bytes));
  here.setAttribute("cy", y(points[index].impact));
  there.setAttribute("d", other === null ? "" : `M${x(points[other].bytes)} ${y(points[other].impact)}m0 -9l9 9l-9 9l-9 -9z`);
  $("curve-text").textContent = `${counted(points.length, "plan")} from ${describe(0)} to ${describe(points.length - 1)}. Shown: ${describe(index)}.`;
  const file = exportOf(index);
  $("copy").disabled = !file.command;
  showContext(index);
  // Of plans that are as good, the one of a card's budget need not be the one of its own size.
  const written = cardOf(index) ? "The recipe is for the card. This writes it, or one that is as good: " : "The recipe is what this writes: ";
  $("hint").replaceChildren(make("p", {}, written, make("code", {}, command(planWords(index)))));
  if (file.command) {
    $("hint").append(make("p", {}, `Beside the saved recipe, this writes the file for ${$("converter").value}: `,
      make("code", {}, command(file.command))));
  }
  const context = data.contexts[$("context").selectedIndex];
  if (context) {
    const holder = context.name ? `On the card, a context of ${context.name} tokens` : "The card";
    $("hint").append(make("p", {}, `${holder} leaves ${decimal(context.bytes)} for the file.`));
    if (cardOf(index) && context.command) {
      $("hint").append(make("p", {}, "With the finished file's name in place of FILE.gguf, this runs it so: ",
        make("code", {}, context.command.map(shellWord).join(" "))));
    }
  }
  for (const text of [remark, file.reason, file.note]) if (text) $("hint").append(make("p", {}, text));
  figures(index, other);
  showLayers(index, other);
  showExplanation(index);
}
// Said by a screen reader at once. A slider says what it shows by itself, so moving one adds nothing here.
const announce = (text) => { $("status").textContent = text; };

function explain(layer) {
  explained = layer;
  focusCell(layer);
  show();
  // The explanation may stand below what the screen shows; its heading is read by a screen reader as it gets the focus.
  $("explanation-title").focus();
}
$("back").addEventListener("click", () => cells[focused].focus());

$("plan").addEventListener("input", () => {
  remark = "";
  show();
});
$("other").addEventListener("input", show);
$("compare").addEventListener("change", show);
$("converter").addEventListener("change", () => {
  show();
  const file = exportOf(shown());
  announce([file.command && command(file.command), file.reason, file.note].filter(Boolean).join(" "));
});
$("budget-unit").textContent = unit.name;
$("budget").addEventListener("change", () => {
  const bytes = Math.round(Number($("budget").value) * unit.bytes);
  const isBudget = bytes > 0;
  if (isBudget) $("plan").value = String(within(bytes));
  remark = !isBudget ? "A budget is a number above 0; the plan shown has not changed."
    : bytes < points[0].bytes ? "No plan fits that budget; the smallest is shown." : "";
  $("budget").setAttribute("aria-invalid", String(!isBudget));
  show();
  announce(`${remark} ${describe(shown())}`);
});
$("budget").addEventListener("blur", () => {
  $("budget").removeAttribute("aria-invalid");
  show();
});
for (const { name } of data.contexts) $("context").append(make("option", { value: name }, name));
$("contexts").hidden = data.contexts.every(({ name }) => !name);
$("context").addEventListener("change", () => {
  const { name, bytes } = data.contexts[$("context").selectedIndex];
  $("plan").value = String(within(bytes));
  remark = bytes < points[0].bytes ? `No plan leaves room for ${name} tokens on the card; the smallest is shown.` : "";
  show();
  announce(`${remark} ${describe(shown())}`);
});
$("save").addEventListener("click", () => save(recipeName(shown()), recipe(shown())));
$("all-rows").addEventListener("click", () => {
  rowCount = data.layers.length;
  show();
});
// A plan on devices is one, without others of other sizes.
if (data.devices) {
  for (const part of document.querySelectorAll(".sizes")) part.hidden = true;
  $("devices").hidden = false;
  const { texts, speed } = data.devices;
  const lines = [...texts, ...(speed ? [{ name: "Speed", text: speed }] : [])];
  $("device-list").replaceChildren(...lines.map(({ name, text }) => make("li", {}, make("b", {}, name), ` ${text}`)));
  $("run").textContent = visible(data.devices.command);
}
for (const { name } of data.converters) $("converter").append(make("option", { value: name }, name));
$("converters").hidden = data.converters.length === 0;
$("copy").addEventListener("click", () => {
  const file = exportOf(shown());
  if (!file.command) return;
  copy(command(file.command)).then(
    () => announce("The command is on the clipboard."),
    () => announce("The browser does not let this page write to the clipboard; the command stands above."));
});
show();
