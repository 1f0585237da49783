// What is said about spreading news: sentences, and tables of numbers. `view` is a View of
// spread.js: the server's answer by nodes.
import { share } from "./colour.js";
import { el, superscript } from "./dom.js";

/** A number from 0 up in little room; 0 only where it is exactly 0. */
export function short(value) {
  if (value === 0) return "0";
  if (value >= 0.0995) return value.toFixed(2);
  if (value >= 0.00095) return value.toFixed(3);
  const [mantissa, exponent] = value.toExponential(0).split("e-");
  return `${mantissa}·10${superscript(-exponent)}`;
}

/** The background of a value: its root, so that little news can be seen as well. */
export const shade = (value) => share(Math.sqrt(value));

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

/** What a chosen node adds up in layer k, as a table. */
export function sumTable(view, node, k) {
  if (k === 0) return el("p", {}, `Layer 0 is the input: ${view.source.name} holds 1, all others 0. One layer on, ${node.name} adds up what it hears.`);
  const entries = view.entries.filter(({ to }) => to === node);
  const perHead = view.kind === "gat" && view.heads > 1;
  const heads = perHead ? Array.from({ length: view.heads }, (_, i) => i) : [];
  const sign = view.kind === "gcn" ? "Â" : perHead ? "mean α" : "α";
  const row = (entry) => {
    const { from, index } = entry;
    const before = view.news.get(from)[k - 1];
    const weight = view.weight(index, k);
    const how = view.kind === "gcn" ? el("span", { class: "how" }, `1/√(${view.degree(node)}·${view.degree(from)}) = `) : "";
    return el("tr", {},
      el("th", { scope: "row" }, from === node ? `${from.name}, itself` : from.name),
      ...heads.map((head) => numeric(short(view.weight(index, k, head)))),
      numeric(short(weight), null, how),
      numeric(short(before)),
      numeric(short(weight * before), shade(weight * before)));
  };
  const total = (head) => entries.reduce((sum, { index }) => sum + view.weight(index, k, head), 0);
  const sums = [...[...heads, "mean"].map((head) => numeric(short(total(head)))), numeric("")];
  const held = view.news.get(node)[k];
  const head = ["hears", ...heads.map((i) => `head ${i + 1}`), sign, "held before", "message"];
  return wide("The sum of one node", {}, view.kind === "gcn"
      ? "Â = 1/√(d d′), where d counts whom a node hears, itself included. Message = Â × what was held before."
      : "α is a softmax over those that the node hears, itself included: each head's add up to 1. Message = α × what was held before.",
    el("thead", {}, el("tr", {}, ...head.map((text, i) => el("th", { scope: "col", class: i ? "numeric" : null }, text)))),
    el("tbody", {}, ...entries.map(row),
      el("tr", { class: "sum" }, el("th", { scope: "row" }, "sum"), ...sums, numeric(short(held), shade(held)))));
}

/** What every node holds after every layer, as a table; `step` goes to a layer. */
export function heldTable(view, k, step) {
  const count = view.layers + 1;
  const columns = Array.from({ length: count }, (_, layer) => layer);
  const is = (layer) => (layer === k ? "now" : "");
  const head = columns.map((layer) => el("th", { scope: "col", class: `numeric ${is(layer)}` },
    el("button", { type: "button", class: "link", "aria-label": `go to layer ${layer}`, onclick: () => step(layer) }, String(layer))));
  const row = (node) => {
    const hops = view.hops.get(node);
    return el("tr", {},
      el("th", { scope: "row" }, node.name), numeric(hops === null ? "no way" : String(hops)),
      ...columns.map((layer) => {
        const value = view.news.get(node)[layer];
        const cell = numeric(short(value), shade(value));
        cell.className += ` ${is(layer)}${hops === layer ? " first" : ""}${value === 0 ? " zero" : ""}`;
        return cell;
      }),
      view.limit ? numeric(short(view.limit.get(node))) : null);
  };
  const alike = view.alike && el("tr", { class: "sum" },
    el("th", { scope: "row", colspan: "2" }, "how alike"),
    ...columns.map((layer) => numeric(cosine(view.alike[layer]))), view.limit ? numeric("") : null);
  return wide("News held by each node after each layer", { class: "held" }, "Framed: the first layer at which a node holds anything. It is the number of hops." +
      (view.limit ? " ∞ is what endlessly many layers would come to." : "") +
      (view.alike ? " How alike: the mean cosine between what two nodes are made of, 1 when all are made of the same mixture." : ""),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "node"), el("th", { scope: "col", class: "numeric" }, "hops"), ...head,
      view.limit ? el("th", { scope: "col", class: "numeric" }, "∞") : null)),
    el("tbody", {}, ...view.nodes.map(row), alike));
}

/** A matrix of view.nodes, as a table; `chosen`'s row stands out. */
export function matrixTable(view, values, { chosen, caption, isLoud }) {
  const row = (node, i) => el("tr", { class: node === chosen ? "now" : null },
    el("th", { scope: "row" }, node.name),
    ...values[i].map((value) => {
      const cell = numeric(Number.isInteger(value) ? String(value) : short(value), isLoud ? shade(value) : share(0.3 * value));
      if (value === 0) cell.className += " zero";
      return cell;
    }));
  return wide("Matrix, row by row", { class: "matrix" }, caption,
    el("thead", {}, el("tr", {}, el("td", {}), ...view.nodes.map((node) => el("th", { scope: "col", class: "numeric" }, node.name)))),
    el("tbody", {}, ...view.nodes.map(row)));
}

/** A table that is scrolled where it is too wide, under words that are not. */
function wide(label, given, caption, ...parts) {
  const table = el("table", { ...given, "aria-label": label }, ...parts);
  return el("div", {}, el("p", { class: "remark" }, caption), el("div", { class: "scroll" }, table));
}

/** A mean cosine: two digits, and more where these would say 1. */
function cosine(value) {
  if (value < 0.995) return value.toFixed(2);
  return value < 0.9995 ? value.toFixed(3) : "≈ 1";
}

function numeric(text, background, before = "") {
  const cell = el("td", { class: "numeric" }, before, text);
  if (background) cell.style.background = background;
  return cell;
}
