// The hidden state and the gates over time, a heat map each, with one cursor.
import { legend } from "./colour.js";
import { byId, bytesOf, el, number } from "./dom.js";
import { heat } from "./heat.js";

const NAMES = {
  h: "hidden state h", c: "cell state c", i: "input gate i", f: "forget gate f", o: "output gate o",
  g: "input modulation g", r: "reset gate r", z: "update gate z", n: "candidate n",
};
const FIRST = { lstm: ["f", "c"], gru: ["z", "r"] };

export class Maps {
  /** `onPoint(t, part)` hears where the reader is, and in which map. */
  constructor(onPoint) {
    this.onPoint = onPoint;
    this.maps = new Map();
    this.scales = new Map();
    this.chosen = new Set();
    this.known = "";
  }

  show(answer) {
    this.answer = answer;
    const parts = Object.keys(answer.parts);
    if (parts.join() !== this.known) this.lay(parts);
    for (const [part, map] of this.maps) {
      map.show(this.options(part));
      this.scales.get(part).replaceChildren(this.scale(part));
    }
    const shown = answer.drawn_units.length;
    const which = shown < answer.units ? `The ${number(shown)} of ${number(answer.units)} units are drawn` : "Units are in order";
    byId("drawn").textContent =
      `${which}: at the top those whose h at the last step tells most of the first digit (its share of their variance, ` +
      `over 500 palindromes of ${number(answer.ordered_at)} digits).${answer.thinned ? ` Of so long a sequence ${answer.thinned}.` : ""}`;
  }

  /** Make the maps anew: the network has other parts than the one before. */
  lay(parts) {
    this.known = parts.join();
    this.drop([...this.maps.keys()]);
    byId("maps").replaceChildren();
    const others = parts.filter((part) => part !== "h");
    const isWide = matchMedia("(min-width: 60rem)").matches;
    const few = parts.includes("f") ? FIRST.lstm : FIRST.gru;
    this.chosen = new Set(others.filter((part) => isWide || few.includes(part)));
    byId("parts").hidden = others.length === 0;
    byId("parts").replaceChildren(...others.map((part) => el("button", {
      "aria-pressed": String(this.chosen.has(part)), onclick: (event) => this.choose(part, event.currentTarget),
    }, NAMES[part])));
    byId("state-map").replaceChildren(this.made("h"));
    byId("maps").replaceChildren(...others.filter((part) => this.chosen.has(part)).map((part) => this.made(part)));
  }

  choose(part, button) {
    if (this.chosen.has(part)) this.chosen.delete(part);
    else this.chosen.add(part);
    button.setAttribute("aria-pressed", String(this.chosen.has(part)));
    this.drop([...this.maps.keys()].filter((one) => one !== "h"));
    const others = Object.keys(this.answer.parts).filter((one) => this.chosen.has(one));
    byId("maps").replaceChildren(...others.map((one) => this.made(one)));
  }

  drop(parts) {
    for (const part of parts) {
      this.maps.get(part).remove();
      this.maps.delete(part);
    }
  }

  made(part) {
    const place = el("div", {});
    const scale = el("div", {}, this.scale(part));
    this.scales.set(part, scale);
    this.maps.set(part, heat(place, this.options(part)));
    return el("figure", { class: "map" }, el("figcaption", {}, el("span", {}, NAMES[part]), scale), place);
  }

  scale(part) {
    const { kind, largest } = this.answer.parts[part];
    const places = largest > 1 ? 1 : 0;
    const ends = kind === "share" ? ["0", "1"] : [number(-largest, places), number(largest, places)];
    return legend(kind, ...ends, "drawing");
  }

  options(part) {
    const { kind, largest, values } = this.answer.parts[part];
    const { drawn_units: units, drawn_steps: steps, digits } = this.answer;
    const bytes = bytesOf(values);
    const value = (byte) => (kind === "share" ? byte / 254 : (largest * (byte - 127)) / 127);
    return {
      rows: units.length, columns: steps.length, values: bytes, kind, rowLabel: "unit", columnLabel: "step",
      height: part === "h" ? 200 : 130, label: NAMES[part],
      describe: (row, column) => {
        const t = steps[column];
        return `unit ${units[row] + 1}, t = ${t} (reads ${digits[t - 1]}): ${part} = ${number(value(bytes[row * steps.length + column]), 2)}`;
      },
      onpoint: (row, column) => this.onPoint(column === null ? null : steps[column], part),
    };
  }

  /** Mark step t in all maps but the one the reader is in. */
  point(t, from) {
    if (!this.answer) return;
    const column = t === null ? null : nearest(this.answer.drawn_steps, t);
    for (const [part, map] of this.maps) if (part !== from) map.point(null, column);
  }
}

function nearest(steps, t) {
  let best = 0;
  steps.forEach((step, i) => {
    if (Math.abs(step - t) < Math.abs(steps[best] - t)) best = i;
  });
  return best;
}
