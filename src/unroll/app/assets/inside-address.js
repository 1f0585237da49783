// The unit that the address names, and whether a network can have it.
import { remember, remembered } from "./chooser.js";

const PARTS = { rnn: ["h"], lstm: ["i", "f", "g", "o", "c", "h"], gru: ["r", "z", "n", "h"] };

/** Return the unit of the address, { layer, part, unit } counted from 1; null where it names none. */
export function readUnit() {
  const [layer, part, unit] = (remembered("unit") ?? "").split("-");
  if (!/^\d{1,3}$/.test(layer) || !/^\w{1,9}$/.test(part ?? "") || !/^\d{1,6}$/.test(unit ?? "")) return null;
  return { layer: Number(layer), part, unit: Number(unit) };
}

export function writeUnit({ layer, part, unit }) {
  remember("unit", `${layer}-${part}-${unit}`);
}

/** Return why a network has no such unit, in words; null where it may have. */
export function lackOf({ layer, part, unit }, { layers, hidden_size: most, cell }) {
  if (layer < 1 || layer > layers) return `Layer ${layer} of this address is not there: the network has ${layers}.`;
  // What a cell of another kind has, only its server knows.
  const parts = PARTS[cell];
  if (parts && !parts.includes(part)) return `Part ${part} of this address is not there: the network has ${parts.join(", ")}.`;
  if (parts && (unit < 1 || unit > most)) return `Unit ${unit} of this address is not there: the network has ${most}.`;
  return null;
}
