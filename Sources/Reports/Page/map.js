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
    // Where all cells are as large, drawing one does not lay out the others.
    const isShort = places[layer].length <= 5;
    cells[layer] = make("button", { type: "button", class: isShort ? "cell short" : "cell", tabindex: "-1" });
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

