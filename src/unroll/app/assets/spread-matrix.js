// The matrices of the graph: whom a node hears, how loudly, and what k layers come to.
import { byId, el, swap } from "./dom.js";
import { matrixTable } from "./spread-tables.js";

const LARGEST = 16;
const SIGNS = {
  gcn: { tilde: "Ã", weights: "Â", product: "Âᵏ" },
  gat: { tilde: "Ã", weights: "α", product: "product" },
};

/** Show the matrix `name` ("tilde", "weights" or "product") after k layers. */
export function showMatrix(view, { k, chosen, name }) {
  offer(view.kind, name);
  const values = view.matrix(name, k);
  byId("matrices").hidden = values === null;
  const caption = captions(view, k)[name];
  swap(
    byId("matrix"),
    values
      ? matrixTable(view, values, { chosen, caption, isLoud: name !== "tilde" })
      : el("p", { class: "remark" }, `The matrix of more than ${LARGEST} nodes is not shown.`),
  );
}

function captions({ kind, source }, k) {
  const made = `row i is what node i is made of after k = ${k} layers, and the column of ${source.name} is its news.`;
  return {
    tilde: "Ã = A + I: 1 in row i where node i hears the node of the column, itself included.",
    weights: kind === "gcn"
      ? "Â, the same in every layer: how loudly node i hears the node of the column."
      : `α in layer ${Math.max(k, 1)}, the mean of the heads: each row adds up to 1.`,
    product: kind === "gcn" ? `Â to the power k: ${made}` : `The product of the α of all layers so far: ${made}`,
  };
}

function offer(kind, chosen) {
  const choice = byId("matrices");
  if (choice.dataset.kind === kind) return;
  choice.dataset.kind = kind;
  const radio = (value) => el("input", { type: "radio", name: "matrix", value, checked: value === chosen });
  const labels = Object.entries(SIGNS[kind]).map(([value, text]) => el("label", {}, radio(value), el("span", {}, text)));
  choice.replaceChildren(choice.firstElementChild, ...labels);
}
