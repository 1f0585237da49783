// What all units of one part of a layer do along a text, as the server told it.
import { bytesOf } from "./dom.js";

const LEVELS = 65535;

export class Activity {
  constructor(answer) {
    this.characters = Array.from(answer.text);
    this.layers = answer.layers;
    this.parts = answer.parts;
    this.layer = answer.layer;
    this.part = answer.parts.find(({ name }) => name === answer.part);
    this.unit = answer.unit;
    this.features = answer.features;
    this.notes = answer.notes;
    this.values = answer.values;
    this.all = answer.all;
    this.hasAll = answer.all !== null;
    if (this.hasAll) this.levels = unpacked(answer.all.levels);
  }

  /** Whether a unit's values are here. */
  has({ layer, part, unit }) {
    if (layer !== this.layer || part !== this.part.name) return false;
    return unit === this.unit || (this.hasAll && unit <= this.part.units);
  }

  /** Return a unit's values, one a character. */
  valuesOf(unit) {
    if (unit === this.unit) return this.values;
    const T = this.characters.length;
    const low = this.all.lows[unit - 1];
    const spread = this.all.highs[unit - 1] - low;
    return Array.from(this.levels.subarray((unit - 1) * T, unit * T), (level) => low + (spread * level) / LEVELS);
  }

  /** Return the range of the colours: 0 to 1 for a gate, else as far from 0 as the unit goes. */
  scaleOf(values) {
    if (this.part.kind === "share") return { kind: "share", low: 0, high: 1, digits: 0 };
    const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0);
    const digits = most >= 10 ? 0 : most >= 0.1 || most === 0 ? 2 : 4;
    return { kind: "signed", low: -most, high: most, digits };
  }

  /** Return all units' values for a map, each signed row by its own largest size. */
  picture() {
    const T = this.characters.length;
    const picture = new Float32Array(this.part.units * T);
    for (let unit = 0; unit < this.part.units; unit += 1) {
      const low = this.all.lows[unit];
      const high = this.all.highs[unit];
      const most = this.part.kind === "share" ? 1 : Math.max(-low, high) || 1;
      for (let t = unit * T; t < (unit + 1) * T; t += 1) {
        picture[t] = (low + ((high - low) * this.levels[t]) / LEVELS) / most;
      }
    }
    return picture;
  }

  /** Return a character in words. */
  nameOf(place) {
    const character = this.characters[place];
    return { "\n": "a line end", " ": "a space", "\t": "a tab" }[character] ?? `“${character}”`;
  }
}

function unpacked(words) {
  const bytes = bytesOf(words);
  const view = new DataView(bytes.buffer);
  return Uint16Array.from({ length: bytes.length / 2 }, (_, n) => view.getUint16(2 * n, true));
}
