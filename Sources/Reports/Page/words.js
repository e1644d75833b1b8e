// --- Writing for people ------------------------------------------------------------------------------------------

function written(bytes, step, units) {
  let unit = 0;
  let value = Math.abs(bytes);
  // The rounded value decides, so that 999,995 bytes are 1.00 MB.
  while (unit < units.length - 1 && value >= step - (unit > 0 ? 0.005 : 0)) { value /= step; unit += 1; }
  return (bytes < 0 ? "-" : "") + (unit === 0 ? value : value.toFixed(2)) + " " + units[unit];
}
const decimal = (bytes) => written(bytes, 1000, ["B", "kB", "MB", "GB", "TB"]);
const binary = (bytes) => written(bytes, 1024, ["B", "KiB", "MiB", "GiB", "TiB"]);
const figure = (value) => (Number(value) === 0 ? "0" : String(Number(Number(value).toPrecision(5))));
const signed = (value, text) => (value > 0 ? "+" : "") + text;
// A change as a share of what was; the difference is taken first, so that a small one keeps its digits.
function percent(to, from) {
  if (!(from > 0) || to === from) return "nothing";
  const share = (to - from) / from * 100;
  return signed(share, Math.abs(share) < 9.95 ? String(Number(share.toPrecision(2))) : share.toFixed(0)) + "\u00a0%";
}
const counted = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

// The unit for sizes along an axis and in the budget's field: the largest of which the largest plan has one.
const largest = points[points.length - 1].bytes;
const unit = [["GB", 9], ["MB", 6], ["kB", 3]].map(([name, digits]) => ({ name, digits, bytes: 10 ** digits }))
  .find((unit) => largest >= unit.bytes) ?? { name: "B", digits: 0, bytes: 1 };

// The shortest budget that selects a plan: its size, rounded up as far as the next plan stays out of reach.
function budgetOf(index) {
  const { bytes } = points[index];
  const next = points[index + 1]?.bytes ?? Infinity;
  for (let dropped = Math.max(0, unit.digits - 2); ; dropped -= 1) {
    const rounded = Math.ceil(bytes / 10 ** dropped) * 10 ** dropped;
    if (rounded < next || dropped === 0) return (rounded / unit.bytes).toFixed(unit.digits - dropped);
  }
}

// A text with escapes for characters that would turn a line around or stay unseen; joiners belong to words and pictures.
const visible = (text) => text.replace(
  /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
  (character) => `\\u{${character.codePointAt(0).toString(16)}}`);

// An element with text and children, lists of them too; text from files only ever becomes a text node.
function make(tag, attributes = {}, ...children) {
  const isDrawing = ["path", "circle", "text", "g", "title"].includes(tag);
  const element = isDrawing
    ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, typeof value === "string" ? visible(value) : value);
  }
  for (const child of children.flat()) element.append(typeof child === "string" ? visible(child) : child);
  return element;
}

