// The graph as lists: what can be chosen as a source, and a way to draw without a pointer.
import { byId, el, fillSelect, swap } from "./dom.js";

/** Show nodes and edges; `separate(edge)` and `removeNode(node)` take one away. */
export function showLists(graph, source, { separate, removeNode }) {
  const { nodes, edges } = graph;
  const [from, to] = ["from", "to"].map((id) => graph.named(byId(id).value));
  offer("source", nodes, source);
  offer("from", nodes, from ?? nodes[0]);
  offer("to", nodes, to ?? nodes[1]);
  byId("sign").textContent = graph.isDirected ? "→" : "–";
  swap(byId("edges"), ...edges.map((edge) => chip(graph.edgeName(edge), () => separate(edge))));
  swap(byId("nodes"), ...nodes.map((node) => chip(node.name, () => removeNode(node))));
}

function offer(id, nodes, chosen) {
  fillSelect(byId(id), nodes.map(({ name }) => [name, name]), chosen?.name ?? "");
}

function chip(text, remove) {
  const button = el("button", { type: "button", "aria-label": `remove ${text}`, onclick: remove }, `${text} ×`);
  return el("li", {}, button);
}
