// What is said about spreading news: sentences. `view` is a View of spread-view.js: the server's
// answer by nodes.
import { share } from "./colour.js";
import { superscript } from "./dom.js";

/** A number from 0 up in little room; 0 only where it is exactly 0. */
export function short(value) {
  if (value === 0) return "0";
  if (value >= 0.0995) return value.toFixed(2);
  if (value >= 0.00095) return value.toFixed(3);
  const [mantissa, exponent] = value.toExponential(0).split("e-");
  return `${mantissa}·10${superscript(-exponent)}`;
}

/** The background of a value, `most` the deepest: its root, so that little news can be seen as well. */
export const shade = (value, most = 1) => share(Math.sqrt(value / most));

const MOST_NAMED = 7;

export function listed(nodes) {
  const names = nodes.map((node) => node.name);
  if (names.length > MOST_NAMED) names.splice(MOST_NAMED - 1, Infinity, `${nodes.length - MOST_NAMED + 1} others`);
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

const layers = (count) => `${count} layer${count === 1 ? "" : "s"}`;

/** The sentence above the drawing. */
export function toldNews(view, k) {
  const { nodes, source } = view;
  if (k === 0) return `Before any layer only ${source.name} knows its own news.`;
  const when = (node) => view.hops.get(node);
  const fresh = nodes.filter((node) => when(node) === k);
  const later = nodes.filter((node) => when(node) !== null && when(node) > k);
  const never = nodes.filter((node) => when(node) === null);
  const reached = nodes.length - later.length - never.length;
  const parts = [`After ${layers(k)}, news of ${source.name} has reached ${reached} of ${nodes.length} nodes`];
  parts[0] += fresh.length ? `, ${listed(fresh)} just now.` : ".";
  if (later.length) parts.push(`Nothing at all, exactly 0, has come to ${listed(later)}.`);
  if (never.length) parts.push(`No way leads to ${listed(never)}.`);
  if (!later.length && !fresh.length && view.alike) {
    parts.push(`Further layers reach nobody new, they only mix: what two nodes are made of has a mean cosine of ${cosine(view.alike[k])}.`);
  }
  return parts.join(" ");
}

/** What one node is to those who do not see it. */
export function toldNode(view, node, k) {
  const hops = view.hops.get(node);
  if (hops === null) return `${node.name}: no way leads here from ${view.source.name}`;
  if (hops > k) return `${node.name}: hears first after ${layers(hops)}`;
  return `${node.name}: holds ${short(view.news.get(node)[k])} after ${layers(k)}`;
}

const CROWDED = "Numbers stand at the chosen node’s edges only: there are too many for all.";

/** What the numbers on edges are, and which are not shown. */
export function toldNumbers(view, k, head, { isCrowded, missing, isDirected }) {
  const layer = Math.max(k, 1);
  const whose = view.heads === 1 ? "" : head === "mean" ? ", the mean of the heads" : `, head ${Number(head) + 1}`;
  const what = view.kind === "gcn"
    ? "On the edges: Â, the same in every layer."
    : `On the edges: α of layer ${layer}${whose}${isDirected ? "" : ", next to the node that hears"}. Each layer has weights of its own.`;
  const left = missing ? ` ${missing === 1 ? "1 number has" : `${missing} numbers have`} no room.` : "";
  return `${what}${isCrowded ? ` ${CROWDED}` : ""}${left}`;
}

/** The words at the deep end of the colours. */
export const toldMost = (view) => `${view === null || view.most === 1 ? "1" : `${view.most.toFixed(2)}, the most here`} (colour by its square root)`;

/** A mean cosine, with as many digits everywhere. */
export const cosine = (value) => (value < 0.9995 ? value.toFixed(3) : "≈ 1");

/** What a click does. */
export const HINTS = {
  read: "Click a node to see what it adds up. Drag it, or press Shift and an arrow key, to move it.",
  draw: "Click an empty place for a node, one node and then another (or an empty place) for an edge, an edge to take it away. Delete removes the chosen node.",
  turn: " An edge goes from its first node to its second; Shift and a click turn it round.",
};

/** What is said while there are no numbers. */
export const UNKNOWN = {
  asked: "The numbers follow in a moment: the playground is just starting.",
  missed: "The numbers of this graph are missing. The next click on Play, ›, or a node asks for them again.",
  empty: "Nothing is drawn yet: click into the empty field for a node.",
};
