// How much gradient arrives at each step, on a logarithmic scale, with the digits that are read.
import { byId, number, superscript, svg } from "./dom.js";

const HEIGHT = 216;
const TOP = 36;
const BOTTOM = 26;
/** For the names of the levels; remember.css moves the map below by as much. */
const LEFT = 38;
const LEAST_FOR_DIGITS = 12;
const EACH_TICK = [1, 2, 5, 10, 20, 50, 100, 200, 500];

export class Influence {
  /** `onPoint(t)` hears where the reader is, and null when the pointer leaves. */
  constructor(place, onPoint) {
    this.place = place;
    this.onPoint = onPoint;
    this.answer = null;
    this.at = null;
    place.tabIndex = 0;
    place.setAttribute("role", "img");
    place.addEventListener("pointermove", (event) => this.pointed(event));
    place.addEventListener("pointerdown", (event) => this.pointed(event));
    place.addEventListener("pointerleave", () => onPoint(null));
    place.addEventListener("keydown", (event) => this.moved(event));
    // Read aloud only to who moves the cursor here: the maps speak for themselves.
    place.addEventListener("focus", () => byId("readout").setAttribute("aria-live", "polite"));
    place.addEventListener("blur", () => byId("readout").removeAttribute("aria-live"));
    new ResizeObserver(() => this.draw()).observe(place);
  }

  show(answer, cell) {
    this.answer = answer;
    this.cell = cell;
    this.steps = answer.digits.length - 1;
    byId("arrives").textContent = words(answer.influence);
    this.place.ariaLabel = `Norm of the gradient at each of ${this.steps} steps. ${words(answer.influence)} Arrow keys read it step by step.`;
    this.draw();
  }

  point(t) {
    this.at = t;
    const line = this.place.querySelector(".cursor");
    if (!line) return;
    line.setAttribute("visibility", t === null ? "hidden" : "visible");
    if (t === null) return;
    line.setAttribute("x", LEFT + (t - 1) * this.wide());
  }

  wide() {
    return (this.width - LEFT) / this.steps;
  }

  pointed(event) {
    const { left, width } = this.place.getBoundingClientRect();
    const t = Math.floor(((event.clientX - left - LEFT) / (width - LEFT)) * this.steps) + 1;
    this.onPoint(Math.max(1, Math.min(this.steps, t)));
  }

  moved(event) {
    const by = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity }[event.key];
    if (event.key === "Escape") this.onPoint(null);
    if (by === undefined || !this.answer || event.ctrlKey || event.altKey || event.metaKey) return;
    event.preventDefault();
    const from = this.at ?? (by < 0 ? this.steps + 1 : 0);
    this.onPoint(Math.max(1, Math.min(this.steps, from + by)));
  }

  draw() {
    this.width = this.place.clientWidth;
    if (!this.answer || !this.width) return;
    const parts = Object.entries(this.answer.influence.parts);
    const known = parts.flatMap(([, { log10 }]) => log10).filter((value) => value !== null);
    this.high = Math.ceil(Math.max(...known, -1));
    this.low = Math.min(Math.floor(Math.min(...known, this.high)), this.high - 4);
    const drawing = svg("svg", { class: "chart", width: this.width, height: HEIGHT, "aria-hidden": "true" },
      svg("rect", { class: "cursor", y: 0, height: HEIGHT - BOTTOM + 4, width: Math.max(1, this.wide()), visibility: "hidden" }),
      ...this.digits(), ...this.grid(), ...parts.flatMap(([part, arrival]) => this.curve(part, arrival)),
      ...this.names(), ...this.fallen(parts), ...this.axis());
    this.place.replaceChildren(drawing);
    this.point(this.at);
  }

  x(t) {
    return LEFT + (t - 0.5) * this.wide();
  }

  y(log10) {
    return TOP + ((this.high - log10) / (this.high - this.low)) * (HEIGHT - TOP - BOTTOM);
  }

  digits() {
    if (this.wide() < LEAST_FOR_DIGITS) return [];
    return this.answer.digits.slice(0, -1).map((digit, i) =>
      svg("text", { class: "read", x: this.x(i + 1), y: 14, "text-anchor": "middle" }, String(digit)));
  }

  levels() {
    const by = Math.ceil((this.high - this.low) / 5);
    const levels = [];
    for (let level = this.high; level >= this.low; level -= by) levels.push(level);
    return levels;
  }

  grid() {
    return this.levels().map((level) =>
      svg("line", { class: "grid", x1: LEFT, x2: this.width, y1: this.y(level), y2: this.y(level) }));
  }

  names() {
    return this.levels().map((level) =>
      svg("text", { class: "level", x: LEFT - 6, y: this.y(level) + 4, "text-anchor": "end" }, level === 0 ? "1" : "10",
        level === 0 ? null : svg("tspan", { dy: "-4", "font-size": "9" }, number(level))));
  }

  axis() {
    const y = HEIGHT - 8;
    return this.ticks().map((t) => {
      const isAtEdge = t === this.steps && t > 1 && this.wide() < 24;
      const place = isAtEdge ? { x: this.width, "text-anchor": "end" } : { x: this.x(t), "text-anchor": "middle" };
      return svg("text", { ...place, y }, t === 1 ? "t = 1" : number(t));
    });
  }

  /** Round steps at even distances, and both ends. */
  ticks() {
    const most = Math.min(12, this.width / 36);
    const each = EACH_TICK.find((step) => this.steps / step <= most) ?? EACH_TICK.at(-1);
    const round = Array.from({ length: Math.floor(this.steps / each) }, (_, i) => (i + 1) * each);
    const between = round.filter((t) => Math.min(t - 1, this.steps - t) >= 0.6 * each);
    return [...new Set([1, ...between, this.steps])];
  }

  curve(part, { log10 }) {
    const kind = `line cell-${this.cell}${part === "h" ? "" : " dashed"}`;
    const runs = [[]];
    log10.forEach((value, i) => {
      if (value === null) runs.push([]);
      else runs.at(-1).push(`${this.x(i + 1).toFixed(1)},${this.y(value).toFixed(1)}`);
    });
    const zeros = log10.flatMap((value, i) => (value === null ? [i + 1] : []));
    const bottom = HEIGHT - BOTTOM;
    return [
      ...runs.filter((run) => run.length > 1).map((run) => svg("polyline", { class: kind, points: run.join(" ") })),
      ...runs.filter((run) => run.length === 1).map(([place]) => svg("circle", { class: `dot cell-${this.cell}`, cx: place.split(",")[0], cy: place.split(",")[1], r: 3 })),
      zeros.length ? svg("rect", { class: "zero", x: LEFT + (zeros[0] - 1) * this.wide(), width: Math.max(1, (zeros.at(-1) - zeros[0] + 1) * this.wide()), y: bottom - 4, height: 4 }) : null,
    ];
  }

  fallen(parts) {
    return parts.flatMap(([part, { fallen_at: t }], i) => {
      if (t === null) return [];
      const x = LEFT + t * this.wide();
      const isLeft = x < LEFT + 150;
      return [
        svg("line", { class: "fallen", x1: x, x2: x, y1: TOP - 16, y2: HEIGHT - BOTTOM }),
        svg("text", { x: x + (isLeft ? 4 : -4), y: TOP - 6 + 14 * i, "text-anchor": isLeft ? "start" : "end" }, `${part}: < 1/1,000 of the end`),
      ];
    });
  }
}

function words({ parts, loss_nats: loss, fallen_below: below }) {
  const share = number(1 / below);
  const told = Object.entries(parts).map(([part, { fallen_at: t, underflowed, log10 }]) => {
    const end = `‖∂ℓ/∂${part}(t)‖`;
    const zeros = underflowed ? ` At ${number(underflowed)} of ${number(log10.length)} steps it underflowed: exactly 0.` : "";
    if (log10.at(-1) === null) return `${end} is exactly 0 at the end already.${zeros}`;
    if (t === null) return `${end} never falls below 1/${share} of its value at the end, all the way back to t = 1.${zeros}`;
    return `Going back from the end, ${end} first falls below 1/${share} of its value there at t = ${number(t)}.${zeros}`;
  });
  const style = parts.c ? " (h drawn full, c dashed)" : "";
  return `${told.join(" ")} One sequence, one answer${style}: ℓ = ${nats(loss)} nats.`;
}

function nats(loss) {
  if (loss >= 0.001 || loss === 0) return number(loss, 3);
  const power = Math.floor(Math.log10(loss));
  return scientific(loss / 10 ** power, power);
}

/** A number in powers of ten: its first digits, 1 to 10, and the power. */
export function scientific(digits, power) {
  if (digits >= 9.95) return scientific(digits / 10, power + 1);
  return `${number(digits, 1)} × 10${superscript(power)}`;
}
