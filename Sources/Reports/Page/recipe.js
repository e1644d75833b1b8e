// --- The recipe, written byte for byte as the command line writes one of the same plan ----------------------------

// A number by its text, which JavaScript might spell otherwise.
class NumberText { constructor(text) { this.text = String(text); } }
const n = (text) => new NumberText(text);

// What the recipes of all plans have in common: texts begin with "=", and numbers are texts that begin with "#".
function revived(value) {
  if (typeof value === "string") return value[0] === "#" ? n(value.slice(1)) : value.slice(1);
  if (Array.isArray(value)) return value.map(revived);
  if (!value || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, revived(member)]));
}
const common = revived(data.recipe);

// What the card's own recipe has for the context that is chosen, where the plan is the card's for it; else null.
const cards = data.contexts.map(({ recipe }) => revived(recipe));
function cardOf(index) {
  const at = $("context").selectedIndex;
  const own = data.contexts[at];
  return own && cards[at] && own.bytes >= points[index].bytes && within(own.bytes) === index ? cards[at] : null;
}
// The words that make a plan, but for the program's name and what stands before them.
const planWords = (index) =>
  cardOf(index)?.generator.arguments ?? [...limitWords(index), ...common.generator.arguments];

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
  if (data.devices) return data.devices.recipe;
  const point = points[index];
  const own = data.layers.map((_, layer) => chosen(index, layer));
  const tensorData = own.reduce((sum, option) => sum + option.data, data.keptBytes);
  const isProven = point.bound === "=";
  return write({
    ...common,
    generator: { ...common.generator, arguments: planWords(index) },
    budget: cardOf(index)?.budget ?? { bytes: n(point.bytes) },
    size: {
      ...common.size, bytes: n(point.bytes), bitsPerWeight: n(point.bitsPerWeight),
      tensorData: n(tensorData), headerAndAlignment: n(point.bytes - tensorData),
    },
    impact: { ...common.impact, total: n(point.impact) },
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


function save(name, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "application/octet-stream" }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
