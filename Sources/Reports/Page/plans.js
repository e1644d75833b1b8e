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

// The last plan within a budget; the first where none is.
function within(bytes) {
  let found = 0;
  points.forEach((point, index) => { if (point.bytes <= bytes) found = index; });
  return found;
}

