// A text coloured by a unit, and the unit's course below it, with one cursor for both.
import { share, signed } from "./colour.js";
import { el, number, svg } from "./dom.js";

const HEIGHT = 100;
const CLOSEST = 1.15; // px a character, below which several become one point
const APART = 3; // px between such points
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -20, PageUp: 20 };

export class Reading {
  constructor(text, strip, said, pointed) {
    this.text = text;
    this.strip = strip;
    this.said = said;
    this.pointed = pointed;
    this.cursor = null;
    this.curve = svg("polyline", { class: "curve" });
    this.zero = svg("line", { class: "zero", x1: "0" });
    this.marks = svg("path", { class: "marks" });
    this.line = svg("line", { class: "cursor", y1: "0", y2: String(HEIGHT), visibility: "hidden" });
    this.band = svg("path", { class: "band" });
    const drawn = [this.marks, this.zero, this.band, this.curve, this.line];
    this.drawing = svg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" }, ...drawn);
    this.high = el("span", { class: "high" });
    this.low = el("span", { class: "low" });
    this.means = el("p", { class: "means" });
    strip.append(this.drawing, this.high, this.low);
    strip.after(this.means);
    this.listen();
  }

  /** Take a text; the cursor stays where it is the same again, read with other weights. */
  read(activity) {
    const isSame = this.activity?.characters.join("") === activity.characters.join("");
    this.activity = activity;
    if (isSame) return;
    this.cursor = null;
    this.spans = activity.characters.map((character, n) =>
      character === "\n"
        ? el("span", { class: "end", data: { n } }, "↵\n")
        : el("span", { data: { n } }, character),
    );
    this.text.replaceChildren(...this.spans);
    this.drawing.setAttribute("viewBox", `0 0 ${activity.characters.length} ${HEIGHT}`);
    this.zero.setAttribute("x2", String(activity.characters.length));
    this.strip.ariaValueMax = String(activity.characters.length);
  }

  /** Colour the text by a unit, and mark where a feature is true. */
  colour(values, scale, name, followed) {
    Object.assign(this, { values, name });
    this.feature = this.activity.features.find((one) => one.name === followed?.name) ?? null;
    const colour = scale.kind === "share" ? share : (value) => signed(value / (scale.high || 1));
    const marked = this.feature && this.feature.name !== "line_position" ? this.feature.values : [];
    for (const [n, span] of this.spans.entries()) {
      span.style.setProperty("background", colour(values[n]));
      span.classList.toggle("on", marked[n] === 1);
    }
    this.scale = scale;
    this.draw();
    this.point(this.cursor);
  }

  draw() {
    const { scale } = this;
    const spread = scale.high - scale.low || 1;
    const height = (value) => (HEIGHT * (0.96 - (0.92 * (value - scale.low)) / spread)).toFixed(2);
    const each = joined(this.values.length, this.strip.clientWidth);
    const groups = each === 1 ? [] : grouped(this.values, each);
    // A step wide for each character, so that the curve stands where the cursor does.
    const points = groups.length ? groups.map(({ at, mean }) => [at, mean]) : this.values.map((value, n) => [n + 0.5, value]);
    this.curve.setAttribute("points", points.map(([at, value]) => `${at},${height(value)}`).join(" "));
    const edge = [...groups.map(({ at, most }) => [at, most]), ...groups.map(({ at, least }) => [at, least]).reverse()];
    this.band.setAttribute("d", edge.length ? `M${edge.map(([at, value]) => `${at} ${height(value)}`).join("L")}Z` : "");
    this.means.textContent = groups.length ? `The line is the mean of each ${each} characters, the shade goes from their lowest to their highest.` : "";
    for (const end of ["y1", "y2"]) this.zero.setAttribute(end, height(0));
    this.high.textContent = number(scale.high, scale.digits);
    this.low.textContent = number(scale.low, scale.digits);
    this.marks.setAttribute("d", this.feature ? bands(this.feature.values) : "");
  }

  /** Put the cursor at a character; null takes it away. */
  point(n) {
    if (this.cursor !== null) this.spans[this.cursor]?.classList.remove("here");
    this.cursor = n;
    this.line.setAttribute("visibility", n === null ? "hidden" : "visible");
    const words = n === null ? "" : this.describe(n);
    this.said.textContent = words || "Point at a character, or walk along the curve with the arrow keys.";
    this.strip.ariaValueNow = String((n ?? 0) + 1);
    this.strip.ariaValueText = words || "no character";
    if (n === null) return;
    this.spans[n].classList.add("here");
    for (const end of ["x1", "x2"]) this.line.setAttribute(end, String(n + 0.5));
  }

  describe(n) {
    const value = this.values[n];
    const small = value !== 0 && Math.abs(value) < 0.01;
    const said = [`${this.activity.nameOf(n)}: ${this.name} = ${number(value, small ? 5 : 3)}`];
    const features = this.feature ? [this.feature] : this.activity.features.filter((one) => one.name !== "line_position" && one.values[n]);
    for (const feature of features) said.push(held(feature, feature.values[n]));
    return said.join(" · ");
  }

  move(n) {
    this.point(n);
    this.pointed(n);
  }

  listen() {
    new ResizeObserver(() => this.values && this.draw()).observe(this.strip);
    const ofText = (event) => {
      const span = event.target.closest("span[data-n]");
      if (span && Number(span.dataset.n) !== this.cursor) this.move(Number(span.dataset.n));
    };
    // Not "pointerover": text that is scrolled below a pointer at rest is not pointed at.
    this.text.addEventListener("pointermove", ofText);
    this.text.addEventListener("pointerdown", ofText);
    const ofStrip = (event) => {
      if (!this.spans?.length) return;
      const { left, width } = this.strip.getBoundingClientRect();
      const n = Math.floor(((event.clientX - left) / width) * this.spans.length);
      this.move(Math.max(0, Math.min(this.spans.length - 1, n)));
    };
    this.strip.addEventListener("pointermove", ofStrip);
    this.strip.addEventListener("pointerdown", ofStrip);
    this.strip.tabIndex = 0;
    this.strip.role = "slider";
    this.strip.ariaLabel = "Character of the text";
    this.strip.ariaValueMin = "1";
    this.strip.addEventListener("keydown", (event) => this.press(event));
  }

  press(event) {
    if (!this.spans?.length || event.ctrlKey || event.altKey || event.metaKey) return;
    const last = this.spans.length - 1;
    const ends = { Home: 0, End: last };
    if (event.key in ends) this.move(ends[event.key]);
    else if (event.key in STEPS) {
      const from = this.cursor ?? (STEPS[event.key] > 0 ? -1 : last + 1);
      this.move(Math.max(0, Math.min(last, from + STEPS[event.key])));
    } else return;
    event.preventDefault();
    this.spans[this.cursor].scrollIntoView({ block: "nearest" });
  }
}

/** Return how many characters become one point, where a line for each would be a solid comb. */
const joined = (characters, width) => (characters <= width / CLOSEST ? 1 : Math.ceil((characters * APART) / Math.max(1, width)));

/** Return the middle, mean and ends of each so many values. */
function grouped(values, each) {
  return Array.from({ length: Math.ceil(values.length / each) }, (_, n) => {
    const some = values.slice(n * each, (n + 1) * each);
    const mean = some.reduce((sum, value) => sum + value, 0) / some.length;
    return { at: n * each + some.length / 2, mean, least: Math.min(...some), most: Math.max(...some) };
  });
}

function held({ name, title, values }, value) {
  if (name === "line_position") return `character ${number(value)} of its line`;
  if (value === null) return `${title}: not known`;
  return values.length && value ? title : `not: ${title}`;
}

/** Return bands at the foot of the strip where a feature is 1, or its course where it counts. */
function bands(values) {
  const most = values.reduce((largest, value) => Math.max(largest, value ?? 0), 0);
  if (most > 1) {
    return values.map((value, n) => `M${n} ${HEIGHT}v${((-0.3 * HEIGHT * value) / most).toFixed(2)}h1V${HEIGHT}z`).join("");
  }
  let path = "";
  for (let n = 0; n < values.length; n += 1) {
    const from = n;
    while (values[n] === 1) n += 1;
    if (n > from) path += `M${from} 0h${n - from}v${HEIGHT}h${from - n}z`;
  }
  return path;
}
