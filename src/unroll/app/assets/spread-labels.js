// Where an edge's number is written: on its line, or beside it where the line has no room.

const LETTER = 6.8; // px wide, at 12 px
const HIGH = 13;
const ASIDE = 13; // px from the line to the middle of a number beside it

/**
 * Return { placed, missing }: `wanted` as [{ text, x, y }] and how many found no room.
 *
 *   wanted   [{ text, line: { x, y, x2, y2 }, part }], `part` of the way along
 *   taken    [{ x, y, wide, high }], by their middles
 */
export function placeLabels(wanted, taken) {
  const boxes = [...taken];
  const placed = [];
  for (const one of wanted) {
    const size = boxOf(one.text);
    const place = places(one).find(([x, y]) => !boxes.some((box) => meets({ x, y, ...size }, box)));
    if (!place) continue;
    const [x, y] = place;
    boxes.push({ x, y, ...size });
    placed.push({ text: one.text, x, y });
  }
  return { placed, missing: wanted.length - placed.length };
}

/** The room that a text takes. */
export const boxOf = (text) => ({ wide: LETTER * text.length + 4, high: HIGH });

function places({ line: { x, y, x2, y2 }, part }) {
  const length = Math.hypot(x2 - x, y2 - y) || 1;
  const across = [-(y2 - y) / length, (x2 - x) / length];
  // What lies flat needs less distance from its line than what is crossed by it.
  const aside = ASIDE * (1 + 0.5 * Math.abs(across[0]));
  const at = (along, side) => [x + along * (x2 - x) + side * aside * across[0], y + along * (y2 - y) + side * aside * across[1]];
  const near = [0, -0.06, 0.06, -0.12, 0.12].map((off) => part + off);
  return [0, -1, 1, -1.75, 1.75].flatMap((side) => near.map((along) => at(along, side)));
}

function meets(one, other) {
  return Math.abs(one.x - other.x) < (one.wide + other.wide) / 2 && Math.abs(one.y - other.y) < (one.high + other.high) / 2;
}
