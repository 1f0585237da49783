// The unit that the address names, or the tab's last one of a network, and whether a network can have it.
import { inTab, keepInTab, remember, remembered } from "./address.js";

const PARTS = { rnn: ["h"], lstm: ["i", "f", "g", "o", "c", "h"], gru: ["r", "z", "n", "h"] };

/** Return the unit of the address, { layer, part, unit } counted from 1; null where it names none. */
export const readUnit = () => read(remembered("unit"));

/** Return the unit of a network that was last chosen in this tab; null for none. */
export const lastUnit = (run) => read(inTab(`unit of ${run}`));

function read(words) {
  const [layer, part, unit] = (words ?? "").split("-");
  if (!/^\d{1,3}$/.test(layer) || !/^\w{1,9}$/.test(part ?? "") || !/^\d{1,6}$/.test(unit ?? "")) return null;
  return { layer: Number(layer), part, unit: Number(unit) };
}

/** Keep a unit that the reader has chosen as the network's last one. */
export function keepUnit(run, place) {
  keepInTab(`unit of ${run}`, spelt(place));
}

const spelt = ({ layer, part, unit }) => `${layer}-${part}-${unit}`;

export function writeUnit(place) {
  remember("unit", spelt(place));
}

/** Take a unit that is not there out of the address. */
export const dropUnit = () => remember("unit", null);

/** Return why a network has no such unit, in words; null where it may have. */
export function lackOf({ layer, part, unit }, { layers, hidden_size: most, cell }) {
  if (layer < 1 || layer > layers) return `Layer ${layer} of this address is not there: the network has ${layers}.`;
  // What a cell of another kind has, only its server knows.
  const parts = PARTS[cell];
  if (parts && !parts.includes(part)) return `Part ${part} of this address is not there: the network has ${parts.join(", ")}.`;
  if (parts && (unit < 1 || unit > most)) return `Unit ${unit} of this address is not there: the network has ${most}.`;
  return null;
}
