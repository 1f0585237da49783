// The tables of numbers below the drawing. `view` is a View of spread-view.js.
import { share } from "./colour.js";
import { el } from "./dom.js";
import { cosine, shade, short } from "./spread-words.js";

/** What a chosen node adds up in layer k, as a table; at layer 0 with places kept for what comes. */
export function sumTable(view, node, k) {
  const entries = view.entries.filter(({ to }) => to === node);
  const perHead = view.kind === "gat" && view.heads > 1;
  const heads = perHead ? Array.from({ length: view.heads }, (_, i) => i) : [];
  const sign = view.kind === "gcn" ? "Â" : perHead ? "mean α" : "α";
  const row = (entry) => {
    const { from, index } = entry;
    const before = view.news.get(from)[k - 1]; // undefined at layer 0
    const weight = view.weight(index, k);
    const how = view.kind === "gcn" ? el("span", { class: "how" }, `1/√(${view.degree(node)}·${view.degree(from)}) = `) : "";
    return el("tr", {},
      el("th", { scope: "row" }, from === node ? `${from.name}, itself` : from.name),
      ...heads.map((head) => numeric(short(view.weight(index, k, head)))),
      numeric(short(weight), null, how),
      ...(k === 0 ? [numeric("–"), numeric("–")] : [numeric(short(before)), numeric(short(weight * before), shade(weight * before, view.most))]));
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
      el("tr", { class: "sum" }, el("th", { scope: "row" }, k === 0 ? "input" : "sum"), ...sums, numeric(short(held), shade(held, view.most)))));
}

/** What every node holds after every layer, as a table; `step` goes to a layer. */
export function heldTable(view, k, step) {
  const count = view.layers + 1;
  const columns = Array.from({ length: count }, (_, layer) => layer);
  const is = (layer) => (layer === k ? "now" : "");
  const head = columns.map((layer) => el("th", { scope: "col", class: `numeric ${is(layer)}` },
    el("button", { type: "button", class: "link to", "aria-label": `go to layer ${layer}`, onclick: () => step(layer) }, String(layer))));
  const row = (node) => {
    const hops = view.hops.get(node);
    return el("tr", {},
      el("th", { scope: "row" }, node.name), numeric(hops === null ? "no way" : String(hops)),
      ...columns.map((layer) => {
        const value = view.news.get(node)[layer];
        const cell = numeric(short(value), shade(value, view.most));
        cell.className += ` ${is(layer)}${hops === layer ? " first" : ""}${value === 0 ? " zero" : ""}`;
        return cell;
      }),
      view.limit ? numeric(short(view.limit.get(node))) : null);
  };
  const alike = view.alike && el("tr", { class: "sum" },
    el("th", { scope: "row" }, "alike"), numeric(""),
    ...columns.map((layer) => numeric(cosine(view.alike[layer]))), view.limit ? numeric("") : null);
  return wide("News held by each node after each layer", { class: "held" }, "Framed: the first layer at which a node holds anything. It is the number of hops." +
      toldLimit(view) +
      (view.alike ? " Alike: the mean cosine between what two nodes are made of, 1 when all are made of the same mixture." : ""),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, "node"), el("th", { scope: "col", class: "numeric" }, "hops"), ...head,
      view.limit ? el("th", { scope: "col", class: "numeric" }, "∞") : null)),
    el("tbody", {}, ...view.nodes.map(row), alike));
}

function toldLimit({ limit, most }) {
  if (!limit) return " There is no column ∞: α is another in each layer.";
  const grown = " More than 1 can be held where edges go one way: Â is no average, its rows need not add up to 1.";
  return ` ∞ is what endlessly many layers would come to.${most > 1 ? grown : ""}`;
}

/** A matrix of view.nodes, as a table; `chosen`'s row stands out. */
export function matrixTable(view, values, { chosen, caption, isLoud }) {
  const row = (node, i) => el("tr", { class: node === chosen ? "now" : null },
    el("th", { scope: "row" }, node.name),
    ...values[i].map((value) => {
      const cell = numeric(Number.isInteger(value) ? String(value) : short(value), isLoud ? shade(value, view.most) : share(0.3 * value));
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

function numeric(text, background, before = "") {
  const cell = el("td", { class: "numeric" }, before, text);
  if (background) cell.style.background = background;
  return cell;
}
