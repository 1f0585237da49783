// Accuracy over T, as far as it has been measured.
import { number, svg } from "./dom.js";
import { LONGEST } from "./remember-digits.js";

const HEIGHT = 200;
const EDGE = { left: 40, right: 14, top: 12, bottom: 34 };
const TICKS = [2, 5, 10, 20, 50, 100, 200, 500, 1000];

export class Curve {
  /** `onChoose(length)` hears which of the measured lengths was clicked. */
  constructor(place, onChoose) {
    this.place = place;
    this.onChoose = onChoose;
    this.shown = null;
    new ResizeObserver(() => this.draw()).observe(place);
  }

  show(scores, network, current) {
    this.shown = { scores: [...scores.values()].sort((a, b) => a.length - b.length), network, current };
    this.draw();
  }

  draw() {
    this.width = this.place.clientWidth;
    if (!this.shown || !this.width) return;
    const { scores, network, current } = this.shown;
    const drawing = svg("svg", {
      class: "chart curve", width: this.width, height: HEIGHT, role: "img", "aria-label": words(this.shown),
    }, ...this.axes(), ...this.marks(scores, network, current), ...this.names(network));
    this.place.replaceChildren(drawing);
  }

  x(length) {
    const part = Math.log(length / 2) / Math.log(LONGEST / 2);
    return EDGE.left + part * (this.width - EDGE.left - EDGE.right);
  }

  y(share) {
    return EDGE.top + (1 - share) * (HEIGHT - EDGE.top - EDGE.bottom);
  }

  axes() {
    const right = this.width - EDGE.right;
    const level = (share, kind) => svg("line", { class: kind, x1: EDGE.left, x2: right, y1: this.y(share), y2: this.y(share) });
    const ticks = TICKS.filter((T) => this.width > 480 || ![5, 50, 500].includes(T));
    return [
      level(1, "grid"), level(0.5, "grid"), level(0, "axis"), level(0.1, "chance"),
      ...[0, 0.5, 1].map((share) => svg("text", { x: EDGE.left - 6, y: this.y(share) + 4, "text-anchor": "end" }, `${100 * share}%`)),
      ...ticks.map((T) => svg("text", { x: this.x(T), y: HEIGHT - 18, "text-anchor": "middle" }, number(T))),
      svg("text", { x: right, y: HEIGHT - 2, "text-anchor": "end" }, "T, digits"),
    ];
  }

  names({ trained_length: length }) {
    const chance = svg("text", { x: EDGE.left + 4, y: this.y(0.1) - 4 }, "chance");
    if (length > LONGEST) return [chance];
    const x = this.x(length);
    const isLeft = x < this.width / 2;
    return [
      chance,
      svg("line", { class: "trained", x1: x, x2: x, y1: this.y(1), y2: this.y(0) }),
      svg("text", { x: x + (isLeft ? 5 : -5), y: this.y(0.7), "text-anchor": isLeft ? "start" : "end" }, `trained at T = ${number(length)}`),
    ];
  }

  marks(scores, network, current) {
    const colour = `cell-${network.cell}`;
    const points = scores.map(({ length, accuracy }) => `${this.x(length).toFixed(1)},${this.y(accuracy).toFixed(1)}`);
    return [
      // Faint: between two lengths that were measured, nothing is known.
      svg("polyline", { class: `line ${colour} between`, points: points.join(" ") }),
      ...scores.map((score) => svg("line", {
        class: `line ${colour} thin`, x1: this.x(score.length), x2: this.x(score.length), y1: this.y(score.low), y2: this.y(score.high),
      })),
      ...scores.map((score) => svg("circle", {
        class: `dot ${colour}${score.length === current ? " current" : ""}`,
        cx: this.x(score.length), cy: this.y(score.accuracy), r: score.length === current ? 6 : 4,
        onclick: () => this.onChoose(score.length),
      }, svg("title", {}, `T = ${number(score.length)}: ${told(score)}`))),
    ];
  }
}

const told = ({ accuracy, right, of }) => `${number(100 * accuracy, 1)}% (${right} of ${of})`;

function words({ scores, network }) {
  const list = scores.map((score) => `T = ${score.length}: ${told(score)}`).join("; ");
  return `Accuracy over T; trained at T = ${network.trained_length}; chance is 10%. ${list || "Nothing is measured yet."}`;
}
