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
  // The global values are those of the setting most used, of those whose group divides every quantized row.
  settings: (sheet, typeOf, formatOf) => {
    const modules = new Map();
    for (const [module, layer, row] of sheet.entries) {
      const setting = (layer === null ? undefined : sheet.settings[formatOf(layer)]) ?? false;
      if (!modules.has(module)) modules.set(module, { setting, row });
    }
    const quantized = [...modules.values()].filter(({ setting }) => setting);
    const count = (setting) => quantized.filter((other) => other.setting === setting).length;
    const global = unique(quantized.map(({ setting }) => setting))
      .filter((setting) => quantized.every(({ row }) => row % setting.group_size === 0))
      .sort((a, b) => count(b) - count(a) || a.group_size - b.group_size || a.bits - b.bits || (a.mode < b.mode ? -1 : 1))[0];
    if (quantized.length > 0 && !global) return null;
    return write(new Map([...Object.entries(global ?? {}), ...[...modules].map(([name, { setting }]) => [name, setting])]),
      0, 0, 120) + "\n";
  },
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
  if (text === null) return { reason: `${sheet.name} has no group size that divides the rows of every quantized layer.` };
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

