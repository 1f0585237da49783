// The graph as lists: what can be chosen as a source, and a way to draw without a pointer.
import { byId, fillSelect } from "./dom.js";

/** Show nodes and edges where they are chosen by name. */
export function showLists(graph, source) {
  const { nodes, edges } = graph;
  const [from, to, node] = ["from", "to", "node"].map((id) => graph.named(byId(id).value));
  offer("source", nodes, source);
  offer("from", nodes, from ?? nodes[0]);
  offer("to", nodes, to ?? nodes[1]);
  offer("node", nodes, node ?? nodes.at(-1));
  byId("sign").textContent = graph.isDirected ? "→" : "–";
  fillSelect(byId("edge"), edges.map((edge) => [ends(edge), graph.edgeName(edge)]), ends(chosenEdge(graph)));
  byId("edge-row").hidden = edges.length === 0;
  byId("turn").hidden = !graph.isDirected;
  byId("join").disabled = nodes.length < 2;
  byId("remove").disabled = nodes.length === 0;
}

/** The edge that is chosen in the list: the last one where that is not there any more. */
export function chosenEdge(graph) {
  return graph.edges.find((edge) => ends(edge) === byId("edge").value) ?? graph.edges.at(-1);
}

const ends = (edge) => (edge ? edge.from.name + edge.to.name : "");

function offer(id, nodes, chosen) {
  fillSelect(byId(id), nodes.map(({ name }) => [name, name]), chosen?.name ?? "");
  byId(id).disabled = nodes.length === 0;
}
