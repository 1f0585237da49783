// All units of one part along a text, a row each; a click or Enter chooses one.
import { byId, number } from "./dom.js";
import { heat } from "./heat.js";

const ROW = 4; // px: as low as a row can be to be hit
const HEIGHTS = [280, 560]; // px, of the whole map

export class UnitMap {
  /** `chosen(unit)` hears of a unit that is chosen, `pointed(character)` where the reader points. */
  constructor({ chosen, pointed }) {
    this.chosen = chosen;
    this.pointed = pointed;
    this.map = null;
    this.picked = null; // the row under the cursor
  }

  show(activity, at, character) {
    byId("map-panel").hidden = !activity.hasAll;
    if (!activity.hasAll) return;
    this.activity = activity;
    this.unit = at.unit;
    const { part, layer, layers } = activity;
    const where = layers > 1 ? ` of layer ${layer}` : "";
    byId("map-title").textContent = `All ${number(part.units)} units of the ${part.title}${where}`;
    const [low, high] = HEIGHTS;
    const shown = {
      rows: part.units,
      columns: activity.characters.length,
      values: activity.picture(),
      kind: part.kind,
      label: byId("map-title").textContent,
      height: part.units * ROW > low ? Math.min(high, part.units * ROW) : undefined,
      marked: at.unit - 1,
    };
    if (!this.map) return this.make(shown);
    // A text of other characters has no place for a cursor of the one before.
    if (character === null) this.map.point(null, null);
    this.map.show(shown);
  }

  make(shown) {
    this.map = heat(byId("map"), {
      ...shown,
      rowLabel: "unit",
      columnLabel: "character",
      describe: (row, column) => this.describe(row, column),
      onpoint: (row, column) => {
        this.picked = row ?? this.picked;
        this.pointed(column);
      },
    });
    this.map.element.addEventListener("click", () => this.pick());
    // Arrow keys begin at the unit that is shown.
    this.map.element.addEventListener("focusin", (event) => {
      if (event.target.matches(":focus-visible")) this.map.point(this.unit - 1, this.character ?? 0);
    });
    this.map.element.addEventListener("keydown", (event) => event.key === "Enter" && this.pick());
  }

  describe(row, column) {
    const value = number(this.activity.valuesOf(row + 1)[column], 3);
    return `unit ${row + 1} at ${this.activity.nameOf(column)}: ${value}`;
  }

  /** Follow the text's cursor; null takes it away. */
  point(character) {
    this.character = character;
    this.map?.point(null, character);
  }

  /** Frame the unit that is shown. */
  mark({ unit }) {
    this.unit = unit;
    this.map?.mark(unit - 1);
  }

  pick() {
    if (this.picked !== null && this.picked < this.activity.part.units) this.chosen(this.picked + 1);
  }
}
