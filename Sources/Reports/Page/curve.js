// --- The curve -----------------------------------------------------------------------------------------------------

const frame = { left: 60, right: 780, top: 30, bottom: 335 };
const allSizes = [...points.map((p) => p.bytes), ...data.compared.map((p) => p.bytes)];
const allImpacts = [...points.map((p) => Number(p.impact)), ...data.compared.map((p) => p.impact)];
const most = (list) => list.reduce((left, right) => Math.max(left, right));
const range = { low: -most(allSizes.map((size) => -size)), high: most(allSizes), top: most(allImpacts) || 1 };
const x = (bytes) =>
  frame.left + (frame.right - frame.left) * (bytes - range.low) / Math.max(1, range.high - range.low);
const y = (impact) => frame.bottom - (frame.bottom - frame.top) * impact / range.top;

// Round numbers between two ends, each with as many digits as tell it from the next.
function marks(low, high, count) {
  const rough = (high - low) / count || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((f) => f * power).find((s) => s >= rough) || power;
  const digits = Math.min(20, Math.max(0, -Math.floor(Math.log10(step))));
  const result = [];
  for (let value = Math.ceil(low / step) * step; value <= high && result.length < 50; value += step) {
    result.push([value, step < 1e-6 ? String(Number(value.toPrecision(4))) : value.toFixed(digits)]);
  }
  return result;
}

const here = make("circle", { class: "here", r: 8 });
const there = make("path", { class: "there", d: "" });
const named = [];
(function drawCurve() {
  for (const [value, label] of marks(range.low / unit.bytes, range.high / unit.bytes, 8)) {
    const at = x(value * unit.bytes);
    $("curve").append(make("path", { class: "grid", d: `M${at} ${frame.top}V${frame.bottom}` }));
    $("curve").append(make("text", { x: at, y: 355, "text-anchor": "middle" }, label));
  }
  for (const [value, label] of marks(0, range.top, 5)) {
    $("curve").append(make("path", { class: "grid", d: `M${frame.left} ${y(value)}H${frame.right}` }));
    $("curve").append(make("text", { x: 52, y: y(value) + 4, "text-anchor": "end" }, label));
  }
  $("curve").append(make("text", { x: 420, y: 376, "text-anchor": "middle" }, `Size in ${unit.name}; impact upwards`));
  const path = points.map((p, i) => (i ? `H${x(p.bytes).toFixed(1)}V` : `M${x(p.bytes).toFixed(1)} `) + y(p.impact).toFixed(1));
  $("curve").append(make("path", { class: "line", d: path.join("") }));
  for (const knee of data.knees) {
    $("curve").append(make("circle", { class: "knee", r: 7, cx: x(points[knee].bytes), cy: y(points[knee].impact) },
      make("title", {}, "knee at " + decimal(points[knee].bytes))));
  }
  const shapes = { uniform: "m-5 -5l10 10m0 -10l-10 10", mix: "m0 -6l6 11h-12z", recipe: "m0 -7l7 7l-7 7l-7 -7z", file: "m-5 -5h10v10h-10z" };
  for (const plan of data.compared) {
    const [px, py] = [x(plan.bytes), y(plan.impact)];
    const shape = `M${px} ${py}${shapes[plan.kind]}`;
    $("curve").append(make("path", { class: "mark", d: shape }));
    const name = make("text", { class: "name" }, plan.name + (plan.exceptions ? "*" : "") + (plan.keeps ? "" : " (not allowed)"));
    $("curve").append(name);
    named.push({ name, px, py });
  }
  $("curve").append(there, here);
})();

// Puts every mark's name at the nearest place where it covers neither another name nor a mark.
function placeNames() {
  const taken = named.map(({ px, py }) => ({ left: px - 6, top: py - 6, right: px + 6, bottom: py + 6 }));
  const isFree = (box) => box.left >= frame.left && box.right <= 800 && box.top >= 0 && box.bottom <= frame.bottom
    && taken.every((other) => box.left >= other.right || other.left >= box.right || box.top >= other.bottom || other.top >= box.bottom);
  for (const { name, px, py } of named) {
    const { width, height } = name.getBBox();
    const boxes = [];
    for (let shift = 0; shift < 12 * height; shift += height || Infinity) {
      for (const left of [px + 9, px - 9 - width]) {
        for (const top of [py - height - 2 - shift, py + 2 + shift]) {
          boxes.push({ left, top, right: left + width, bottom: top + height });
        }
      }
    }
    const box = boxes.find(isFree) ?? boxes[0] ?? { left: px + 9, top: py };
    taken.push(box);
    name.setAttribute("x", box.left);
    name.setAttribute("y", box.top + height * 0.8);
  }
}
placeNames();
// Letters are larger on a phone.
addEventListener("resize", placeNames);

