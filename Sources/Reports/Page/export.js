// --- How a converter's file is made of a plan: the command line, or why there is none ------------------------------

// Per converter the options that it cannot make, as layer.option.
for (const converter of data.converters) converter.refused = new Set(converter.refused.split(" "));

// What to do for the chosen converter, as { command } or { reason }, with a note of what its file will not be.
function exportOf(index) {
  const converter = data.converters.find(({ name }) => name === $("converter").value);
  if (!converter) return {};
  const options = choicesOf(index);
  const refused = data.layers.findIndex((_, layer) => converter.refused.has(`${layer}.${options[layer]}`));
  if (refused >= 0) {
    return { reason: `${converter.name} cannot make ${data.layers[refused].name} ${chosen(index, refused).format}.` };
  }
  const torn = converter.ties.find((tie) => tie.some((layer) => chosen(index, layer).format !== chosen(index, tie[0]).format));
  if (torn) {
    return { reason: `${converter.name} needs one format for ${torn.map((layer) => data.layers[layer].name).join(" and ")}.` };
  }
  // The recipe's budget is its own size, so what makes the file larger breaks it.
  if (converter.extraBytes > 0) {
    return { reason: `${converter.note} and exceeds its budget; make the page with --converter ${converter.name}.` };
  }
  return {
    command: ["export", recipeName(index), "--converter", converter.name, ...data.modelArguments, "-o", converter.fileName],
    note: converter.note && converter.note + ".",
  };
}

// A page that was opened from disk may have no clipboard; then the text is copied as a selection of it would be.
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = make("textarea", { class: "unseen", "aria-hidden": "true" });
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (!isCopied) throw new Error("not copied");
}
