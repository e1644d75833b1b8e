// --- Explaining a layer --------------------------------------------------------------------------------------------

// Layers that are tied take one format together; all others stand alone.
const tiedTo = data.layers.map((_, layer) => [layer]);
for (const tie of data.ties) for (const layer of tie) tiedTo[layer] = tie;
const isSquared = common.impact.combine === "rss";
const costOf = (impact) => (isSquared ? impact ** 2 : Number(impact));
const joined = common.impact.combine === "max" ? (left, right) => Math.max(left, right) : (left, right) => left + right;
const impactOf = (cost) => (isSquared ? Math.sqrt(cost) : cost);

// The options of a layer with those tied to it, by the position of the layer's own: bytes and cost over all of them.
function optionsOf(layer) {
  return data.layers[layer].options.map((own) => {
    const all = tiedTo[layer].map((member) => member === layer
      ? own : data.layers[member].options.find((o) => o.format === own.format && o.allowed));
    return !own.allowed || all.includes(undefined) ? null : {
      format: own.format,
      bytes: all.reduce((sum, o) => sum + o.bytes, 0),
      cost: all.map((o) => costOf(o.impact)).reduce((left, right) => joined(left, right)),
      sum: all.reduce((sum, o) => sum + costOf(o.impact), 0),
    };
  });
}

// Every best plan of all layers but some, exactly: partial plans in order of size, each better than all smaller ones.
const stateLimit = 50000;
function bestWithout(layers) {
  let states = [{ bytes: 0, cost: 0 }];
  for (let layer = 0; layer < data.layers.length; layer += 1) {
    if (layers.includes(layer) || tiedTo[layer][0] !== layer) continue;
    const options = optionsOf(layer).filter(Boolean);
    const heads = options.map(() => 0);
    const next = [];
    for (;;) {
      let lightest = Infinity;
      let pick = -1;
      options.forEach((option, at) => {
        const bytes = heads[at] < states.length ? states[heads[at]].bytes + option.bytes : Infinity;
        if (bytes < lightest) [lightest, pick] = [bytes, at];
      });
      if (pick < 0) break;
      const cost = joined(states[heads[pick]].cost, options[pick].cost);
      heads[pick] += 1;
      const last = next[next.length - 1];
      if (last && last.cost <= cost) continue;
      if (last && last.bytes === lightest) last.cost = cost;
      else next.push({ bytes: lightest, cost });
    }
    if (next.length > stateLimit) return null;
    states = next;
  }
  return states;
}
let rest = { layer: null, states: null };
// Where the plans of all other layers are too many once, they are so for every layer.
let isTooMuch = data.hasSecondBudget || data.formatLimit !== null || data.devices !== null;

// The least impact within a plan's size that an option allows, over all plans, or undefined where none fits.
function pinnedImpact(index, option) {
  const room = points[index].bytes - data.fixedBytes - option.bytes;
  let [low, high] = [0, rest.states.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rest.states[middle].bytes <= room) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? undefined : impactOf(joined(rest.states[low - 1].cost, option.cost));
}

// The nearest changes of the format along the line of plans; farther away it may change back, as best plans are not nested.
function changes(index, layer) {
  const pairs = history(layer);
  const at = pairs.findLastIndex(([plan]) => plan <= index);
  const format = ([, option]) => data.layers[layer].options[option].format;
  const size = ([plan]) => decimal(points[plan].bytes);
  const texts = [];
  if (pairs[at][0] > 0) texts.push(`previous change: from ${format(pairs[at - 1])} at ${size(pairs[at])}`);
  if (at + 1 < pairs.length) texts.push(`next change: ${format(pairs[at + 1])} at ${size(pairs[at + 1])}`);
  const among = data.isComplete ? "" : `, among the ${counted(points.length, "plan")} here`;
  return (texts.length ? `Its format’s ${texts.join("; ")}` : "It has this format in every plan") + among + ".";
}

// Why the chosen option, in a sentence, and the reduced cost of every option; none where a byte has no price.
function reasons(index, layer) {
  const point = points[index];
  const options = optionsOf(layer);
  const isTied = tiedTo[layer].length > 1;
  if (data.devices) {
    const device = deviceOf(layer);
    return { texts: [(device ? `It is on ${device}. ` : "") + "Several memories bind, and perhaps a speed, so bytes alone do not explain the choice."] };
  }
  if (data.hasSecondBudget) return { texts: ["Besides the budget a second one binds, so bytes alone do not explain the choice."] };
  if (point.price === "-") {
    return { texts: ["The plan with the least worst layer that fits gives it this format; where the worst layer decides, bytes have no price."] };
  }
  const price = Number(point.price);
  const taken = new Set(data.layers.map((_, at) => chosen(index, at).format));
  const costs = options.map((o) => (o && (!data.formatLimit || taken.has(o.format)) ? o.sum + price * o.bytes : undefined));
  const open = costs.filter((cost) => cost !== undefined);
  const least = Math.min(...open);
  const reduced = costs.map((cost) => (cost === undefined ? undefined : cost - least));
  const own = reduced[choicesOf(index)[layer]];
  const best = options[costs.indexOf(least)];
  const whose = (isTied ? "of all that the tied layers have in common" : "of the layer’s options")
    + (data.formatLimit ? ", in the formats that this plan takes" : "");
  const why = open.length === 1 ? "Nothing else is allowed for it here."
    // Costs of one size are off by rounding.
    : own <= 1e-9 * Math.max(...open.map((cost) => cost - least)) ? `Its impact plus the price of its bytes is the least ${whose}.`
      : `At the price of a byte ${best.format} would cost ${figure(own.toPrecision(4))} less, but whole formats have to fill the budget.`;
  const what = isSquared ? "squared impact" : "impact";
  const paid = price === 0 ? "A byte has no price: the budget does not bind."
    : `The price of bytes: a further MB would save ${figure((price * 1e6).toPrecision(4))} of ${what}. The reduced cost is what a format costs beyond the best at that price${isSquared ? ", in squared impact" : ""}.`;
  return { texts: [why, paid], reduced };
}

function standing(index, layer, option) {
  if (option === chosen(index, layer)) return "chosen";
  return option.allowed ? (option.dominatedBy ? `dominated by ${option.dominatedBy}` : "") : "forbidden";
}

function showExplanation(index) {
  $("explanation").hidden = explained === null;
  if (explained === null) return;
  const layer = data.layers[explained];
  if (!isTooMuch && rest.layer !== explained) {
    rest = { layer: explained, states: bestWithout(tiedTo[explained]) };
    isTooMuch = rest.states === null;
  }
  const hasPins = !isTooMuch;
  const { texts, reduced } = reasons(index, explained);
  const options = optionsOf(explained);
  const heads = ["Format", "Size", "Impact", ...(reduced ? [isSquared ? "Reduced cost (squared)" : "Reduced cost"] : []),
    ...(hasPins ? ["Pinned impact", "Pin costs"] : []), "Standing"];
  const bySize = layer.options.map((_, at) => at).sort((a, b) => layer.options[a].bytes - layer.options[b].bytes || a - b);
  const rows = bySize.map((at) => {
    const own = layer.options[at];
    const impact = hasPins && options[at] ? pinnedImpact(index, options[at]) : undefined;
    const now = Number(points[index].impact);
    // Sums in another order differ in their last digits.
    const isSame = Math.abs(impact - now) <= 1e-9 * now;
    const cost = isSame ? "0" : `${signed(impact - now, figure((impact - now).toPrecision(4)))} (${percent(impact, now)})`;
    return row("td", [own.format, decimal(own.bytes), figure(own.impact),
      ...(reduced ? [reduced[at] === undefined ? "" : figure(reduced[at].toPrecision(4))] : []),
      ...(hasPins ? [impact === undefined ? (options[at] ? "does not fit" : "") : figure(impact), impact === undefined ? "" : cost] : []),
      standing(index, explained, own)], [1, heads.length - 2], heads);
  });
  const pins = data.devices ? "What another format or another device for it costs, the command line proves by solving: " : hasPins
    ? "Pinned impact is the least of any plan within this size in which the layer has that format, found here by an exact programme over all plans. The command line proves it by solving: "
    : "What pinning it to another format costs is not worked out here; the command line proves it by solving: ";
  const device = deviceOf(explained);
  $("explanation-title").textContent = `${layer.name} takes ${chosen(index, explained).format}${device ? ` on ${device}` : ""}`;
  $("explanation-text").replaceChildren(
    ...[...texts, ...(data.devices ? [] : [changes(index, explained)])].map((text) => make("p", {}, text)),
    make("div", { class: "scroll" }, make("table", { role: "table", class: "stacked" },
      make("thead", { role: "rowgroup" }, row("th", heads, [1, heads.length - 2])), make("tbody", { role: "rowgroup" }, ...rows))),
    make("p", { class: "note" }, pins,
      make("code", {}, command(["explain", layer.name, ...planWords(index)]))));
}
