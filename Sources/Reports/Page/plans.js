"use strict";
// Everything this page shows stands in the JSON block above; nothing is asked of the network.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);

// --- The layers' options -----------------------------------------------------------------------------------------

// Numbers that go into a recipe are kept as the texts the command line writes.
for (const layer of data.layers) {
  layer.options = layer.options.split(",").map((text) => {
    const [format, bytes, beside, impact, allowed, better] = text.split(" ");
    return {
      format: data.formatNames[format], bytes: Number(bytes), data: Number(bytes) - Number(beside), impact,
      allowed: allowed === "+", dominatedBy: better === "-" ? null : data.formatNames[better],
    };
  });
}

// --- The plans ---------------------------------------------------------------------------------------------------

const column = (name) => (data.points[name] === "" ? [] : data.points[name].split(" "));
const points = column("bytes").map((bytes) => ({ bytes: Number(bytes) }));
for (const name of ["impact", "bitsPerWeight", "bound", "gap", "solver", "price"]) {
  column(name).forEach((text, index) => { points[index][name] = text; });
}

// Per plan what changes from the plan before, as triples of a layer, its option there and its option here. All choices of
// all plans would be too many to keep.
const steps = (() => {
  const choices = new Uint8Array(data.layers.length);
  return data.points.changes.split(",").map((text) => {
    const words = text === "" ? [] : text.split(" ");
    const step = new Int32Array(3 * words.length);
    words.forEach((word, at) => {
      const dot = word.indexOf(".");
      const layer = Number(word.slice(0, dot));
      const option = Number(word.slice(dot + 1));
      step.set([layer, choices[layer], option], 3 * at);
      choices[layer] = option;
    });
    return step;
  });
})();

// The choices of one plan, which become those of another by the steps between them.
class Choices {
  constructor() {
    this.plan = -1;
    this.options = new Uint8Array(data.layers.length);
  }

  moveTo(plan) {
    for (; this.plan < plan; this.plan += 1) this.take(steps[this.plan + 1], 2);
    for (; this.plan > plan; this.plan -= 1) this.take(steps[this.plan], 1);
  }

  take(step, which) {
    for (let at = 0; at < step.length; at += 3) this.options[step[at]] = step[at + which];
  }
}

// The plan shown and the one it is compared with are each at hand; another takes the place of the one asked for longer ago.
const kept = [new Choices(), new Choices()];
function choicesOf(plan) {
  if (kept[0].plan !== plan) kept.reverse();
  kept[0].moveTo(plan);
  return kept[0].options;
}
const chosen = (plan, layer) => data.layers[layer].options[choicesOf(plan)[layer]];

// A layer's options over all plans: pairs of a plan and the option that it has from there on.
function history(layer) {
  const pairs = [[0, 0]];
  steps.forEach((step, plan) => {
    for (let at = 0; at < step.length; at += 3) if (step[at] === layer) pairs.push([plan, step[at + 2]]);
  });
  return pairs;
}

// The device that a layer is on, where the page is of one plan on devices; none where its tensors are on several.
const deviceOf = (layer) => data.devices?.places[layer] ?? null;
// The words that ask the command line for a plan; those of devices are among the recipe's own.
const limitWords = (index) => (data.devices ? [] : ["--budget", String(points[index].bytes)]);

// The last plan within a budget; the first where none is.
function within(bytes) {
  let found = 0;
  points.forEach((point, index) => { if (point.bytes <= bytes) found = index; });
  return found;
}
