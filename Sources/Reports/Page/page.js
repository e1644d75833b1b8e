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
    [`Impact (${data.combine})`, figure(point.impact), second && more(figure(second.impact),
      worse && `${signed(worse, figure(worse))} (${percent(Number(point.impact), Number(second.impact))})`)],
    ["Gap", gapOf(point), second && more(gapOf(second))],
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
  const isMore = now.bytes === before.bytes ? Number(now.impact) < Number(before.impact) : now.bytes > before.bytes;
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
      `${layer.name}: ${option.format}, ${decimal(option.bytes)}, impact ${figure(option.impact)}${was}`);
    cells[at].setAttribute("aria-pressed", String(explained === at));
    cells[at].replaceChildren(places[at] + " ", make("b", {}, dress.letter), arrow);
  });
  $("arrows").hidden = other === null;
  $("legend").replaceChildren(...data.formats.map((format) => {
    const own = data.layers.map((_, at) => chosen(index, at)).filter((option) => option.format === format.name);
    const dress = dressOf.get(format.name);
    const size = own.reduce((sum, option) => sum + option.bytes, 0);
    return make("li", {}, make("span", { class: "cell", style: dress.style }, make("b", {}, dress.letter)),
      ` ${format.name}, ${format.bitsPerWeight} bpw: ${counted(own.length, "layer")}, ${decimal(size)}`);
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

function showTable(index, other) {
  const heads = ["Layer", "Format", ...(other === null ? [] : ["Other plan"]), "Size", "Impact"];
  const numbers = [heads.length - 2, heads.length - 1];
  const rows = data.layers.map((layer, at) => {
    const option = chosen(index, at);
    const second = other === null ? [] : [chosen(other, at).format];
    return row("td", [layer.name, `${option.format} ${direction(at, index, other)}`.trim(), ...second, decimal(option.bytes), figure(option.impact)], numbers);
  });
  $("table").replaceChildren(
    make("thead", {}, row("th", heads, numbers)), make("tbody", {}, ...rows));
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
  $("figures-title").textContent = other === null ? "This plan" : "This plan, and the other";
  if (document.activeElement !== $("budget")) $("budget").value = budgetOf(index);
  here.setAttribute("cx", x(points[index].bytes));
  here.setAttribute("cy", y(points[index].impact));
  there.setAttribute("d", other === null ? "" : `M${x(points[other].bytes)} ${y(points[other].impact)}m0 -9l9 9l-9 9l-9 -9z`);
  $("curve-text").textContent = `${counted(points.length, "plan")} from ${describe(0)} to ${describe(points.length - 1)}. Shown: ${describe(index)}.`;
  const file = converterFile(index);
  $("save-file").disabled = !file.text;
  $("hint").replaceChildren(make("p", {}, "The recipe is what this writes: ",
    make("code", {}, command(["--budget", String(points[index].bytes), ...data.generator.arguments]))));
  for (const text of [remark, file.reason]) if (text) $("hint").append(make("p", {}, text));
  figures(index, other);
  showMap(index, other);
  showTable(index, other);
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
  announce(converterFile(shown()).reason ?? "");
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
$("save").addEventListener("click", () => save(recipeName(shown()), recipe(shown())));
for (const sheet of data.converters) $("converter").append(make("option", { value: sheet.name }, sheet.name));
$("converters").hidden = data.converters.length === 0;
$("save-file").addEventListener("click", () => {
  const file = converterFile(shown());
  if (file.text) save(file.name, file.text);
});
show();
